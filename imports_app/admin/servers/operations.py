"""Admin of the imports of connected servers: list and page, read only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from accounts.permission_names import PermissionName
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time
from imports_app.admin import columns
from imports_app.admin.operations.filters import ImporterFilter, StartedFilter
from imports_app.admin.servers.comparison import MirrorComparison
from imports_app.admin.servers.labels import label_of, mirrored_badge
from imports_app.models import MirroredOperation, Server
from imports_app.reports.importer_labels import importer_label
from imports_app.statuses import State


class ServerFilter(DropdownFilter):
    """Filter by server."""

    title = _("server")
    parameter_name = "server"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the connected servers."""
        return [(name, name) for name in Server.objects.values_list("name", flat=True)]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the imports of the selected server."""
        return queryset.of_server(self.value()) if self.value() else queryset


class StateFilter(DropdownFilter):
    """Filter by the state that Rocket.Chat derives from the status."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the states."""
        return State.choices

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the imports in the selected state."""
        value = self.value()
        return queryset.in_state(State(value)) if value in State.values else queryset


@admin.register(MirroredOperation)
class MirroredOperationAdmin(MirrorComparison):
    """Imports of all connected servers, newest first."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS

    empty_state = EmptyState(
        "hub",
        _("No imports of other servers yet"),
        _(
            "Imports of connected Rocket.Chat servers are listed here. Those servers"
            " list only their latest 20 imports; this list keeps all of them."
        ),
    )
    list_display = ("label", "server_name", "badge", "records", "started", "changed")
    list_filter = (
        ServerFilter,
        StateFilter,
        ImporterFilter,
        ("created_at", StartedFilter),
    )
    list_select_related = ("server",)
    search_fields = ("public_id", "file_name")
    search_help_text = _("Search by ID or file name")
    ordering = ("-created_at", "-id")
    sortable_by = ("started", "changed")
    show_full_result_count = False
    fields = readonly_fields = (
        *("server_name", "public_id", "importer", "file_name", "badge", "records"),
        *("started", "changed", "user_id", "timeline", "document_text"),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the imports; lists don't read the whole documents."""
        return super().get_queryset(request).defer("document")

    @display(description=_("import"), header=True)
    def label(self, operation: MirroredOperation) -> tuple[str, str]:
        """Return the importer, and below it the file name or the ID."""
        return self.importer(operation), columns.file_cell(operation)

    @display(description=_("importer"))
    def importer(self, operation: MirroredOperation) -> str:
        """Return the name of the importer."""
        return str(importer_label(operation.importer_key, operation.importer_name))

    @display(description=_("server"), ordering="server__name")
    def server_name(self, operation: MirroredOperation) -> str:
        """Return the name of the server."""
        return operation.server.name

    @display(description=_("status"))
    def badge(self, operation: MirroredOperation) -> str:
        """Return the status as a badge, with a mark if the import is stalled."""
        shown = mirrored_badge(operation)
        if not operation.is_stalled:
            return shown
        mark = _("no change for 5 minutes")
        return format_html('{} <span class="row-mark">{}</span>', shown, mark)

    @display(description=_("records"))
    def records(self, operation: MirroredOperation) -> str:
        """Return a progress bar with the server's numbers."""
        return columns.progress_bar(operation)

    @display(description=_("started"), ordering="created_at")
    def started(self, operation: MirroredOperation) -> str:
        """Return the start time."""
        return format_time(operation.created_at)

    @display(description=_("changed"), ordering="updated_at")
    def changed(self, operation: MirroredOperation) -> str:
        """Return the time of the last change."""
        return format_time(operation.updated_at)

    @display(description=_("timeline"))
    def timeline(self, operation: MirroredOperation) -> str:
        """Return the observed changes of the status."""
        changes = [
            {
                "when": format_time(change.updated_at),
                "what": label_of(change.status),
                "seen": format_time(change.observed_at),
                "is_valid": change.is_valid,
            }
            for change in operation.changes.all()
        ]
        return render_to_string(
            "imports_app/admin/servers/timeline.html", {"changes": changes}
        )

    @display(description=_("server response"))
    def document_text(self, operation: MirroredOperation) -> str:
        """Return the whole document as text."""
        text = json.dumps(operation.document, indent=2, ensure_ascii=False)
        return format_html('<pre class="secret">{}</pre>', text)
