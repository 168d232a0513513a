"""Endpoints login, logout and me (wire-api.md 6.1)."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.api import wire
from accounts.api.callers import credentials_of
from accounts.api.login_bodies import (
    code_of,
    identity_of,
    password_digest_of,
    resume_token_of,
)
from accounts.api.schema import sessions as schema
from accounts.api.second_factor import TOTP_DETAILS
from accounts.auth.login_limits import begin_resume
from accounts.errors import (
    LoginRefusedError,
    SecondFactorInvalidError,
    SecondFactorRequiredError,
    TooManyAttemptsError,
    TooManyCodesError,
    TwoFactorSetupRequiredError,
    UserInactiveError,
)
from accounts.models import ActivityEntry, AuthToken, User
from accounts.services.activity import author_of, record_event
from accounts.services.logins import Login, log_in, resume
from accounts.services.tokens import end_tokens
from config.api.envelope import bare, success
from config.api.errors import TooManyRequestsError
from config.api.input.bodies import read_body
from config.api.permissions import Access
from config.api.views import ApiView
from config.api.wire import JSONDict
from config.errors import DomainError

_REFUSALS: Final = (
    LoginRefusedError,
    UserInactiveError,
    SecondFactorRequiredError,
    SecondFactorInvalidError,
    TwoFactorSetupRequiredError,
)


class LoginView(ApiView):
    """POST login: log in with a password or an existing token."""

    required_permission = Access.ANYBODY
    authentication_classes = ()

    @schema.describe_login
    def post(self, request: Request) -> HttpResponse:
        """Return the token and the profile, or 401 for every rejected login."""
        try:
            login = self._log_in(request)
        except (TooManyCodesError, TooManyAttemptsError) as error:
            raise TooManyRequestsError(error.wait_seconds) from error
        except _REFUSALS as error:
            return _refusal(error)
        data = {
            "userId": login.user.public_id,
            "authToken": login.token,
            "me": wire.own_profile(login.user, base_url(request)),
        }
        return bare({"status": "success", "data": data, "success": True})

    def _log_in(self, request: Request) -> Login:
        body: JSONDict = read_body(request)
        if token := resume_token_of(body):
            attempt = begin_resume(request)
            login = resume(request._request, token)
            attempt.succeed()
            return login
        identity = identity_of(body)
        digest = password_digest_of(body)
        if identity is None or digest is None:
            raise LoginRefusedError
        return log_in(
            request._request,
            identity=identity,
            password_digest=digest,
            code=code_of(body) or request.META.get("HTTP_X_2FA_CODE", ""),
        )


class LogoutView(ApiView):
    """POST or GET logout: end the token of this call only."""

    required_permission = Access.SIGNED_IN

    @schema.describe_logout
    def post(self, request: Request) -> HttpResponse:
        """End the token."""
        token_id = credentials_of(request).token_id
        author = author_of(request)
        end_tokens(AuthToken.objects.filter(pk=token_id), by=author)
        record_event(
            ActivityEntry.Action.LOGGED_OUT,
            ActivityEntry.Subject.USER,
            str(author.user),
            by=author,
            details={"through": "API"},
        )
        data = {"message": "You've been logged out!"}
        return bare({"status": "success", "data": data})

    @schema.describe_logout_by_get
    def get(self, request: Request) -> HttpResponse:
        """End the token, for clients that use GET."""
        return self.post(request)


class MeView(ApiView):
    """GET me: the caller's own profile."""

    required_permission = Access.SIGNED_IN

    @schema.describe_me
    def get(self, request: Request) -> HttpResponse:
        """Return the profile."""
        user = User.objects.get(pk=request.user.pk)
        return success(wire.own_profile(user, base_url(request)))


def _refusal(error: DomainError) -> HttpResponse:
    body = {"success": False, "status": "error", "error": error.code}
    if isinstance(error, SecondFactorRequiredError | SecondFactorInvalidError):
        body["details"] = TOTP_DETAILS
    return bare({**body, "message": error.message}, 401)


def base_url(request: Request) -> str:
    """Return the server's URL as seen by the caller, without a trailing slash."""
    return str(request.build_absolute_uri("/")).rstrip("/")
