"""Services that set passwords."""

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
    """Check a password with AUTH_PASSWORD_VALIDATORS.

    Raises:
        PasswordPolicyError: The password fails a validator.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordPolicyError(" ".join(error.messages)) from None


def set_first_password(*, user: User, password: str | None) -> None:
    """Set the password of an unsaved user; there are no logins to end."""
    user.set_password(password)


@transaction.atomic
def set_password(
    *, user: User, password: str | None, by: Author, session_key: str = ""
) -> None:
    """Set or remove the password and end the user's logins.

    Personal access tokens stay, because they don't depend on the password.

    Args:
        user: The user whose password changes.
        password: The new password; `None` disables logins with a password.
        by: The author of the change.
        session_key: The stored key of a browser session to keep.

    Raises:
        AdminRequiredError: No admin could log in afterwards.
        ActionNotAllowedError: The user holds a permission that the actor lacks.
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
