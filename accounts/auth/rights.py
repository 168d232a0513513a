"""Authorization rule for changes of users, roles and tokens.

Actors can't manage users who hold a permission that they don't hold themselves, and
can't grant such a permission. Permissions of ordinary roles count as held by all users.
Only holders of `assign-admin-role` and the command line may manage the role admin and
its holders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts.errors import ActionNotAllowedError
from accounts.models import Permission, Role, UnusedPermission, User
from accounts.permission_names import ORDINARY_ROLES, PermissionName
from accounts.services.activity import COMMAND_LINE, Author
from config.db.bulk import in_chunks

ADMIN_ROLE: Final = "admin"


@dataclass(frozen=True, slots=True)
class Rights:
    """The permissions that an actor may grant."""

    names: frozenset[str] | None
    """Permissions that count as held; `None` means all."""

    def missing_for_names(self, names: Iterable[str]) -> str | None:
        """Return the first permission that the actor lacks, if any."""
        return None if self.names is None else min({*names} - self.names, default=None)

    def missing_for_roles(self, roles: Iterable[Role]) -> tuple[Role, str] | None:
        """Return a role that the actor can't manage and the missing permission."""
        if self.names is None:
            return None
        by_key = {role.pk: role for role in roles}
        for role in by_key.values():
            if role.public_id == ADMIN_ROLE:
                return role, PermissionName.ASSIGN_ADMIN_ROLE
        permitted = Permission.roles.through.objects.filter(role__in=by_key)
        pairs = permitted.values_list("role_id", "permission__name")
        for key, name in pairs.order_by("permission__name"):
            if name not in self.names:
                return by_key[key], name
        return None

    def missing_for_users(self, users: Iterable[User]) -> tuple[User, str] | None:
        """Return a user whom the actor can't manage and the missing permission."""
        if self.names is None:
            return None
        lacking = [name for name in PermissionName if name not in self.names]
        for chunk in in_chunks(users):
            held = _held_beyond(lacking).filter(user__in=[user.pk for user in chunk])
            row = held.values_list(
                "user_id", "role__public_id", "role__permissions__name"
            ).first()
            if row is not None:
                key, role, name = row
                user = next(user for user in chunk if user.pk == key)
                is_admin = role == ADMIN_ROLE
                return user, PermissionName.ASSIGN_ADMIN_ROLE if is_admin else name
        return None

    def users_beyond(self, keys: Collection[int]) -> set[int]:
        """Return the users whom the actor can't manage, by key."""
        if self.names is None:
            return set()
        lacking = [name for name in PermissionName if name not in self.names]
        beyond: set[int] = set()
        for chunk in in_chunks(keys):
            held = _held_beyond(lacking).filter(user__in=chunk)
            beyond.update(held.values_list("user_id", flat=True))
        return beyond


def _held_beyond(lacking: Collection[str]) -> QuerySet[Any, Any]:
    """Return the condition for holders of the role admin or of these permissions."""
    return User.roles.through.objects.filter(
        Q(role__public_id=ADMIN_ROLE)
        | Q(role__scope=Role.Scope.USERS, role__permissions__name__in=lacking)
    )


def rights_of(by: Author) -> Rights:
    """Return the rights of an actor. An author without a user has none."""
    if by == COMMAND_LINE:
        return Rights(None)
    if by.user is None or not by.user.is_active:
        return Rights(frozenset())
    names = _names_held_by(by.user)
    if PermissionName.ASSIGN_ADMIN_ROLE in names:
        return Rights(None)
    return Rights(names | ordinary_permissions())


def _names_held_by(user: User) -> frozenset[str]:
    """Return the names of a user's current permissions."""
    return frozenset(Permission.objects.held_by(user.pk).values_list("name", flat=True))


def ordinary_permissions() -> frozenset[str]:
    """Return the permissions of ordinary roles, which every actor may grant."""
    ordinary = Permission.objects.filter(
        roles__public_id__in=ORDINARY_ROLES, roles__scope=Role.Scope.USERS
    )
    return frozenset(ordinary.values_list("name", flat=True))


def ensure_may_manage(users: Iterable[User], *, by: Author) -> None:
    """Check that an actor may change these users or act on their behalf.

    Users may always change themselves, within the limits of the page or endpoint.

    Raises:
        ActionNotAllowedError: A user holds a permission that the actor lacks.
    """
    others = [user for user in users if by.user is None or user.pk != by.user.pk]
    if others and (missing := rights_of(by).missing_for_users(others)):
        user, name = missing
        msg = f"You can't change {user}: you need the permission {name} yourself"
        raise ActionNotAllowedError(msg)


def ensure_may_grant(roles: Iterable[Role], *, by: Author) -> None:
    """Check that an actor may grant, revoke or change these roles.

    Raises:
        ActionNotAllowedError: A role has a permission that the actor lacks.
    """
    if missing := rights_of(by).missing_for_roles(roles):
        role, name = missing
        msg = f"You can't manage {role}: you need the permission {name} yourself"
        raise ActionNotAllowedError(msg)


def ensure_may_permit(names: Collection[str], *, by: Author) -> None:
    """Check that an actor may add these permissions to a role, or remove them.

    Permissions without effect follow the same rule: other programs may read them.

    Raises:
        ActionNotAllowedError: The actor lacks one of them.
    """
    unused = set(names).difference(PermissionName.values)
    used = set(names) - _grantable(unused, by=by)
    if name := rights_of(by).missing_for_names(used):
        msg = f"You can't grant or revoke {name}: you don't hold it yourself"
        raise ActionNotAllowedError(msg)


def _grantable(unused: Collection[str], *, by: Author) -> set[str]:
    """Return those of these permissions without effect that the actor may grant."""
    if not unused or by.user is None or not by.user.is_active:
        return set()
    held = UnusedPermission.objects.grantable_by(by.user.pk).filter(name__in=unused)
    return set(held.values_list("name", flat=True))
