"""Admin of import records: list, filters and page."""

from __future__ import annotations

import re
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from config.admin.empty_states import EmptyState
from config.admin.formatting import link, wrapped
from config.admin.lookups import is_key
from config.admin.pagination import BoundedChangeList, BoundedPaginator
from imports_app.admin.base import AdminPages
from imports_app.admin.columns import label_html, operation_name
from imports_app.admin.corrections.links import correct_url
from imports_app.admin.corrections.values import describe_correction
from imports_app.admin.links import page_of
from imports_app.admin.operations.outcome import place_of
from imports_app.admin.records.data import data_html
from imports_app.admin.records.filters import (
    CodeFilter,
    GuessFilter,
    ImportedFilter,
    RoomFilter,
)
from imports_app.error_catalog import explanation_of
from imports_app.models import ImportOperation, ImportRecord, Outcome
from imports_app.records import Kind
from imports_app.services.access_log import record_message_read
from imports_app.services.corrections.records import (
    CorrectableRecord,
    can_correct,
    correctable,
)

_COLORS: Final = {
    Outcome.STAGED: "info",
    Outcome.IMPORTED: "success",
    Outcome.UPDATED: "success",
    Outcome.UNCHANGED: "success",
    Outcome.SKIPPED: "",
    Outcome.FAILED: "danger",
}
_TARGETS: Final = {
    Kind.USER: ("accounts_user", PermissionName.VIEW_USER_ADMINISTRATION),
    Kind.AVATAR: ("accounts_user", PermissionName.VIEW_USER_ADMINISTRATION),
    Kind.CHANNEL: ("imports_app_room", PermissionName.VIEW_ROOM_ADMINISTRATION),
    Kind.FILE: ("imports_app_messagefile", PermissionName.VIEW_ROOM_ADMINISTRATION),
}
"""Admin pages of the objects that records create, and the required permissions."""
_LINK_LABELS: Final = {
    Kind.USER: _("Open user"),
    Kind.AVATAR: _("Open user"),
    Kind.CHANNEL: _("Open room"),
    Kind.FILE: _("Open file"),
}
_PLACE: Final = re.compile(r"(.+):(\d{1,9})")


