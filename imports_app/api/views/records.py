"""Endpoint that lists the records of an operation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.cursors import Cursor
from config.api.input.fields import Choice, Flag
from imports_app.api import record_documents
from imports_app.api.params import CursorParams
from imports_app.api.schema import records as schema
from imports_app.api.views.base import PolledView
from imports_app.api.waiting.versions import topic_of
from imports_app.models import (
    Correction,
    ImportOperation,
    ImportRecord,
    KindChoice,
    Outcome,
)

_ORDERING = "id"


class RecordParams(CursorParams):
    """Filters and cursor of the list of records."""

    outcome = Choice(choices=Outcome.values, required=False)
    kind = Choice(choices=KindChoice.values, required=False)
    guessed = Flag(default=False, help_text="Only records that are based on a guess.")


class ImportOperationRecordsView(PolledView):
    """GET importOperations/{id}/records."""

    required_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    query_params = RecordParams

    @schema.describe_records
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return one page of records with their outcomes."""
        operation = get_object_or_404(
            ImportOperation.objects.without_large_fields(), public_id=public_id
        )
        self.note_running(operation)
        self.topics = (topic_of(operation),)
        query = request._request.META.get("QUERY_STRING", "")
        self.check_version(request, f"{operation.pk}.{operation.revision} {query}")
        count = self.params["count"]
        rows = ImportRecord.objects.filter(operation=operation).order_by("id")
        rows = rows.after(self._position())
        rows = rows.narrowed(
            self.params.get("outcome"),
            self.params.get("kind"),
            guessed=self.params["guessed"],
        )
        page = list(rows[: count + 1])
        cursor = None
        if len(page) > count:
            page.pop()
            cursor = Cursor(_ORDERING, 0, page[-1].pk).encode()
        corrected = Correction.objects.by_record(page)
        records = [
            record_documents.record(record, corrected.get(record.pk)) for record in page
        ]
        return success({"records": records, "cursor": cursor})

    def _position(self) -> int:
        text = self.params.get("cursor")
        if text is None:
            return 0
        cursor = Cursor.decode(text)
        if cursor.ordering != _ORDERING:
            raise InvalidParamsError("cursor: belongs to another list")
        return cursor.id
