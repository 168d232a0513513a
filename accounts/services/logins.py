"""Logging in: a password or a token against a login token (wire-api.md 6.1)."""

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
    """Somebody who is logged in now, and the token to show from here on."""

    user: User
    token: str


def log_in(
    request: Any, *, identity: dict[str, str], password_digest: str, code: str = ""
) -> Login:
    """Check a password, and the code if there is a second factor; start a login.

    Args:
        request: The HTTP request, for those who guard against guessing.
        identity: One of `username`, `email` and `public_id` with its value.
        password_digest: The password's SHA-256 in lower hex.
        code: The code of the second factor; empty if none was sent.

    Raises:
        LoginRefusedError: Nobody has this name and password.
        UserInactiveError: The password is right, and the account deactivated.
        SecondFactorRequiredError: The password is right, and a code is missing.
        SecondFactorInvalidError: The code is wrong.
        TooManyCodesError: Too many codes were wrong.
        TwoFactorSetupRequiredError: A role demands a second factor, and there is none.
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
    """Check the code of a user with a second factor; return whether there is one.

    Raises:
        SecondFactorRequiredError: The code is missing.
        SecondFactorInvalidError: The code is wrong.
        TooManyCodesError: Too many codes were wrong.
        TwoFactorSetupRequiredError: A role demands a second factor, and there is none.
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
    """Tell whether this is the SHA-256 of the user's password; guessing is counted."""
    return (
        authenticate(request, username=user.username, password_digest=password_digest)
        is not None
    )


def resume(request: Any, plain: str) -> Login:
    """Go on with a token that was given earlier; it stays the same.

    Raises:
        LoginRefusedError: There is no such token, or it does not work here or any more.
        UserInactiveError: The token is good, and the account deactivated.
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
    """Let an account log in again after too many failures; log who did it.

    Returns:
        Whether anything kept it out.

    Raises:
        ActionNotAllowedError: The account holds more than the actor, who could have its
            password guessed without a limit.
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
