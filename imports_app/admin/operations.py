"""Import operations, to look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.permission_names import PermissionName
from config.admin_guard import GuardedAdmin, GuardedInline
from imports_app.models import ImportOperation, OperationEvent
from imports_app.statuses import IMPORTING, LOADING, State, Status

STATUS_COLOURS: Final = {
    **dict.fromkeys(LOADING | IMPORTING, "info"),
    Status.NEW: "info",
    Status.USER_SELECTION: "warning",
    Status.DONE: "success",
    Status.FAILED: "danger",
    Status.CANCELLED: "danger",
}
_EXPLANATIONS: Final = {
    State.NEW: _("Waits for a file. Upload one to go on."),
    State.LOADING: _("The file is being taken in. Wait until it has been read."),
    State.READY: _("Waits for somebody to select what to import, and to start."),
    State.IMPORTING: _("Runs now. The counters grow as records come in."),
    State.DONE: _("Every record was tried. Look at the failed ones, if there are any."),
    State.ERROR: _("Came to an end before it was done. Start a new import."),
    State.CANCELED: _("Somebody cancelled it. Start a new import."),
}


class _ListFilter(admin.SimpleListFilter):
    """A filter that asks a query set method."""

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Offer yes and no."""
        return (("yes", _("Yes")), ("no", _("No")))


class StateFilter(_ListFilter):
    """Filters by what `import.status` reports."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Offer the states."""
        return State.choices

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep operations in the chosen state."""
        value = self.value()
        return queryset.in_state(State(value)) if value in State.values else queryset


class ErrorsFilter(_ListFilter):
    """Filters by whether anything failed."""

    title = _("has errors")
    parameter_name = "errors"

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep operations with errors, or without."""
        failed = queryset.with_errors().order_by().values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=failed)
        return queryset.exclude(pk__in=failed) if self.value() == "no" else queryset


class EventInline(GuardedInline):
    """The operation's timeline."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    model = OperationEvent
    fields = readonly_fields = (
        *("created_at", "actor", "token", "from_status", "to_status", "is_valid"),
    )
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OperationEvent]:
        """Return the events with who acted."""
        events: QuerySet[OperationEvent] = super().get_queryset(request)
        return events.select_related("actor", "token")


@admin.register(ImportOperation)
class ImportOperationAdmin(GuardedAdmin):
    """What was imported, when, by whom, and what came of it."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS
    delete_permission = PermissionName.DELETE_IMPORT_OPERATIONS

    inlines = (EventInline,)
    list_display = (
        *("importer_name", "badge", "starter", "created_at", "updated_at"),
        *("progress", "is_valid", "public_id"),
    )
    list_filter = (StateFilter, "status", "importer_name", "is_valid", ErrorsFilter)
    list_select_related = ("user",)
    search_fields = ("public_id", "file_name", "user__username")
    search_help_text = _("Search by id, file name or who started it")
    date_hierarchy = "created_at"
    ordering = ("-updated_at", "-id")
    readonly_fields = ("badge", "explanation", "starter", "progress")
    fieldsets = (
        (None, {"fields": ("badge", "explanation", "progress")}),
        (
            _("Operation"),
            {
                "fields": (
                    *("importer_name", "importer_key", "public_id", "starter"),
                    *("created_at", "updated_at", "is_valid"),
                )
            },
        ),
        (_("File"), {"fields": ("file_name", "content_type", "file_size")}),
        (
            _("Counters"),
            {
                "fields": (
                    *("count_total", "count_completed", "count_error"),
                    *("count_users", "count_channels", "count_messages"),
                )
            },
        ),
        (
            _("Trouble"),
            {"fields": ("error_code", "error_message", "heartbeat_at")},
        ),
    )

    @display(
        description=_("status"),
        ordering="status",
        label={
            str(Status(status).label): colour
            for status, colour in STATUS_COLOURS.items()
        },
    )
    def badge(self, operation: ImportOperation) -> str:
        """Return the status in words."""
        return str(Status(operation.status).label)

    @display(description=_("what it means"))
    def explanation(self, operation: ImportOperation) -> str:
        """Say what the state means and what to do next."""
        return str(_EXPLANATIONS[operation.state])

    @display(description=_("started by"), ordering="user__username")
    def starter(self, operation: ImportOperation) -> str:
        """Return the starter's name, or the id if the account is gone."""
        return str(operation.user or operation.user_id or "-")

    @display(description=_("records"))
    def progress(self, operation: ImportOperation) -> str:
        """Draw how many records were tried, and how many failed."""
        total = operation.count_total
        if not total:
            return "-"
        failed = operation.count_error or 0
        tried = min((operation.count_completed or 0) + failed, total)
        text = _("%(tried)d of %(total)d, %(failed)d failed") % {
            "tried": tried,
            "total": total,
            "failed": failed,
        }
        return format_html(
            '<progress class="w-24" max="{}" value="{}" aria-label="{}"></progress>'
            ' <span class="text-xs whitespace-nowrap">{}</span>',
            total,
            tried,
            text,
            text,
        )
