"""The list of all operations: what was imported, when, by whom, and what came of it."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from accounts.permission_names import PermissionName
from config.admin.base import GuardedAdmin
from config.admin.formatting import cut, grouped, moment
from config.admin.pagination import BoundedChangeList, BoundedPaginator
from imports_app.admin import columns
from imports_app.admin.labels import counted
from imports_app.admin.operations.filters import (
    ErrorsFilter,
    ImporterFilter,
    StartedFilter,
    StarterFilter,
    StateFilter,
    ValidFilter,
)
from imports_app.models import ImportOperation
from imports_app.statuses import FINISHED, IMPORTING

_OUTCOMES: Final = (
    ("imported", gettext_lazy("%s imported")),
    ("updated", gettext_lazy("%s updated")),
    ("skipped", gettext_lazy("%s skipped")),
)


class HistoryChangeList(BoundedChangeList):
    """The operations of a page, with what their rows show."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows, what each one tries again, and what came of its records."""
        super().get_results(request)
        self.result_list = self.result_list.with_parent().with_kind_counts()


class HistoryList(GuardedAdmin):
    """The columns, the filters and the search of the history."""

    list_display = (
        "label",
        "standing",
        "records",
        "started",
        "took",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        StateFilter,
        ImporterFilter,
        StarterFilter,
        ("is_valid", ValidFilter),
        ErrorsFilter,
        ("created_at", StartedFilter),
    )
    sortable_by = ("started",)
    search_fields = ("public_id", "file_name")
    search_help_text = gettext_lazy("Search by id, file name or who started it")
    ordering = ("-created_at", "-id")
    paginator = BoundedPaginator
    show_full_result_count = False
    list_disable_select_all = True
    change_list_template = "imports_app/admin/operations/list.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        """Return the list that reads what the columns need."""
        return HistoryChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[ImportOperation], bool]:
        """Find each word in the id, the file name or the starter."""
        return queryset.matching_words(search_term.split()), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; an empty one offers whoever may do so to start an import."""
        context = dict(extra_context or {})
        if self.allows(request, PermissionName.RUN_IMPORT):
            context["new_import"] = reverse(
                "admin:imports_app_importoperation_new_page"
            )
        answer: HttpResponse = super().changelist_view(request, extra_context=context)
        return answer

    @display(description=gettext_lazy("operation"), header=True)
    def label(self, operation: ImportOperation) -> tuple[str, str]:
        """Return the importer, below it the file or the id, and what it tries again."""
        below = columns.file_cell(operation)
        if operation.parent is not None:
            retry = _("retry of %s") % operation.parent.public_id
            below = format_html('{}<span class="row-mark">{}</span>', below, retry)
        return operation.importer_name, below

    @display(description=gettext_lazy("state"))
    def standing(self, operation: ImportOperation) -> str:
        """Return the status as a badge; mark the operation that may still be used."""
        badge = columns.badge_of(operation)
        if not operation.is_valid:
            return badge
        mark = '{} <span class="row-mark" title="{}">{}</span>'
        return format_html(
            mark, badge, _("It is the one that may still be used."), _("valid")
        )

    @display(description=gettext_lazy("records"))
    def records(self, operation: ImportOperation) -> str:
        """Draw how many were tried and failed, and say what came of them."""
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
        """Return when it was started, and by whom."""
        return moment(operation.created_at), cut(columns.started_by(operation))

    @display(description=gettext_lazy("duration"))
    def took(self, operation: ImportOperation) -> str:
        """Return how long it took, or for how long it has been running."""
        return columns.duration(operation)


def _outcomes(operation: ImportOperation) -> list[str]:
    """Return what came of the records that did not fail, once a run has begun."""
    if operation.status not in IMPORTING | FINISHED:
        return []
    kinds = operation.kind_counts.all()
    sums = {
        name: sum(getattr(kind, name) for kind in kinds) for name, _text in _OUTCOMES
    }
    return [text % grouped(sums[name]) for name, text in _OUTCOMES if sums[name]]


def _found(operation: ImportOperation) -> list[str]:
    """Return how many records of each kind the source has."""
    kinds = operation.kind_counts.all()
    return [counted(kind.kind, kind.staged) for kind in kinds if kind.staged]
