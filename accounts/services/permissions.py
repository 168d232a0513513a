"""Writes to what roles permit; each acts on the very next request."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from accounts.auth.rights import (
    ADMIN_ROLE,
    ensure_may_give,
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
    """Make these the role's permissions, and no others.

    Raises:
        ActionNotAllowedError: The role permits more than the actor holds, or would; or
            nobody could change roles afterwards.
    """
    ensure_may_give([role], by=by)
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
    """Replace the list of roles of each of these permissions.

    Args:
        lists: The ids of the roles, by the permission's name.
        by: Who decides so.

    Raises:
        UnknownPermissionError: There is no permission of a name.
        UnknownRoleError: There is no role of an id.
        ActionNotAllowedError: The actor lacks a permission that changes, or one of a
            role that it changes for; or nobody could change roles afterwards.
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
        chosen = [roles[public_id] for public_id in lists[permission.name]]
        if changed := set(permission.roles.all()) ^ set(chosen):
            ensure_may_permit([permission.name], by=by)
            ensure_may_give(changed, by=by)
        permission.roles.set(chosen)
        _touch(permission)
        record_change(
            ActivityEntry.Subject.PERMISSION,
            permission.name,
            by=by,
            before=before,
            after=_holders(chosen),
        )
    _ensure_manageable()


def _ensure_manageable() -> None:
    """Keep to admins what they need to give anything back."""
    needed = Permission.objects.filter(name=PermissionName.ACCESS_PERMISSIONS)
    if not needed.filter(roles__public_id=ADMIN_ROLE).exists():
        msg = (
            f"The role admin keeps {PermissionName.ACCESS_PERMISSIONS.value}:"
            " without it, nobody could change roles"
        )
        raise ActionNotAllowedError(msg)


def _touch(permission: Permission) -> None:
    permission.updated_at = timezone.now()
    permission.save(update_fields=["updated_at"])


def _holders(roles: Collection[Role]) -> State:
    return {"roles": sorted(role.name for role in roles)}
