"""Endpoints for the decisions of an import."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from accounts.api.callers import caller_of
from config.api.envelope import success
from imports_app.api.actors import actor_of
from imports_app.api.schema import decisions as schema
from imports_app.api.views.base import RunImportView
from imports_app.models import ImportOperation
from imports_app.services.review.decision_files import (
    MAX_BYTES,
    decisions_document,
    load_decisions,
)
from imports_app.services.review.decisions import replace_decisions


class ImportOperationDecisionsView(RunImportView):
    """GET and PUT importOperations/{id}/decisions."""

    @property
    def body_limit(self) -> int:
        """Maximum size of a file of decisions, in bytes."""
        return MAX_BYTES

    @schema.describe_decisions
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the decisions as a file that PUT accepts."""
        operation = _operation(public_id)
        document = decisions_document(operation, caller_of(request))
        return success({"decisions": document})

    @schema.describe_replace_decisions
    def put(self, request: Request, public_id: str) -> HttpResponse:
        """Replace the decisions."""
        operation = _operation(public_id)
        raw: Any = request._request
        choices = load_decisions(raw.read(MAX_BYTES + 1), caller_of(request))
        ignored = replace_decisions(
            operation=operation, choices=choices, actor=actor_of(request)
        )
        operation.refresh_from_db()
        document = decisions_document(operation, caller_of(request))
        return success({"decisions": document, "ignored": ignored})


def _operation(public_id: str) -> ImportOperation:
    operations = ImportOperation.objects.without_large_fields()
    return get_object_or_404(operations, public_id=public_id)
