"""Passwords: the one place that sets them."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.auth.rights import ensure_may_manage
from accounts.errors import PasswordPolicyError
from accounts.models import ActivityEntry, User
from accounts.services.activity import Author, record_event
from accounts.services.ended_logins import log_out_everywhere
from accounts.services.roles import ensure_admin_without


def ensure_good_password(password: str, user: User) -> None:
    """Apply AUTH_PASSWORD_VALIDATORS.

    Raises:
        PasswordPolicyError: The password breaks a rule; the text says which.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordPolicyError(" ".join(error.messages)) from None


def set_first_password(*, user: User, password: str | None) -> None:
    """Give an unsaved user a password, or none: there is no login to end."""
    user.set_password(password)


@transaction.atomic
def set_password(
    *, user: User, password: str | None, by: Author, session_key: str = ""
) -> None:
    """Set the password, or take it away; the user's logins end.

    Personal access tokens stay: they don't come from the password, and programs use
    them.

    Args:
        user: Whose password it is.
        password: The new one; `None` leaves no way to log in with a password.
        by: Who does it.
        session_key: The stored key of the browser session that stays.

    Raises:
        AdminRequiredError: No admin could log in afterwards.
        ActionNotAllowedError: The user holds more than the actor.
    """
    ensure_may_manage([user], by=by)
    if password is None:
        ensure_admin_without([user])
    user.set_password(password)
    user.updated_at = timezone.now()
    user.save(update_fields=["password", "updated_at"])
    record_event(
        ActivityEntry.Action.PASSWORD_CHANGED,
        ActivityEntry.Subject.USER,
        str(user),
        by=by,
    )
    log_out_everywhere(users=[user], by=by, except_session=session_key)
