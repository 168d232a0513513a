"""Writes to users, roles and tokens; the API, the admin and the commands share them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import (
    AdminRequiredError,
    InvalidRoleError,
    TokenNameTakenError,
    UserAlreadyInRoleError,
    UserNotInRoleError,
)
from accounts.models import AuthToken, Permission, Role, User
from accounts.models.tokens import LAST_PART_LENGTH, token_digest

ADMIN_ROLE: Final = "admin"
_TOKEN_BYTES: Final = 32
"""Make a token of 43 characters (wire-api.md 4.1)."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its plain value, which exists nowhere else."""

    token: AuthToken
    plain: str


def issue_token(
    *,
    user: User,
    name: str = "",
    kind: AuthToken.Kind = AuthToken.Kind.PERSONAL,
    expires_at: datetime | None = None,
    bypass_two_factor: bool = False,
    plain: str | None = None,
) -> IssuedToken:
    """Make a token; the plain value is in the answer and can't be had again.

    Args:
        user: The owner.
        name: Tells the owner's personal access tokens apart.
        kind: A login token or a personal access token.
        expires_at: When it ends; `None` is never.
        bypass_two_factor: Whether it skips the second factor.
        plain: The value to use, for demonstrations; random if left out.

    Raises:
        TokenNameTakenError: The owner has a personal token of this name.
    """
    plain = plain or secrets.token_urlsafe(_TOKEN_BYTES)
    token = AuthToken(
        user=user,
        name=name,
        kind=kind,
        digest=token_digest(plain),
        last_part=plain[-LAST_PART_LENGTH:],
        expires_at=expires_at,
        bypass_two_factor=bypass_two_factor,
    )
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError:
        taken = AuthToken.objects.filter(user=user, name=name, kind=kind)
        if not taken.exists():
            raise
        msg = "A token with this name already exists"
        raise TokenNameTakenError(msg) from None
    return IssuedToken(token, plain)


@transaction.atomic
def grant_role(*, user: User, role: Role) -> None:
    """Give the role to the user.

    Raises:
        InvalidRoleError: The role counts inside rooms only.
        UserAlreadyInRoleError: The user holds it.
    """
    if role.scope != Role.Scope.USERS:
        msg = f"The role {role.name} counts inside rooms only"
        raise InvalidRoleError(msg)
    through = User.roles.through
    _row, is_new = through.objects.get_or_create(user_id=user.pk, role_id=role.pk)
    if not is_new:
        msg = "User already in role"
        raise UserAlreadyInRoleError(msg)


@transaction.atomic
def revoke_role(*, user: User, role: Role) -> None:
    """Take the role from the user.

    Raises:
        UserNotInRoleError: The user does not hold it.
        AdminRequiredError: The user is the last admin.
    """
    if role.public_id == ADMIN_ROLE:
        ensure_admin_without([user])
    through = User.roles.through
    deleted, _rows = through.objects.filter(user_id=user.pk, role_id=role.pk).delete()
    if not deleted:
        msg = "User is not in this role"
        raise UserNotInRoleError(msg)


@transaction.atomic
def set_roles(*, user: User, roles: Collection[Role]) -> None:
    """Make these the user's roles, and no others."""
    held = set(user.roles.all())
    for role in held - set(roles):
        revoke_role(user=user, role=role)
    for role in set(roles) - held:
        grant_role(user=user, role=role)


@transaction.atomic
def set_active(*, users: Iterable[User], is_active: bool) -> None:
    """Activate the users, or deactivate them and end their logins.

    Raises:
        AdminRequiredError: No active admin would be left.
    """
    users = list(users)
    if not is_active:
        ensure_admin_without(users)
        AuthToken.objects.filter(user__in=users, kind=AuthToken.Kind.LOGIN).delete()
    User.objects.filter(pk__in=[user.pk for user in users]).update(
        is_active=is_active, updated_at=timezone.now()
    )


@transaction.atomic
def set_password(*, user: User, password: str | None) -> None:
    """Set the password, or take it away; the user's logins end."""
    user.set_password(password)
    user.updated_at = timezone.now()
    user.save(update_fields=["password", "updated_at"])
    AuthToken.objects.filter(user=user, kind=AuthToken.Kind.LOGIN).delete()


@transaction.atomic
def delete_users(*, users: Iterable[User]) -> None:
    """Delete the users with their tokens; what they imported stays.

    Raises:
        AdminRequiredError: No active admin would be left.
    """
    users = list(users)
    ensure_admin_without(users)
    User.objects.filter(pk__in=[user.pk for user in users]).delete()


@transaction.atomic
def set_role_permissions(*, role: Role, names: Collection[str]) -> None:
    """Make these the role's permissions, and no others; acts on the next request."""
    held = set(role.permissions.values_list("name", flat=True))
    for permission in Permission.objects.filter(name__in=held ^ set(names)):
        if permission.name in held:
            permission.roles.remove(role)
        else:
            permission.roles.add(role)
        permission.updated_at = timezone.now()
        permission.save(update_fields=["updated_at"])


def ensure_admin_without(users: Iterable[User]) -> None:
    """Raise `AdminRequiredError` if nobody but these users administers the server.

    Call it in the transaction of the change: it holds the role's row until the end, so
    that two such changes at once can't both see the other's admin.
    """
    role = Role.objects.select_for_update().get(public_id=ADMIN_ROLE)
    going = {user.pk for user in users}
    admins = set(role.users.filter(is_active=True).values_list("pk", flat=True))
    if admins & going and not admins - going:
        msg = "You need to have at least one admin"
        raise AdminRequiredError(msg)
