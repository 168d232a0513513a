"""Endpoints that manage roles and grant them to users (wire-api.md 6.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.api import wire
from accounts.api.callers import may_see_private
from accounts.api.schema import roles as schema
from accounts.auth.rights import ADMIN_ROLE
from accounts.errors import (
    ActionNotAllowedError,
    InvalidRolePropertiesError,
    InvalidSyncDateError,
    RoleNotFoundError,
    RoleNotNamedError,
    RoleToAddNotFoundError,
    UserNotFoundError,
)
from accounts.models import DeletedRole, Role, User
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.roles import (
    create_role,
    delete_role,
    grant_role,
    revoke_role,
    update_role,
)
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.fields import Choice, Flag, Params, Text
from config.api.input.moments import parse_moment
from config.api.input.offsets import OffsetParams, page_of
from config.api.permissions import Access, demand
from config.api.views import ApiView
from config.api.wire import JSONDict

_FIRST_DAY: Final = "1970-01-01"


class RoleBody(Params):
    """Body of roles.create."""

    name = Text(max_length=100, allow_blank=False)
    scope = Choice(choices=Role.Scope.choices, required=False)
    description = Text(max_length=500, required=False)
    mandatory_2fa = Flag(required=False)


class RoleUpdateBody(RoleBody):
    """Body of roles.update. Omitted properties stay unchanged."""

    role_id = Text()


class RoleIdBody(Params):
    """Body with the ID or name of a role."""

    role_id = Text()


class RoleHolderBody(Params):
    """A role, by ID or by name, and a user."""

    role_id = Text(required=False)
    role_name = Text(
        required=False, help_text="Instead of roleId, as older clients send it."
    )
    username = Text()


class RoleGrantBody(RoleHolderBody):
    """Body of roles.addUserToRole."""

    room_id = Text(required=False, help_text="Ignored for roles of the whole server.")


class RoleRevocationBody(RoleHolderBody):
    """Body of roles.removeUserFromRole."""

    room_id = Text(required=False, help_text="Ignored for roles of the whole server.")
    scope = Text(required=False, help_text="Ignored for roles of the whole server.")


class HoldersParams(OffsetParams):
    """Query of roles.getUsersInRole."""

    role = Text(required=False)
    room_id = Text(
        required=False,
        help_text="Ignored for roles of the whole server.",
    )


class RolesSyncParams(Params):
    """Query of roles.sync."""

    updated_since = Text(required=False, help_text="ISO 8601 date or date and time.")


class _RoleChangeView(ApiView):
    """Base of the endpoints that change roles: one error for all invalid bodies."""

    def parse_body(self, body: JSONDict) -> dict[str, Any]:
        """Return the validated properties."""
        try:
            return super().parse_body(body)
        except InvalidParamsError as error:
            raise InvalidRolePropertiesError(details=error.message) from error


class _RoleHolderView(_RoleChangeView):
    """Base of the endpoints that grant and revoke a role."""

    def parse_body(self, body: JSONDict) -> dict[str, Any]:
        """Return the validated properties, with the ID or name as `role`."""
        values = super().parse_body(body)
        values["role"] = values.get("role_id") or values.get("role_name")
        if not values["role"]:
            missing = "must have required property 'roleId'"
            raise InvalidRolePropertiesError(details=missing)
        return values


class RolesListView(ApiView):
    """GET roles.list."""

    required_permission = Access.SIGNED_IN

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return all roles."""
        return success({"roles": [wire.role(role) for role in Role.objects.all()]})


class RolesSyncView(ApiView):
    """GET roles.sync: for clients that keep a copy of all roles."""

    required_permission = Access.SIGNED_IN
    query_params = RolesSyncParams

    @schema.describe_sync
    def get(self, request: Request) -> HttpResponse:
        """Return the roles changed and deleted after a date, or all."""
        since = _moment_of(self.params.get("updated_since") or _FIRST_DAY)
        changed = Role.objects.changed_after(since)
        deleted = DeletedRole.objects.deleted_after(since)
        documents = {
            "update": [wire.changed_role(role) for role in changed],
            "remove": [wire.deleted_role(role) for role in deleted],
        }
        return success({"roles": documents})


class RolesGetUsersInPublicRolesView(ApiView):
    """GET roles.getUsersInPublicRoles: users with roles that clients display."""

    required_permission = PermissionName.VIEW_D_ROOM

    @schema.describe_public_roles
    def get(self, request: Request) -> HttpResponse:
        """Return users with the described roles that they hold, by username."""
        holders: dict[tuple[str, str], list[str]] = {}
        for role, public_id, username in Role.objects.public().holders():
            holders.setdefault((public_id, username), []).append(role)
        users = [wire.role_holder(*user, roles) for user, roles in holders.items()]
        return success({"users": users})


