"""Services that change roles and grant them. Changes take effect immediately."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.auth.rights import ADMIN_ROLE, ensure_may_grant, ensure_may_manage
from accounts.errors import (
    AdminRequiredError,
    InvalidRoleError,
    RoleInUseError,
    RoleNameTakenError,
    RoleProtectedError,
    UserAlreadyInRoleError,
    UserNotInRoleError,
)
from accounts.models import ActivityEntry, DeletedRole, Role, User
from accounts.services.activity import Author, record_change, roles_of, state_of_role
from accounts.services.tokens import end_password_logins


@transaction.atomic
def create_role(*, by: Author, **properties: Any) -> Role:
    """Create a custom role.

    Args:
        by: The author of the change.
        properties: The fields `name`, `scope`, `description`, `mandatory_2fa`.

    Raises:
        RoleNameTakenError: There is a role with this name.
    """
    role = Role(**properties)
    _save(role)
    record_change(
        ActivityEntry.Subject.ROLE,
        role.name,
        by=by,
        before=None,
        after=state_of_role(role),
    )
    return role


@transaction.atomic
def update_role(*, role: Role, by: Author, **properties: Any) -> None:
    """Change some fields of a role.

    If the role now requires a second factor, API logins of holders without one end.

    Raises:
        ActionNotAllowedError: The role has a permission that the actor lacks.
        RoleNameTakenError: Another role has the name.
        RoleProtectedError: A built-in role would lose its name or scope.
        RoleInUseError: Users have the role, and it would apply to single rooms only.
    """
    ensure_may_grant([role], by=by)
    before = Role.objects.select_for_update().get(pk=role.pk)
    for name, value in properties.items():
        setattr(role, name, value)
    is_moved = role.scope != before.scope
    if before.protected and (is_moved or role.name != before.name):
        msg = "A built-in role keeps its name and its scope"
        raise RoleProtectedError(msg)
    if is_moved and role.users.exists():
        msg = "Users have this role. Revoke it from them first"
        raise RoleInUseError(msg)
    role.updated_at = timezone.now()
    _save(role)
    record_change(
        ActivityEntry.Subject.ROLE,
        before.name,
        by=by,
        before=state_of_role(before),
        after=state_of_role(role),
    )
    if role.mandatory_2fa and not before.mandatory_2fa:
        end_password_logins(role.users.all(), by=by)


@transaction.atomic
def delete_role(*, role: Role, by: Author) -> None:
    """Delete a role.

    Raises:
        ActionNotAllowedError: The role has a permission that the actor lacks.
        RoleProtectedError: The role is built in.
        RoleInUseError: Users have the role.
    """
    ensure_may_grant([role], by=by)
    Role.objects.select_for_update().get(pk=role.pk)
    if role.protected:
        raise RoleProtectedError
    if role.users.exists():
        raise RoleInUseError
    before, name = state_of_role(role), role.name
    DeletedRole.objects.create(
        public_id=role.public_id,
        name=name,
        description=role.description,
        scope=role.scope,
        mandatory_2fa=role.mandatory_2fa,
        updated_at=role.updated_at,
    )
    role.delete()
    record_change(ActivityEntry.Subject.ROLE, name, by=by, before=before, after=None)


@transaction.atomic
def grant_role(*, user: User, role: Role, by: Author) -> None:
    """Grant a role to a user.

    Raises:
        ActionNotAllowedError: The actor lacks a permission of the role or the user.
        InvalidRoleError: The role applies to single rooms only.
        UserAlreadyInRoleError: The user already has the role.
    """
    ensure_for_accounts([role])
    ensure_may_grant([role], by=by)
    ensure_may_manage([user], by=by)
    before = roles_of(user)
    through = User.roles.through
    _row, is_new = through.objects.get_or_create(user_id=user.pk, role_id=role.pk)
    if not is_new:
        raise UserAlreadyInRoleError
    _record_roles(user, by, before)
    if role.mandatory_2fa:
        end_password_logins(User.objects.filter(pk=user.pk), by=by)


@transaction.atomic
def revoke_role(*, user: User, role: Role, by: Author) -> None:
    """Revoke a role from a user.

    Raises:
        ActionNotAllowedError: The actor lacks a permission of the role or the user.
        UserNotInRoleError: The user does not have the role.
        AdminRequiredError: The user is the last admin.
    """
    ensure_may_grant([role], by=by)
    ensure_may_manage([user], by=by)
    if role.public_id == ADMIN_ROLE:
        ensure_admin_without([user])
    before = roles_of(user)
    through = User.roles.through
    deleted, _rows = through.objects.filter(user_id=user.pk, role_id=role.pk).delete()
    if not deleted:
        raise UserNotInRoleError
    _record_roles(user, by, before)


@transaction.atomic
def set_roles(*, user: User, roles: Collection[Role], by: Author) -> None:
    """Replace the roles of a user."""
    held = set(user.roles.all())
    for role in held - set(roles):
        revoke_role(user=user, role=role, by=by)
    for role in set(roles) - held:
        grant_role(user=user, role=role, by=by)


def ensure_for_accounts(roles: Iterable[Role]) -> None:
    """Raise `InvalidRoleError` if a role applies to single rooms only."""
    for role in roles:
        if role.scope != Role.Scope.USERS:
            msg = f"The role {role.name} applies to single rooms only"
            raise InvalidRoleError(msg)


def ensure_admin_without(users: Iterable[User]) -> None:
    """Raise `AdminRequiredError` if there is no other admin who can log in.

    Call it in the transaction of the change. It locks the role's row, so that two
    concurrent changes can't remove the last two admins.
    """
    role = Role.objects.select_for_update().get(public_id=ADMIN_ROLE)
    removed = {user.pk for user in users}
    admins = set(role.users.able_to_log_in().values_list("pk", flat=True))
    if admins & removed and not admins - removed:
        raise AdminRequiredError


def _save(role: Role) -> None:
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError:
        raise RoleNameTakenError from None


def _record_roles(user: User, by: Author, before: Any) -> None:
    record_change(
        ActivityEntry.Subject.USER,
        str(user),
        by=by,
        before=before,
        after=roles_of(user),
    )
