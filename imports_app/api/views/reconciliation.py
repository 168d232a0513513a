"""Endpoint that compares an import with the workspace."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.cursors import Cursor
from imports_app.api import wire
from imports_app.api.params import CursorParams
from imports_app.api.schema import reconciliation as schema
from imports_app.api.views.base import PolledView
from imports_app.errors import NotReconciledError
from imports_app.models import ImportOperation, ImportRecord
from imports_app.reports.reconciliation import (
    differences_of,
    is_reconciled,
    is_undone,
    lines_by_kind,
    room_lines,
)

_ORDERING = "room"


class ImportOperationReconciliationView(PolledView):
    """GET importOperations/{id}/reconciliation."""

    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    query_params = CursorParams
    topics = ()  # depends on the workspace, whose changes are not counted

    @schema.describe_reconciliation
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the counts by kind, the missing records, and one page of rooms."""
        operation = get_object_or_404(
            ImportOperation.objects.without_large_fields(), public_id=public_id
        )
        if not is_reconciled(operation):
            raise NotReconciledError
        count = self.params["count"]
        rows = ImportRecord.objects.rooms_of(operation.pk).filter(pk__gt=self._after())
        page = list(rows[: count + 1])
        cursor = None
        if len(page) > count:
            page.pop()
            cursor = Cursor(_ORDERING, 0, page[-1]["pk"]).encode()
        kinds = lines_by_kind(operation)
        differences = differences_of(operation, kinds)
        return success(
            {
                "complete": not differences and not is_undone(operation),
                "undone": is_undone(operation),
                "missing": [
                    {"kind": one.kind, "reason": one.reason, "count": one.records}
                    for one in differences
                ],
                "kinds": {
                    line.kind.value: wire.reconciled(line.counts) for line in kinds
                },
                "rooms": [
                    wire.reconciled_room(room) for room in room_lines(operation, page)
                ],
                "cursor": cursor,
            }
        )

    def _after(self) -> int:
        text = self.params.get("cursor")
        if text is None:
            return 0
        cursor = Cursor.decode(text)
        if cursor.ordering != _ORDERING:
            raise InvalidParamsError("cursor: belongs to another list")
        return cursor.id