class RolesCreateView(_RoleChangeView):
    """POST roles.create."""

    required_permission = Access.SIGNED_IN
    late_permissions = (PermissionName.ACCESS_PERMISSIONS,)
    body_params = RoleBody

    @schema.describe_create
    def post(self, request: Request) -> HttpResponse:
        """Create a role."""
        demand(request, PermissionName.ACCESS_PERMISSIONS, ActionNotAllowedError())
        return _answer(create_role(by=author_of(request), **self.body))


class RolesUpdateView(_RoleChangeView):
    """POST roles.update."""

    required_permission = Access.SIGNED_IN
    late_permissions = (PermissionName.ACCESS_PERMISSIONS,)
    body_params = RoleUpdateBody

    @schema.describe_update
    def post(self, request: Request) -> HttpResponse:
        """Update a role."""
        demand(request, PermissionName.ACCESS_PERMISSIONS, ActionNotAllowedError())
        role = _find_role(self.body.pop("role_id"))
        update_role(role=role, by=author_of(request), **self.body)
        return _answer(Role.objects.get(pk=role.pk))


class RolesDeleteView(_RoleChangeView):
    """POST roles.delete."""

    required_permission = PermissionName.ACCESS_PERMISSIONS
    body_params = RoleIdBody

    @schema.describe_delete
    def post(self, request: Request) -> HttpResponse:
        """Delete a role."""
        delete_role(role=_find_role(self.body["role_id"]), by=author_of(request))
        return success()


class RolesAddUserToRoleView(_RoleHolderView):
    """POST roles.addUserToRole."""

    required_permission = Access.SIGNED_IN
    late_permissions = (PermissionName.ACCESS_PERMISSIONS,)
    body_params = RoleGrantBody

    @schema.describe_add_user
    def post(self, request: Request) -> HttpResponse:
        """Grant a role to a user."""
        demand(request, PermissionName.ACCESS_PERMISSIONS, ActionNotAllowedError())
        user = _find_user(self.body["username"])
        role = Role.objects.find_by_id_or_name(self.body["role"])
        if role is None:
            raise RoleToAddNotFoundError
        _require_admin_assignment(request, role)
        grant_role(user=user, role=role, by=author_of(request))
        return _answer(role)


class RolesRemoveUserFromRoleView(_RoleHolderView):
    """POST roles.removeUserFromRole."""

    required_permission = PermissionName.ACCESS_PERMISSIONS
    body_params = RoleRevocationBody

    @schema.describe_remove_user
    def post(self, request: Request) -> HttpResponse:
        """Revoke a role from a user."""
        user = _find_user(self.body["username"])
        role = _find_role(self.body["role"])
        _require_admin_assignment(request, role)
        revoke_role(user=user, role=role, by=author_of(request))
        return _answer(role)


class RolesGetUsersInRoleView(ApiView):
    """GET roles.getUsersInRole."""

    required_permission = PermissionName.ACCESS_PERMISSIONS
    query_params = HoldersParams

    @schema.describe_users
    def get(self, request: Request) -> HttpResponse:
        """Return one page of users with the role, by username."""
        if not self.params.get("role"):
            raise RoleNotNamedError
        holders = User.objects.for_wire().filter(roles=_find_role(self.params["role"]))
        page = page_of(
            holders.order_by("username", "id"),
            offset=self.params["offset"],
            count=self.params["count"],
        )
        is_private_shown = may_see_private(request)
        users = [wire.user(user, is_private_shown=is_private_shown) for user in page]
        return success({"users": users, "total": holders.count()})


def _moment_of(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError:
        raise InvalidSyncDateError from None


def _answer(role: Role) -> HttpResponse:
    return success({"role": wire.changed_role(role)})


def _find_role(text: str) -> Role:
    role = Role.objects.find_by_id_or_name(text)
    if role is None:
        raise RoleNotFoundError
    return role


def _find_user(username: str) -> User:
    user: User | None = User.objects.named(username).first()
    if user is None:
        raise UserNotFoundError
    return user


def _require_admin_assignment(request: Request, role: Role) -> None:
    """Check the permission to grant and revoke the role admin."""
    if role.public_id == ADMIN_ROLE:
        refusal = ActionNotAllowedError("Assigning admin is not allowed")
        demand(request, PermissionName.ASSIGN_ADMIN_ROLE, refusal)
