"""Writes to roles and to who holds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.errors import (
    AdminRequiredError,
    InvalidRoleError,
    UserAlreadyInRoleError,
    UserNotInRoleError,
)
from accounts.models import Permission, Role, User

ADMIN_ROLE: Final = "admin"


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
