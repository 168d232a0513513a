"""Services that change permissions of roles. Changes take effect immediately."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from django.db import transaction
from django.utils import timezone

from accounts.auth.rights import (
    ADMIN_ROLE,
    ensure_may_grant,
    ensure_may_permit,
)
from accounts.errors import (
    ActionNotAllowedError,
    UnknownPermissionError,
    UnknownRoleError,
)
from accounts.models import ActivityEntry, Permission, Role, UnusedPermission
from accounts.permission_names import PermissionName
from accounts.services.activity import (
    Author,
    ChangedState,
    State,
    record_change,
    record_changes,
)

AnyPermission: TypeAlias = Permission | UnusedPermission


@transaction.atomic
def set_role_permissions(*, role: Role, names: Collection[str], by: Author) -> None:
    """Replace the permissions of a role.

    Raises:
        ActionNotAllowedError: The actor lacks a permission of the role or a changed
            one, or nobody could change roles afterwards.
    """
    ensure_may_grant([role], by=by)
    held = set(role.permissions.values_list("name", flat=True))
    ensure_may_permit(held ^ set(names), by=by)
    for permission in Permission.objects.filter(name__in=held ^ set(names)):
        if permission.name in held:
            permission.roles.remove(role)
        else:
            permission.roles.add(role)
        _touch(permission)
    _ensure_manageable()
    record_change(
        ActivityEntry.Subject.ROLE,
        role.name,
        by=by,
        before={"permissions": sorted(held)},
        after={"permissions": sorted(names)},
    )


@transaction.atomic
def set_permission_roles(*, lists: Mapping[str, Collection[str]], by: Author) -> None:
    """Replace the roles of permissions.

    Args:
        lists: Role IDs by permission name.
        by: The author of the change.

    Raises:
        UnknownPermissionError: There is no permission with a name.
        UnknownRoleError: There is no role with an ID.
        ActionNotAllowedError: The actor lacks a changed permission or one of an
            affected role, or nobody could change roles afterwards.
    """
    permissions = _lock(lists)
    roles = {role.public_id: role for role in Role.objects.all()}
    if not roles.keys() >= {public_id for ids in lists.values() for public_id in ids}:
        raise UnknownRoleError
    selected = {
        permission.name: {roles[public_id] for public_id in lists[permission.name]}
        for permission in permissions
    }
    _replace_roles(permissions, selected, by=by)


@transaction.atomic
def add_permission_role(*, name: str, role: Role, by: Author) -> None:
    """Add a permission to a role. The role may have it already.

    Raises:
        UnknownPermissionError: No permission has this name.
        ActionNotAllowedError: The actor lacks the permission or one of the role.
    """
    [permission] = permissions = _lock([name])
    _replace_roles(permissions, {name: {*permission.roles.all(), role}}, by=by)


@transaction.atomic
def remove_permission_role(*, name: str, role: Role, by: Author) -> None:
    """Remove a permission from a role, if the role has it.

    Raises:
        UnknownPermissionError: No permission has this name.
        ActionNotAllowedError: The actor lacks the permission or one of the role, or
            nobody could change roles afterwards.
    """
    [permission] = permissions = _lock([name])
    _replace_roles(permissions, {name: {*permission.roles.all()} - {role}}, by=by)


def _lock(names: Collection[str]) -> list[AnyPermission]:
    """Lock permissions, with or without effect, and return them by name."""
    used, unused = Permission.objects.for_wire(), UnusedPermission.objects.for_wire()
    rows: list[AnyPermission] = []
    for permissions in (used, unused):
        known = set(permissions.values_list("name", flat=True)).intersection(names)
        rows += permissions.select_for_update().filter(name__in=known)
    if len(rows) != len(names):
        raise UnknownPermissionError
    return rows


def _replace_roles(
    permissions: Collection[AnyPermission],
    selected: Mapping[str, Collection[Role]],
    *,
    by: Author,
) -> None:
    """Replace the roles of locked permissions by the selected ones of each."""
    held = {permission.name: set(permission.roles.all()) for permission in permissions}
    changed = {
        permission: roles
        for permission in permissions
        if (roles := held[permission.name] ^ set(selected[permission.name]))
    }
    if changed:
        ensure_may_permit([permission.name for permission in changed], by=by)
        ensure_may_grant(set().union(*changed.values()), by=by)
    for permission in changed:
        permission.roles.set(selected[permission.name])
    record_changes(
        [
            ChangedState(
                ActivityEntry.Subject.PERMISSION,
                permission.name,
                _holders(held[permission.name]),
                _holders(selected[permission.name]),
            )
            for permission in changed
        ],
        by=by,
    )
    for model in (Permission, UnusedPermission):
        keys = [row.pk for row in permissions if isinstance(row, model)]
        model.objects.filter(pk__in=keys).update(updated_at=timezone.now())
    _ensure_manageable()


def _ensure_manageable() -> None:
    """Ensure that the role admin can still manage permissions."""
    needed = Permission.objects.filter(name=PermissionName.ACCESS_PERMISSIONS)
    if not needed.filter(roles__public_id=ADMIN_ROLE).exists():
        msg = (
            f"The role admin needs {PermissionName.ACCESS_PERMISSIONS.value}."
            " Without it, nobody could change roles"
        )
        raise ActionNotAllowedError(msg)


def _touch(permission: Permission) -> None:
    permission.updated_at = timezone.now()
    permission.save(update_fields=["updated_at"])


def _holders(roles: Collection[Role]) -> State:
    return {"roles": sorted(role.name for role in roles)}
