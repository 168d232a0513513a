"""Import operations, to look at."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.permission_names import PermissionName
from config.admin_guard import GuardedInline
from imports_app.admin import cells
from imports_app.admin.check_report import check_report
from imports_app.admin.compare_pages import ComparePages
from imports_app.admin.history import HistoryList
from imports_app.admin.new_import import NewImportPages
from imports_app.admin.operation_actions import OperationActions
from imports_app.admin.selection_pages import SelectionPages
from imports_app.models import ImportOperation, KindCount, OperationEvent
from imports_app.statuses import Status

_REFRESHED_AFTER: Final = "2"
"""Seconds until the page of a running operation is shown anew, also without scripts."""


class EventInline(GuardedInline):
    """The operation's timeline."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    model = OperationEvent
    fields = readonly_fields = ("created_at", "who", "change", "validity", "token")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OperationEvent]:
        """Return the events with who acted, the oldest first."""
        return OperationEvent.objects.in_order()

    @display(description=_("by"))
    def who(self, event: OperationEvent) -> str:
        """Return who acted; nobody is the server."""
        return str(event.actor or _("the server"))

    @display(description=_("change"))
    def change(self, event: OperationEvent) -> str:
        """Say from where to where it went."""
        reached = Status(event.to_status).label
        if not event.from_status:
            return str(reached)
        if event.from_status == event.to_status:
            return str(_("stays %s") % reached)
        return f"{Status(event.from_status).label} → {reached}"

    @display(description=_("valid"), boolean=True)
    def validity(self, event: OperationEvent) -> bool:
        """Tell whether the operation could still be used afterwards."""
        return event.is_valid


class KindCountInline(GuardedInline):
    """What came of the records, by kind."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    model = KindCount
    fields = readonly_fields = (
        *("kind", "staged", "imported", "updated", "skipped", "failed"),
    )


@admin.register(ImportOperation)
class ImportOperationAdmin(
    HistoryList, ComparePages, NewImportPages, SelectionPages, OperationActions
):
    """What was imported, when, by whom, and what came of it."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    delete_permission = PermissionName.DELETE_IMPORT_OPERATIONS

    inlines = (KindCountInline, EventInline)
    change_form_outer_before_template = "imports_app/admin/operation_summary.html"
    readonly_fields = ("starter", "duration", "size", "counters")
    fieldsets = (
        (
            _("Operation"),
            {
                "fields": (
                    ("importer_name", "importer_key"),
                    ("public_id", "starter"),
                    ("created_at", "updated_at"),
                    ("duration", "heartbeat_at"),
                    ("is_valid",),
                )
            },
        ),
        (_("File"), {"fields": (("file_name",), ("content_type", "size"))}),
        (
            _("Counters"),
            {"fields": ("counters",)},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportOperation]:
        """Return the operations with their starters, where the accounts are there."""
        return ImportOperation.objects.with_starter().without_plans()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep what the server is at work on."""
        if obj is not None and obj.is_running:
            return False
        return super().has_delete_permission(request, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show an operation, summed up at the top."""
        operation = self.get_object(request, object_id)
        summary = operation and {
            "badge": cells.badge_html(Status(operation.status)),
            "explanation": cells.explanation(operation),
            "progress": cells.progress_bar(operation),
            "operation": operation,
        }
        may_import = self.has_start_permission(request)
        report = operation and check_report(operation, may_import=may_import)
        context = {
            **(extra_context or {}),
            "summary": summary,
            "check_report": report,
        }
        response = super().change_view(request, object_id, form_url, context)
        if operation is not None and operation.is_running:
            response.headers["Refresh"] = _REFRESHED_AFTER
        return response

    @display(description=_("started by"))
    def starter(self, operation: ImportOperation) -> str:
        """Return the starter's name, or the id if the account is gone."""
        return cells.starter(operation)

    @display(description=_("duration"))
    def duration(self, operation: ImportOperation) -> str:
        """Say how long it took."""
        return cells.duration(operation)

    @display(description=_("counted"))
    def counters(self, operation: ImportOperation) -> str:
        """List what has been counted so far."""
        return cells.counters(operation)

    @display(description=_("file size"))
    def size(self, operation: ImportOperation) -> str:
        """Return the file's size in a handy unit."""
        if operation.file_size is None:
            return "-"
        return filesizeformat(operation.file_size)