@admin.register(ImportRecord)
class ImportRecordAdmin(AdminPages):
    """Admin pages of records: outcome, error, location in the source."""

    view_permission = PermissionName.VIEW_IMPORT_OPERATIONS

    empty_state = EmptyState(
        "list_alt",
        _("No records yet"),
        _(
            "The users, rooms and failed messages of a file appear here after it is"
            " uploaded and read."
        ),
    )
    list_display = ("record", "badge", "reason", "place")
    list_filter = (
        ("outcome", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        CodeFilter,
        ImportedFilter,
        GuessFilter,
        RoomFilter,
    )
    link_lookups = frozenset({"operation__id__exact", "code__exact"})
    list_before_template = "imports_app/admin/records/list_before.html"
    search_fields = ("import_id", "message", "source_file")
    search_help_text = _("Search by ID, reason, file, or file:line")
    show_full_result_count = False
    paginator = BoundedPaginator

    def title_of(self, obj: Any) -> str:
        """Return the record's ID, else its kind with its place in the source."""
        place = obj.import_id or place_of(obj)
        return str(capfirst(f"{obj.get_kind_display()} {place}".strip()))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRecord]:
        """Return the records without their data, which can be large."""
        records: QuerySet[ImportRecord] = super().get_queryset(request).defer("data")
        return records

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        """Return the list class that limits the number of rows to count."""
        return BoundedChangeList

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Order by the columns of the index that the filters use."""
        filters = {"outcome__exact", "code", "guess"} & request.GET.keys()
        return ("id",) if filters else ("kind", "id")

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """Add the column with links to the created objects."""
        return (*self.list_display, _target_column(request))

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Search by `file:line`, otherwise by the words."""
        place = _PLACE.fullmatch(search_term.strip())
        if place is not None:
            return queryset.at(place[1], int(place[2])), False
        found: tuple[Any, bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """List the records, with the name of their operation above."""
        selected = request.GET.get("operation__id__exact", "")
        extra = {**(kw.pop("extra_context", None) or {})}
        if is_key(selected):
            operations = ImportOperation.objects.without_large_fields()
            operation = operations.filter(pk=selected).first()
            extra["operation"] = operation
            extra["operation_name"] = operation and operation_name(operation)
        return super().changelist_view(request, *args, extra_context=extra, **kw)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a record read-only."""
        self.require_view(request)
        records = ImportRecord.objects.with_operation()
        record = get_object_or_404(records, pk=object_id)
        may_read = _may_read(request, record)
        found = correctable(record.operation, record)
        if may_read and record.kind == Kind.MESSAGE:
            record_message_read(record.operation, by=author_of(request))
        return self.show(
            request,
            "records/record.html",
            self.title_of(record),
            subject=record,
            record=record,
            badge=label_html(record.get_outcome_display(), _COLORS[_outcome(record)]),
            explanation=explanation_of(record.code) if record.code else None,
            guess=explanation_of(record.guess) if record.guess else None,
            operation_page=page_of(record.operation),
            operation_name=operation_name(record.operation),
            target=_target_page(request, record),
            target_label=_LINK_LABELS.get(Kind(record.kind), ""),
            location=place_of(record),
            data=data_html(record, may_read=may_read),
            correct_page=self._correct_page(request, found),
            correction=describe_correction(found) if may_read else None,
        )

    def _correct_page(self, request: HttpRequest, found: CorrectableRecord) -> str:
        """Return the URL of the page that corrects a record, if that is possible."""
        is_allowed = self.allows(request, PermissionName.RUN_IMPORT)
        if not is_allowed or not can_correct(found.operation, found.record):
            return ""
        return correct_url(found.operation.pk, found.key)

    @display(description=_("record"), header=True)
    def record(self, record: ImportRecord) -> tuple[str, str]:
        """Return the record's ID and kind."""
        return record.import_id or "-", record.get_kind_display()

    @display(description=_("outcome"), label=_COLORS)
    def badge(self, record: ImportRecord) -> tuple[str, Any]:
        """Return the outcome as a label."""
        return record.outcome, record.get_outcome_display()

    @display(description=_("reason"), header=True)
    def reason(self, record: ImportRecord) -> tuple[str, str]:
        """Return the message, and the code with its title."""
        code = f"{explanation_of(record.code).title} · {record.code}"
        return wrapped(record.message or "-"), wrapped(code) if record.code else ""

    @display(description=_("location"))
    def place(self, record: ImportRecord) -> str:
        """Return file and line."""
        return wrapped(place_of(record) or "-")


def _target_column(request: HttpRequest) -> Any:
    @display(description=_("imported as"))
    def imported_as(record: ImportRecord) -> str:
        page = _target_page(request, record)
        return link(page, _LINK_LABELS[Kind(record.kind)]) if page else "-"

    return imported_as


def _target_page(request: HttpRequest, record: ImportRecord) -> str:
    """Return the URL of the created object, if the user may view it."""
    target = _TARGETS.get(Kind(record.kind))
    if target is None or record.target_id is None:
        return ""
    page, permission = target
    if not request.user.has_perm(permission):
        return ""
    return reverse(f"admin:{page}_change", args=[record.target_id])


def _may_read(request: HttpRequest, record: ImportRecord) -> bool:
    """Return whether the user may read the text of a message.

    Users with the run-import permission can download failed records to correct them,
    so they may read those.
    """
    if request.user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION):
        return True
    is_failed = record.outcome == Outcome.FAILED
    return is_failed and request.user.has_perm(PermissionName.RUN_IMPORT)


def _outcome(record: ImportRecord) -> Outcome:
    return Outcome(record.outcome)
