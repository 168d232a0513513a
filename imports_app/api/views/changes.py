"""Endpoints that compare a file with the last import of the same source."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from config.api.envelope import success
from config.api.errors import ForbiddenError, InvalidParamsError
from config.api.input.cursors import Cursor
from config.api.input.fields import Choice
from config.api.permissions import demand
from imports_app.api import wire
from imports_app.api.params import CursorParams
from imports_app.api.schema import changes as schema
from imports_app.api.views.base import RunImportView
from imports_app.models import (
    ChangedRecord,
    ChangeEffect,
    ImportOperation,
    Message,
    SourceChanges,
)
from imports_app.records import Kind
from imports_app.services.review.changes import get_changes

_ORDERING: Final = "change"
_LISTED: Final = (ChangeEffect.NEW, ChangeEffect.CHANGED, ChangeEffect.GONE)
_VIEW_PERMISSIONS: Final = {
    Kind.USER: PermissionName.VIEW_USER_ADMINISTRATION,
    Kind.CHANNEL: PermissionName.VIEW_ROOM_ADMINISTRATION,
    Kind.MESSAGE: PermissionName.VIEW_ROOM_ADMINISTRATION,
}


class _ChangesView(RunImportView):
    """View of the changes since the last import of the same source."""

    def find_changes(self, public_id: str) -> SourceChanges | None:
        """Return the comparison; begin it if there is none."""
        return get_changes(get_object_or_404(ImportOperation, public_id=public_id))


class ImportOperationChangesView(_ChangesView):
    """GET importOperations/{id}/changes."""

    @schema.describe_changes
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the numbers of new, changed, unchanged and gone records."""
        found = self.find_changes(public_id)
        return success({"changes": found and wire.changes(found)})


class ChangedRecordParams(CursorParams):
    """Filters and cursor of the list of changed records."""

    kind = Choice(choices=[Kind.USER, Kind.CHANNEL, Kind.MESSAGE])
    effect = Choice(choices=_LISTED)


class ImportOperationChangesRecordsView(_ChangesView):
    """GET importOperations/{id}/changes/records."""

    query_params = ChangedRecordParams

    @schema.describe_changed_records
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return one page of new, changed or gone records."""
        kind, effect = Kind(self.params["kind"]), self.params["effect"]
        if kind is Kind.MESSAGE or effect == ChangeEffect.GONE:
            permission = _VIEW_PERMISSIONS[kind]
            demand(request, permission, ForbiddenError(permission))
        position = self._position()
        changes = self.find_changes(public_id)
        page: list[ChangedRecord] = []
        cursor = None
        if changes is not None and changes.is_complete:
            count = self.params["count"]
            rows = ChangedRecord.objects.narrowed(
                changes.pk, kind=kind, effect=effect
            ).filter(pk__gt=position)
            page = list(rows[: count + 1])
            if len(page) > count:
                page.pop()
                cursor = Cursor(_ORDERING, 0, page[-1].pk).encode()
        messages = Message.objects.by_keys(
            one.target_id for one in page if kind is Kind.MESSAGE
        )
        return success(
            {
                "changes": changes and wire.changes(changes),
                "records": [
                    wire.changed_record(one, messages.get(one.target_id or 0))
                    for one in page
                ],
                "cursor": cursor,
            }
        )

    def _position(self) -> int:
        text = self.params.get("cursor")
        if text is None:
            return 0
        cursor = Cursor.decode(text)
        if cursor.ordering != _ORDERING:
            raise InvalidParamsError("cursor: belongs to another list")
        return cursor.id
