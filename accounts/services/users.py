"""Services that create, activate, deactivate and delete users."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.auth.rights import ensure_may_grant, ensure_may_manage
from accounts.errors import (
    BlockedUsernameError,
    FieldTakenError,
    InvalidEmailError,
    InvalidUsernameError,
)
from accounts.models import ActivityEntry, AuthToken, EmailAddress, Role, User
from accounts.services.activity import (
    Author,
    ChangedState,
    record_change,
    record_changes,
    record_ended_tokens,
    roles_of,
)
from accounts.services.ended_logins import log_out_everywhere
from accounts.services.passwords import ensure_good_password, set_first_password
from accounts.services.roles import ensure_admin_without, ensure_for_accounts
from config.db.bulk import in_chunks
from config.mail_addresses import is_address

USERNAME: Final = re.compile(r"[0-9A-Za-z._-]+")
_BLOCKED: Final = frozenset({"admin", "administrator", "all", "here", "system", "user"})
"""Rocket.Chat's reserved usernames: mentions of everyone, and names of the server."""


@transaction.atomic
def create_user(
    *,
    username: str,
    password: str | None,
    roles: Collection[Role],
    by: Author,
    email: str | None = None,
    email_verified: bool = False,
    **profile: Any,
) -> User:
    """Create a user.

    Args:
        username: Letters A to Z, digits, dots, hyphens and underscores.
        password: `None` for a user without a password.
        roles: The user's roles.
        by: The author of the change.
        email: The first e-mail address.
        email_verified: Whether the address is verified.
        profile: Additional fields of the user.

    Raises:
        InvalidUsernameError: The username has other characters.
        BlockedUsernameError: The username is reserved.
        InvalidRoleError: A role applies to single rooms only.
        InvalidEmailError: The address is not valid.
        PasswordPolicyError: The password fails a validator.
        FieldTakenError: Another user has the username or the address.
        ActionNotAllowedError: A role has a permission that the actor lacks.
    """
    if not USERNAME.fullmatch(username):
        msg = f"{username} is not a valid username"
        raise InvalidUsernameError(msg)
    if is_blocked(username):
        msg = f"{username} is blocked and can't be used!"
        raise BlockedUsernameError(msg)
    ensure_for_accounts(roles)
    ensure_may_grant(roles, by=by)
    user = User(username=username, **profile)
    if password is not None:
        ensure_good_password(password, user)
    set_first_password(user=user, password=password)
    _save(user, username)
    if email is not None:
        _check_email(email)
        address = EmailAddress(user=user, address=email, verified=email_verified)
        _save(address, email)
    user.roles.set(roles)
    record_change(
        ActivityEntry.Subject.USER, username, by=by, before=None, after=roles_of(user)
    )
    return user


@transaction.atomic
def set_active(*, users: Iterable[User], is_active: bool, by: Author) -> None:
    """Activate users, or deactivate them and end their logins.

    Raises:
        AdminRequiredError: No active admin would be left.
        ActionNotAllowedError: A user holds a permission that the actor lacks.
    """
    users = list(users)
    ensure_may_manage(users, by=by)
    if not is_active:
        ensure_admin_without(users)
        log_out_everywhere(users=users, by=by)
    for pks in in_chunks(user.pk for user in users):
        rows = User.objects.filter(pk__in=pks)
        record_changes(
            [
                ChangedState(
                    ActivityEntry.Subject.USER,
                    str(user),
                    {"active": user.is_active},
                    {"active": is_active},
                )
                for user in rows
            ],
            by=by,
        )
        rows.update(is_active=is_active, updated_at=timezone.now())


@transaction.atomic
def delete_users(*, users: Iterable[User], by: Author) -> None:
    """Delete users and their tokens. Content that they imported stays.

    Raises:
        AdminRequiredError: No active admin would be left.
        ActionNotAllowedError: A user holds a permission that the actor lacks.
    """
    users = list(users)
    ensure_may_manage(users, by=by)
    ensure_admin_without(users)
    tokens = AuthToken.objects.select_related("user")
    for pks in in_chunks(user.pk for user in users):
        record_ended_tokens(tokens.filter(user__in=pks), by=by)
    for user in users:
        record_change(
            ActivityEntry.Subject.USER,
            str(user),
            by=by,
            before=roles_of(user),
            after=None,
        )
    for pks in in_chunks(user.pk for user in users):
        User.objects.filter(pk__in=pks).delete()


def is_blocked(username: str) -> bool:
    """Return whether a username is reserved, so that nobody may choose it.

    Imports and the command line may use reserved usernames.
    """
    return username.lower() in _BLOCKED


def _check_email(address: str) -> None:
    if not is_address(address):
        msg = f"Invalid email {address}"
        raise InvalidEmailError(msg)


def _save(row: User | EmailAddress, unique: str) -> None:
    """Insert a row, and report a conflict of its unique value."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        msg = f"{unique} is already in use :("
        raise FieldTakenError(msg) from None
