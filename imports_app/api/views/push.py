"""Endpoints for users sent through the API (wire-api.md 2.11 to 2.14)."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from config.api.envelope import success
from config.api.input.fields import Choice, Flag, FloatNumber, Params, Text, Texts
from imports_app.api import wire
from imports_app.api.actors import actor_of
from imports_app.api.schema import push as schema
from imports_app.api.views.base import LenientRunImportView, RunImportView
from imports_app.importers.api_push import ApiImporter
from imports_app.records import UserRecord
from imports_app.services.operations import clear_operations, create_operation
from imports_app.services.pushes import add_users

_LARGEST_OFFSET = 26


class UserEntry(Params):
    """A user; unknown properties are ignored."""

    emails = Texts()
    import_ids = Texts()
    username = Text(required=False, allow_null=True)
    name = Text(required=False, allow_null=True)
    avatar_url = Text(required=False, allow_null=True, max_length=2000)
    status_text = Text(required=False, allow_null=True)
    bio = Text(required=False, allow_null=True, max_length=10_000)
    password = Text(
        required=False,
        allow_null=True,
        help_text="Ignored: imported users have no password.",
    )
    type = Choice(choices=("user", "bot"), required=False, allow_null=True)
    utc_offset = FloatNumber(
        required=False,
        allow_null=True,
        min_value=-_LARGEST_OFFSET,
        max_value=_LARGEST_OFFSET,
        help_text="Offset in hours.",
    )
    deleted = Flag(required=False, allow_null=True)
    roles = Texts(required=False, allow_null=True, help_text="Role IDs.")


class AddUsersBody(Params):
    """Users to stage."""

    users = UserEntry(many=True)


class ImportClearView(LenientRunImportView):
    """POST import.clear."""

    @schema.describe_clear
    def post(self, request: Request) -> HttpResponse:
        """Cancel all valid operations."""
        clear_operations(actor=actor_of(request))
        return success()


class ImportNewView(LenientRunImportView):
    """POST import.new."""

    @schema.describe_new
    def post(self, request: Request) -> HttpResponse:
        """Create an operation that users can be added to."""
        operation = create_operation(
            actor=actor_of(request),
            importer_key=ApiImporter.key,
            importer_name=ApiImporter.name,
        )
        return success({"operation": wire.operation(operation)})


class ImportAddUsersView(RunImportView):
    """POST import.addUsers."""

    body_params = AddUsersBody

    @schema.describe_add_users
    def post(self, request: Request) -> HttpResponse:
        """Stage the users, all or none."""
        users = [_record(entry) for entry in self.body["users"]]
        add_users(users=users, actor=actor_of(request))
        return success()


def _record(entry: dict[str, object]) -> UserRecord:
    """Return the entry as a record without empty addresses and IDs."""
    values = {
        name: tuple(filter(None, value)) if isinstance(value, list) else value
        for name, value in entry.items()
        if value not in (None, "") and name not in {"password", "type", "deleted"}
    }
    return UserRecord(
        **values,  # type: ignore[arg-type] # the entry's fields are the record's
        is_bot=entry.get("type") == "bot",
        is_deleted=entry.get("deleted"),  # type: ignore[arg-type] # a Flag, or None
    )
