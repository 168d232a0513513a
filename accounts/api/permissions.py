"""What roles permit (wire-api.md 6.5)."""

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
    """Since when."""

    updated_since = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="ISO 8601 date, with or without a time.",
    )


class PermissionRoles(StrictSerializer):
    """A permission with the ids of all roles that shall have it."""

    _id = Text()
    roles = Texts()


class PermissionsBody(Params):
    """New lists of roles."""

    permissions = PermissionRoles(many=True)


class PermissionsListAllView(ApiView):
    """GET permissions.listAll."""

    required_permission = Access.SIGNED_IN
    query_params = SinceParams

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Answer all permissions, or those that were changed since."""
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
        """Return the lists by the permission's name, each named once."""
        try:
            entries = super().parse_body(body)["permissions"]
        except InvalidParamsError as error:
            raise InvalidPermissionsError(details=error.message) from error
        lists = {entry["_id"]: entry["roles"] for entry in entries}
        if len(lists) < len(entries) or any(map(_has_twins, lists.values())):
            msg = "must NOT have duplicate items"
            raise InvalidPermissionsError(details=msg)
        return lists

    @schema.describe_update
    def post(self, request: Request) -> HttpResponse:
        """Replace the lists, and answer all permissions."""
        set_permission_roles(lists=self.body, by=author_of(request))
        permissions = Permission.objects.for_wire()
        return success({"permissions": [wire.permission(row) for row in permissions]})


def _has_twins(items: list[str]) -> bool:
    return len(set(items)) < len(items)


def _moment_of(text: str) -> datetime:
    try:
        # A plus sign in a query string arrives as a blank.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidDateError from None
