"""No wider than the actor: the one rule for changes of users, roles and tokens.

Nobody may change, or act as, an account that holds a permission which they do not hold
themselves, nor give such a permission to anybody. What ordinary roles permit is
everybody's. The role admin is beyond everybody but holders of `assign-admin-role`, who
could take every right, and the operator at the server's command line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from accounts.errors import ActionNotAllowedError
from accounts.models import Permission, Role, User
from accounts.permission_names import ORDINARY_ROLES, PermissionName
from accounts.services.activity import COMMAND_LINE, Author
from config.db.bulk import in_chunks

ADMIN_ROLE: Final = "admin"


@dataclass(frozen=True, slots=True)
class Rights:
    """What an actor may pass on."""

    names: frozenset[str] | None
    """The permissions that count as held; `None` is every one."""

    def missing_for_names(self, names: Iterable[str]) -> str | None:
        """Return the first of these permissions that the actor lacks, if any."""
        return None if self.names is None else min({*names} - self.names, default=None)

    def missing_for_roles(self, roles: Iterable[Role]) -> tuple[Role, str] | None:
        """Return a role beyond the actor, and a permission that the actor lacks."""
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
        """Return a user beyond the actor, and a permission that the actor lacks."""
        if self.names is None:
            return None
        lacking = [name for name in PermissionName if name not in self.names]
        for chunk in in_chunks(users):
            held = User.roles.through.objects.filter(
                Q(role__public_id=ADMIN_ROLE)
                | Q(role__scope=Role.Scope.USERS, role__permissions__name__in=lacking),
                user__in=[user.pk for user in chunk],
            )
            row = held.values_list(
                "user_id", "role__public_id", "role__permissions__name"
            ).first()
            if row is not None:
                key, role, name = row
                user = next(user for user in chunk if user.pk == key)
                is_admin = role == ADMIN_ROLE
                return user, PermissionName.ASSIGN_ADMIN_ROLE if is_admin else name
        return None


def rights_of(by: Author) -> Rights:
    """Return what an actor may pass on; an author without an account holds nothing."""
    if by == COMMAND_LINE:
        return Rights(None)
    if by.user is None or not by.user.is_active:
        return Rights(frozenset())
    names = _names_held_by(by.user)
    if PermissionName.ASSIGN_ADMIN_ROLE in names:
        return Rights(None)
    return Rights(names | everybodys())


def _names_held_by(user: User) -> frozenset[str]:
    """Return the names of a user's permissions, as they are now."""
    return frozenset(Permission.objects.held_by(user.pk).values_list("name", flat=True))


def everybodys() -> frozenset[str]:
    """Return what ordinary roles permit, which any account may be given."""
    ordinary = Permission.objects.filter(
        roles__public_id__in=ORDINARY_ROLES, roles__scope=Role.Scope.USERS
    )
    return frozenset(ordinary.values_list("name", flat=True))


def ensure_may_manage(users: Iterable[User], *, by: Author) -> None:
    """Check that an actor may change these users, or act as one of them.

    Everybody may change themselves, as far as a page or endpoint lets them.

    Raises:
        ActionNotAllowedError: One of them holds more than the actor.
    """
    others = [user for user in users if by.user is None or user.pk != by.user.pk]
    if others and (beyond := rights_of(by).missing_for_users(others)):
        user, name = beyond
        msg = f"You may not change {user}: this needs your own permission {name}"
        raise ActionNotAllowedError(msg)


def ensure_may_give(roles: Iterable[Role], *, by: Author) -> None:
    """Check that an actor may give, take or change these roles.

    Raises:
        ActionNotAllowedError: One of them permits more than the actor holds.
    """
    if beyond := rights_of(by).missing_for_roles(roles):
        role, name = beyond
        msg = f"You may not manage {role}: this needs your own permission {name}"
        raise ActionNotAllowedError(msg)


def ensure_may_permit(names: Collection[str], *, by: Author) -> None:
    """Check that an actor may add these permissions to a role, or remove them.

    Raises:
        ActionNotAllowedError: The actor lacks one of them.
    """
    if name := rights_of(by).missing_for_names(names):
        msg = f"You may not grant or withdraw {name}: you do not hold it yourself"
        raise ActionNotAllowedError(msg)
