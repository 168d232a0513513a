"""Endpoint that previews and starts the undo of an operation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from config.api.envelope import success
from imports_app.api import wire
from imports_app.api.actors import actor_of
from imports_app.api.schema import undo as schema
from imports_app.api.views.base import RunImportView
from imports_app.models import ImportOperation
from imports_app.services.undo import preview_of, start_undo


class UndoImportOperationView(RunImportView):
    """GET and POST importOperations/{id}/undo."""

    @schema.describe_preview
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return what an undo would remove, restore and keep."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        preview = preview_of(operation=operation, actor=actor_of(request))
        return success({"preview": wire.undo_preview(preview)})

    @schema.describe_undo
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Undo the operation in a new operation, and return that one."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        undo = start_undo(operation=operation, actor=actor_of(request))
        return success({"operation": wire.operation(undo)})
