"""Endpoints of the caller's personal access tokens (wire-api.md 6.3)."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.api import wire
from accounts.api.callers import caller_of
from accounts.api.schema import tokens as schema
from accounts.api.second_factor import SecondFactorView
from accounts.errors import NotAuthorizedError, TokenNameRequiredError
from accounts.models import AuthToken
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.tokens import (
    issue_token,
    regenerate_token,
    remove_personal_token,
)
from config.api.envelope import success
from config.api.input.fields import Flag, Params, Text
from config.api.permissions import Access, demand
from config.api.views import ApiView


class TokenBody(Params):
    """Body with the name of a token."""

    token_name = Text(required=False)


class NewTokenBody(TokenBody):
    """Body of users.generatePersonalAccessToken."""

    bypass_two_factor = Flag(
        default=False,
        help_text="Whether calls with the token skip the second factor.",
    )
    login_token = Text(required=False, help_text="Accepted and ignored.")


class _TokenChangeView(SecondFactorView):
    """Base of the endpoints that change tokens.

    They check the permission inside the endpoint and return 400 without it, unlike
    other endpoints.
    """

    required_permission = Access.SIGNED_IN
    late_permissions = (PermissionName.CREATE_PERSONAL_ACCESS_TOKENS,)
    body_params = TokenBody
    method: ClassVar[str]
    """Rocket.Chat's name of the method, for error details."""

    def named_token(self, request: Request) -> str:
        """Check the permission and return the token's name."""
        refusal = NotAuthorizedError(details={"method": self.method})
        demand(request, PermissionName.CREATE_PERSONAL_ACCESS_TOKENS, refusal)
        name: str = self.body.get("token_name", "")
        if not name:
            raise TokenNameRequiredError
        return name


class GeneratePersonalAccessTokenView(_TokenChangeView):
    """POST users.generatePersonalAccessToken."""

    allows_idempotency_key = False  # the response is a secret
    body_params = NewTokenBody
    method = "personalAccessTokens:generateToken"

    @schema.describe_generate
    def post(self, request: Request) -> HttpResponse:
        """Create a token and return its value."""
        issued = issue_token(
            user=caller_of(request),
            name=self.named_token(request),
            bypass_two_factor=self.body["bypass_two_factor"],
            by=author_of(request),
        )
        return success({"token": issued.plain})


class RegeneratePersonalAccessTokenView(_TokenChangeView):
    """POST users.regeneratePersonalAccessToken."""

    allows_idempotency_key = False  # the response is a secret
    method = "personalAccessTokens:regenerateToken"

    @schema.describe_regenerate
    def post(self, request: Request) -> HttpResponse:
        """Replace the token's value and return the new one."""
        name = self.named_token(request)
        issued = regenerate_token(
            user=caller_of(request), name=name, by=author_of(request)
        )
        return success({"token": issued.plain})


class RemovePersonalAccessTokenView(_TokenChangeView):
    """POST users.removePersonalAccessToken."""

    method = "personalAccessTokens:removeToken"

    @schema.describe_remove
    def post(self, request: Request) -> HttpResponse:
        """Delete the token."""
        name = self.named_token(request)
        remove_personal_token(user=caller_of(request), name=name, by=author_of(request))
        return success()


class GetPersonalAccessTokensView(ApiView):
    """GET users.getPersonalAccessTokens."""

    required_permission = PermissionName.CREATE_PERSONAL_ACCESS_TOKENS

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return the caller's tokens without their values."""
        tokens = AuthToken.objects.personal_of(caller_of(request))
        return success({"tokens": [wire.personal_token(token) for token in tokens]})
