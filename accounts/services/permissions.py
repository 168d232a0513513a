"""Services that change permissions of roles. Changes take effect immediately."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
from accounts.models import ActivityEntry, Permission, Role
from accounts.permission_names import PermissionName
from accounts.services.activity import Author, State, record_change


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
    if not set(PermissionName.values).issuperset(lists):
        raise UnknownPermissionError
    permissions = list(
        Permission.objects.select_for_update()
        .filter(name__in=lists)
        .order_by("name")
        .prefetch_related("roles")
    )
    if len(permissions) != len(lists):
        raise UnknownPermissionError
    wanted = {public_id for ids in lists.values() for public_id in ids}
    roles = {role.public_id: role for role in Role.objects.all()}
    if not roles.keys() >= wanted:
        raise UnknownRoleError
    for permission in permissions:
        before = _holders(permission.roles.all())
        selected = [roles[public_id] for public_id in lists[permission.name]]
        if changed := set(permission.roles.all()) ^ set(selected):
            ensure_may_permit([permission.name], by=by)
            ensure_may_grant(changed, by=by)
        permission.roles.set(selected)
        _touch(permission)
        record_change(
            ActivityEntry.Subject.PERMISSION,
            permission.name,
            by=by,
            before=before,
            after=_holders(selected),
        )
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
