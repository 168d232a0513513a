"""List of all imports: file, status, records, start and duration."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.permission_names import PermissionName
from config.admin.base import GuardedAdmin
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_number, format_time, truncated
from config.admin.pagination import BoundedChangeList, BoundedPaginator
from imports_app.admin import columns
from imports_app.admin.labels import count_label
from imports_app.admin.operations.filters import (
    ErrorsFilter,
    ImporterFilter,
    InitiatorFilter,
    StartedFilter,
    StatusFilter,
)
from imports_app.models import ImportOperation
from imports_app.querysets.overall_status import OverallStatus
from imports_app.reports.importer_labels import importer_of
from imports_app.statuses import FINISHED, IMPORTING, Status

_OUTCOMES: Final = (
    ("imported", gettext_lazy("%s imported")),
    ("updated", gettext_lazy("%s updated")),
    ("unchanged", gettext_lazy("%s unchanged")),
    ("skipped", gettext_lazy("%s skipped")),
    ("unprocessed", gettext_lazy("%s not processed")),
)

_UNDO_OUTCOMES: Final = (
    ("imported", gettext_lazy("%s removed")),
    ("updated", gettext_lazy("%s restored")),
    ("skipped", gettext_lazy("%s kept")),
)


class HistoryChangeList(BoundedChangeList):
    """Page of the list, with the related rows that its columns show."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows with their parents and their counts by kind."""
        super().get_results(request)
        self.result_list = self.result_list.with_parent().with_kind_counts()


class HistoryList(GuardedAdmin):
    """Columns, filters and search of the list of imports."""

    list_display = (
        "label",
        "status_badge",
        "records",
        "started",
        "duration",
    )
    list_filter = (
        StatusFilter,
        ImporterFilter,
        InitiatorFilter,
        ErrorsFilter,
        ("created_at", StartedFilter),
    )
    sortable_by = ("started",)
    search_fields = ("public_id", "file_name")
    search_help_text = gettext_lazy("Search by ID, file name or user")
    ordering = ("-created_at", "-id")
    paginator = BoundedPaginator
    show_full_result_count = False
    list_disable_select_all = True
    plural = gettext_lazy("imports")
    change_list_template = "imports_app/admin/operations/list.html"

    def get_empty_state(self, request: HttpRequest) -> EmptyState:
        """Return how to start an import, or who can."""
        title = _("No imports yet")
        if not self.allows(request, PermissionName.RUN_IMPORT):
            text = _(
                "Imports appear here when a user with the run-import permission starts"
                " one."
            )
            return EmptyState("move_to_inbox", title, text)
        text = _(
            "Upload a file, review its contents, and start the import. This list keeps"
            " all imports with their results."
        )
        url = reverse("admin:imports_app_importoperation_new_page")
        return EmptyState("move_to_inbox", title, text, _("New import"), url)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        """Return the list class that reads the related rows in bulk."""
        return HistoryChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[ImportOperation], bool]:
        """Return operations with every word in their ID, file name or user."""
        return queryset.matching_words(search_term.split()), False

    @display(description=gettext_lazy("import"), header=True)
    def label(self, operation: ImportOperation) -> tuple[str, str]:
        """Return the importer, below it the file name or ID, and the earlier import."""
        below = columns.file_cell(operation)
        if operation.parent is not None:
            relation = _("undo of %s") if operation.is_undo else _("retry of %s")
            retry = relation % _file_or_id(operation.parent)
            below = format_html('{}<span class="row-mark">{}</span>', below, retry)
        if operation.rest_of is not None:
            rest = _("rest of %s") % _file_or_id(operation.rest_of)
            below = format_html('{}<span class="row-mark">{}</span>', below, rest)
        if operation.is_trial:
            trial = operation.trial_label
            below = format_html('{}<span class="row-mark">{}</span>', below, trial)
        return importer_of(operation), below

    @display(description=gettext_lazy("status"))
    def status_badge(self, operation: ImportOperation) -> str:
        """Return the overall status as a badge, and the step of a running import."""
        badge = columns.badge_of(operation)
        if operation.overall_status is not OverallStatus.IN_PROGRESS:
            return badge
        step = Status(operation.status).label
        return format_html('{} <span class="row-mark">{}</span>', badge, step)

    @display(description=gettext_lazy("records"))
    def records(self, operation: ImportOperation) -> str:
        """Return a progress bar and the number of records by outcome."""
        figures = ", ".join(_outcomes(operation) or _found(operation))
        bar = columns.progress_bar(operation)
        if not figures:
            return bar
        return format_html(
            '<div class="row-records">{}<span class="row-figures">{}</span></div>',
            *(bar if operation.count_total else "", figures),
        )

    @display(description=gettext_lazy("started"), ordering="created_at", header=True)
    def started(self, operation: ImportOperation) -> tuple[str, str]:
        """Return the start time and the user."""
        return format_time(operation.created_at), truncated(
            columns.started_by(operation)
        )

    @display(description=gettext_lazy("duration"))
    def duration(self, operation: ImportOperation) -> str:
        """Return the duration so far, or in total."""
        return columns.duration(operation) or "-"


def _file_or_id(operation: ImportOperation) -> str:
    return columns.original_file_name(operation) or operation.public_id


def _outcomes(operation: ImportOperation) -> list[str]:
    """Return the numbers of records that did not fail, once a run has started."""
    if operation.status not in IMPORTING | FINISHED:
        return []
    kinds = operation.kind_counts.all()
    sums = {
        name: sum(getattr(kind, name) for kind in kinds) for name, _text in _OUTCOMES
    }
    texts = dict(_UNDO_OUTCOMES if operation.is_undo else _OUTCOMES)
    return [texts[name] % format_number(sums[name]) for name in texts if sums[name]]


def _found(operation: ImportOperation) -> list[str]:
    """Return the number of records of each kind in the source."""
    kinds = operation.kind_counts.all()
    return [count_label(kind.kind, kind.staged) for kind in kinds if kind.staged]
