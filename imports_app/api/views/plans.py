"""Endpoints that preview an import."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.cursors import Cursor
from config.api.input.fields import Choice, Text
from imports_app.api import wire
from imports_app.api.actors import actor_of
from imports_app.api.params import CursorParams
from imports_app.api.schema import plans as schema
from imports_app.api.views.base import RunImportView
from imports_app.models import Effect, ImportOperation, ImportPlan, PlannedRecord
from imports_app.records import Kind
from imports_app.services.review.plans import get_plan

_ORDERING = "record"
_VIEW_PERMISSIONS = {
    Kind.USER: PermissionName.VIEW_USER_ADMINISTRATION,
    Kind.CHANNEL: PermissionName.VIEW_ROOM_ADMINISTRATION,
}
"""Permissions to see existing users and rooms as they were before."""


class _PlanView(RunImportView):
    """View of the plan of an operation that is ready to import."""

    def find_plan(self, request: Request, public_id: str) -> ImportPlan:
        """Return the plan of the stored selection; begin it if there is none."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        return get_plan(operation=operation, initiator=actor_of(request).public_id)


class ImportOperationPlanView(_PlanView):
    """GET importOperations/{id}/plan."""

    @schema.describe_plan
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return totals and digest of the plan."""
        return success({"plan": wire.plan(self.find_plan(request, public_id))})


class PlannedRecordParams(CursorParams):
    """Filters and cursor of the list of planned records."""

    kind = Choice(choices=[Kind.USER, Kind.CHANNEL], required=False)
    effect = Choice(choices=Effect.values, required=False)
    q = Text(
        required=False,
        allow_blank=False,
        max_length=200,
        help_text="Part of a name, an e-mail address or an import ID.",
    )


class ImportOperationPlanRecordsView(_PlanView):
    """GET importOperations/{id}/plan/records."""

    query_params = PlannedRecordParams

    @schema.describe_planned_records
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return one page of users and rooms with their effects."""
        position = self._position()
        plan = self.find_plan(request, public_id)
        page: list[PlannedRecord] = []
        cursor = None
        if plan.is_complete:
            count = self.params["count"]
            rows = PlannedRecord.objects.of_plan(plan.pk).narrowed(
                kind=self.params.get("kind", ""),
                effect=self.params.get("effect", ""),
                text=self.params.get("q", ""),
            )
            page = list(rows.after(position).with_records()[: count + 1])
            if len(page) > count:
                page.pop()
                cursor = Cursor(_ORDERING, 0, page[-1].record_id).encode()
        caller = actor_of(request).user
        may_view = {
            kind: caller is not None and caller.has_perm(permission)
            for kind, permission in _VIEW_PERMISSIONS.items()
        }
        records = [
            wire.planned_record(one, may_view=may_view[Kind(one.kind)]) for one in page
        ]
        return success({"plan": wire.plan(plan), "records": records, "cursor": cursor})

    def _position(self) -> int:
        text = self.params.get("cursor")
        if text is None:
            return 0
        cursor = Cursor.decode(text)
        if cursor.ordering != _ORDERING:
            raise InvalidParamsError("cursor: belongs to another list")
        return cursor.id
