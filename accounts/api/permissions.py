"""Endpoints that list and change permissions of roles (wire-api.md 6.5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api import wire
from accounts.api.schema import permissions as schema
from accounts.errors import InvalidDateError, InvalidPermissionsError
from accounts.models import Permission
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.permissions import set_permission_roles
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.fields import Params, StrictSerializer, Text, Texts
from config.api.permissions import Access
from config.api.views import ApiView
from config.api.wire import JSONDict


class SinceParams(Params):
    """Query of permissions.listAll."""

    updated_since = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="ISO 8601 date or date and time.",
    )


class PermissionRoles(StrictSerializer):
    """A permission with the IDs of all its roles."""

    _id = Text()
    roles = Texts()


class PermissionsBody(Params):
    """Body of permissions.update."""

    permissions = PermissionRoles(many=True)


class PermissionsListAllView(ApiView):
    """GET permissions.listAll."""

    required_permission = Access.SIGNED_IN
    query_params = SinceParams

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return all permissions, or those changed after a date."""
        permissions = Permission.objects.for_wire()
        if text := self.params.get("updated_since"):
            permissions = permissions.filter(updated_at__gt=_moment_of(text))
        documents = [wire.permission(permission) for permission in permissions]
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
        permissions = Permission.objects.for_wire()
        return success({"permissions": [wire.permission(row) for row in permissions]})


def _has_duplicates(items: list[str]) -> bool:
    return len(set(items)) < len(items)


def _moment_of(text: str) -> datetime:
    try:
        # A plus sign in a query string is decoded as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidDateError from None
