"""What came of each record of an import, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from accounts.permission_names import PermissionName
from config.admin_cells import link, wrapping
from config.admin_guard import GuardedAdmin
from imports_app.admin.bounded_pages import BoundedChangeList, BoundedPaginator
from imports_app.models import ImportRecord, Outcome

_COLOURS = {
    Outcome.STAGED: "info",
    Outcome.IMPORTED: "success",
    Outcome.UPDATED: "success",
    Outcome.SKIPPED: "",
    Outcome.FAILED: "danger",
}


@admin.register(ImportRecord)
class ImportRecordAdmin(GuardedAdmin):
    """Records with their outcomes, where they stood, and why they failed."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS

    list_display = ("record", "badge", "reason", "place")
    list_filter = (("outcome", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    search_fields = ("import_id", "message", "source_file")
    search_help_text = _("Search by id, reason or file")
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("id",)
    fields = ("origin", "kind", "import_id", "badge", "code", "message", "place")
    readonly_fields = ("origin", "badge", "place")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRecord]:
        """Return the records with their operations."""
        rows = super().get_queryset(request).select_related("operation")
        plans = ("operation__selection", "operation__report")
        records: QuerySet[ImportRecord] = rows.defer(*plans)
        return records

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        """Return the list that stays fast with a million records."""
        return BoundedChangeList

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Let pages of operations lead to their records."""
        return lookup == "operation__id__exact" or super().lookup_allowed(
            lookup, value, request
        )

    @display(description=_("record"), header=True)
    def record(self, record: ImportRecord) -> tuple[str, str]:
        """Return the record's id, and what it is."""
        return record.import_id or "-", record.get_kind_display()

    @display(description=_("outcome"), label=_COLOURS)
    def badge(self, record: ImportRecord) -> tuple[str, Any]:
        """Return the outcome in words."""
        return record.outcome, record.get_outcome_display()

    @display(description=_("why"), header=True)
    def reason(self, record: ImportRecord) -> tuple[str, str]:
        """Return the reason, and its code."""
        return wrapping(record.message or "-"), record.code

    @display(description=_("place"))
    def place(self, record: ImportRecord) -> str:
        """Return file and line."""
        if record.source_line is None:
            return record.source_file or "-"
        return f"{record.source_file}:{record.source_line}"

    @display(description=_("operation"))
    def origin(self, record: ImportRecord) -> str:
        """Lead to the operation."""
        page = reverse(
            "admin:imports_app_importoperation_change", args=[record.operation_id]
        )
        return link(page, record.operation)
