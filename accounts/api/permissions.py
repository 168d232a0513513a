"""Endpoints that list and change permissions of roles (wire-api.md 6.5)."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.api import wire
from accounts.api.schema import permissions as schema
from accounts.errors import (
    InvalidDateError,
    InvalidPermissionsError,
    UnknownRoleError,
)
from accounts.models import Permission, Role, UnusedPermission
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.permissions import (
    AnyPermission,
    add_permission_role,
    remove_permission_role,
    set_permission_roles,
)
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.fields import Params, StrictSerializer, Text, Texts
from config.api.input.moments import parse_moment
from config.api.permissions import Access
from config.api.views import ApiView
from config.api.wire import JSONDict


class SinceParams(Params):
    """Query of permissions.listAll."""

    updated_since = Text(required=False, help_text="ISO 8601 date or date and time.")


class PermissionRoles(StrictSerializer):
    """A permission with the IDs of all its roles."""

    _id = Text()
    roles = Texts()


class PermissionsBody(Params):
    """Body of permissions.update."""

    permissions = PermissionRoles(many=True)


class PermissionRoleBody(Params):
    """Body of permissions.addRole and permissions.removeRole."""

    permission_id = Text()
    role = Text(help_text="ID or name of the role.")


class PermissionsListAllView(ApiView):
    """GET permissions.listAll."""

    required_permission = Access.SIGNED_IN
    query_params = SinceParams

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return all permissions, or those changed after a date."""
        text = self.params.get("updated_since")
        documents = _documents(_moment_of(text) if text else None)
        return success({"update": documents, "remove": []})


class PermissionsUpdateView(ApiView):
    """POST permissions.update."""

    required_permission = PermissionName.ACCESS_PERMISSIONS
    body_params = PermissionsBody

    def parse_body(self, body: JSONDict) -> dict[str, Any]:
        """Return the role IDs by permission name. Duplicates are rejected."""
        try:
            entries = super().parse_body(body)["permissions"]
        except InvalidParamsError as error:
            raise InvalidPermissionsError(details=error.message) from error
        lists = {entry["_id"]: entry["roles"] for entry in entries}
        if len(lists) < len(entries) or any(map(_has_duplicates, lists.values())):
            msg = "must NOT have duplicate items"
            raise InvalidPermissionsError(details=msg)
        return lists

    @schema.describe_update
    def post(self, request: Request) -> HttpResponse:
        """Replace the roles of permissions, and return all permissions."""
        set_permission_roles(lists=self.body, by=author_of(request))
        return success({"permissions": _documents()})


class _PermissionRoleView(ApiView):
    """Base of the endpoints that change one role of a permission."""

    required_permission = PermissionName.ACCESS_PERMISSIONS
    body_params = PermissionRoleBody

    def find_role(self) -> Role:
        """Return the named role."""
        role = Role.objects.find_by_id_or_name(self.body["role"])
        if role is None:
            raise UnknownRoleError
        return role


class PermissionsAddRoleView(_PermissionRoleView):
    """POST permissions.addRole."""

    @schema.describe_add_role
    def post(self, request: Request) -> HttpResponse:
        """Add the permission to the role."""
        name, role = self.body["permission_id"], self.find_role()
        add_permission_role(name=name, role=role, by=author_of(request))
        return success()


class PermissionsRemoveRoleView(_PermissionRoleView):
    """POST permissions.removeRole."""

    @schema.describe_remove_role
    def post(self, request: Request) -> HttpResponse:
        """Remove the permission from the role."""
        name, role = self.body["permission_id"], self.find_role()
        remove_permission_role(name=name, role=role, by=author_of(request))
        return success()


def _has_duplicates(items: list[str]) -> bool:
    return len(set(items)) < len(items)


def _documents(since: datetime | None = None) -> list[JSONDict]:
    """Return all permissions by name, or those changed after a time."""
    rows: list[AnyPermission] = []
    for permissions in (
        Permission.objects.for_wire(),
        UnusedPermission.objects.for_wire(),
    ):
        rows += permissions.changed_after(since) if since else permissions
    return [wire.permission(row) for row in sorted(rows, key=attrgetter("name"))]


def _moment_of(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError:
        raise InvalidDateError from None
