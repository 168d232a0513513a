"""Services of the API login with a password or token (wire-api.md 6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, user_logged_in
from django.utils import timezone

from accounts.auth.lockouts import UNKNOWN_ACCOUNT, find_account, forget_failed_logins
from accounts.auth.networks import is_within
from accounts.auth.rights import ensure_may_manage
from accounts.auth.two_factor import check_code, two_factor_state
from accounts.errors import (
    LoginRefusedError,
    SecondFactorRequiredError,
    TwoFactorSetupRequiredError,
    UserInactiveError,
)
from accounts.models import ActivityEntry, AuthToken, User
from accounts.models.tokens import token_digest
from accounts.services.activity import Author, record_event
from accounts.services.tokens import issue_token
from config.http.client_addresses import client_address


@dataclass(frozen=True, slots=True)
class Login:
    """A user who has logged in, and the plain login token."""

    user: User
    token: str


def log_in(
    request: Any, *, identity: dict[str, str], password_digest: str, code: str = ""
) -> Login:
    """Check the password and the second factor, and issue a login token.

    Args:
        request: The HTTP request, for the limits on failed logins.
        identity: One of `username`, `email` and `public_id` with its value.
        password_digest: The password's SHA-256 in lower-case hex.
        code: The code of the second factor; empty if none was sent.

    Raises:
        LoginRefusedError: The name or password is wrong.
        UserInactiveError: The password is right, but the user is deactivated.
        SecondFactorRequiredError: The password is right, but a code is missing.
        SecondFactorInvalidError: The code is wrong.
        TooManyCodesError: There were too many wrong codes.
        TwoFactorSetupRequiredError: A role requires a second factor; there is none.
    """
    user = authenticate(request, password_digest=password_digest, **identity)
    if not isinstance(user, User):
        raise LoginRefusedError
    if not user.is_active:
        raise UserInactiveError
    has_code = demand_second_factor(request, user, code)
    user_logged_in.send(sender=User, request=request, user=user, second_factor=has_code)
    issued = issue_token(
        user=user,
        kind=AuthToken.Kind.LOGIN,
        expires_at=timezone.now() + timedelta(days=settings.LOGIN_LIFETIME_DAYS),
        by=Author(user, client_address(request)),
    )
    return Login(user, issued.plain)


def demand_second_factor(request: Any, user: User, code: str) -> bool:
    """Check the user's second factor and return whether there is one.

    Raises:
        SecondFactorRequiredError: The code is missing.
        SecondFactorInvalidError: The code is wrong.
        TooManyCodesError: There were too many wrong codes.
        TwoFactorSetupRequiredError: A role requires a second factor; there is none.
    """
    state = two_factor_state(user)
    if state.needs_setup:
        raise TwoFactorSetupRequiredError
    if state.device is None:
        return False
    if not code:
        raise SecondFactorRequiredError
    check_code(request, user, state.device, code)
    return True


def confirm_password(request: Any, user: User, password_digest: str) -> bool:
    """Return whether the digest is of the user's password. Failures are counted."""
    return (
        authenticate(request, username=user.username, password_digest=password_digest)
        is not None
    )


def resume(request: Any, plain: str) -> Login:
    """Log in with an existing token, which stays the same.

    Raises:
        LoginRefusedError: The token is unknown, expired or not allowed from here.
        UserInactiveError: The token is valid, but the user is deactivated.
    """
    usable = AuthToken.objects.usable().select_related("user")
    token = usable.filter(digest=token_digest(plain)).first()
    if token is None or not _is_allowed_here(request, token):
        raise LoginRefusedError
    if not token.user.is_active:
        raise UserInactiveError
    return Login(token.user, plain)


def _is_allowed_here(request: Any, token: AuthToken) -> bool:
    return not token.networks or is_within(client_address(request), token.networks)


def unlock(username: str, *, by: Author) -> bool:
    """Unlock an account after too many failed logins, and log the action.

    Returns:
        Whether the account was locked or delayed.

    Raises:
        ActionNotAllowedError: The account has more permissions than the actor, who
            could otherwise allow its password to be guessed without a limit.
    """
    user = find_account(username=username)
    if user is not None:
        ensure_may_manage([user], by=by)
    if not forget_failed_logins(username):
        return False
    # A name that no account has may be a password that was typed in the wrong field.
    name = UNKNOWN_ACCOUNT if user is None else str(user)
    record_event(ActivityEntry.Action.UNLOCKED, ActivityEntry.Subject.USER, name, by=by)
    return True
