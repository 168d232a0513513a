"""Pages of the reconciliation of an import: a table, and the same as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.permission_names import PermissionName
from config.admin.formatting import format_number
from imports_app.admin.base import AdminPages
from imports_app.admin.columns import operation_name
from imports_app.admin.labels import kind_label
from imports_app.admin.links import page_of, records_of, step_of
from imports_app.admin.reconciliation.completeness import can_reconcile, completeness_of
from imports_app.admin.workspace.links import conversation_url
from imports_app.models import ImportOperation, ImportRecord, Outcome, Room
from imports_app.records import Kind
from imports_app.reports.csv_reconciliation import write_reconciliation
from imports_app.reports.reconciliation import (
    Counts,
    RoomLine,
    lines_by_kind,
    room_lines,
)

ROWS: Final = 50
COLUMNS: Final = (
    *(_("Found"), _("Selected"), _("Imported"), _("Updated"), _("Unchanged")),
    *(_("Skipped"), _("Failed"), _("Not processed"), _("In the workspace")),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """Number of a table, with a link to its records if they are stored."""

    name: Any
    text: str
    href: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Row of a table."""

    name: str
    href: str
    note: str
    cells: list[Cell]


class ReconciliationPages(AdminPages):
    """Reconciliation of an import."""

    @action(
        description=_("Reconciliation"),
        url_path="reconciliation",
        icon="fact_check",
        permissions=("view",),
    )
    def reconciliation_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show what was selected and what is in the workspace, by kind and room."""
        self.require_view(request)
        operation = self._reconciled(object_id)
        if not can_reconcile(operation):
            return self.redirect_stale(request, operation)
        kinds = lines_by_kind(operation)
        rooms = Paginator(ImportRecord.objects.rooms_of(operation.pk), ROWS)
        page = rooms.get_page(request.GET.get("page", "1")[:9])
        may_read = request.user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION)
        return self.show(
            request,
            "reconciliation/reconciliation.html",
            _("Reconciliation"),
            operation=operation,
            operation_page=page_of(operation),
            operation_name=operation_name(operation),
            csv_page=step_of(operation, "reconciliation_csv"),
            completeness=completeness_of(operation, lines=kinds),
            columns=COLUMNS,
            kinds=[
                Line(
                    kind_label(line.kind),
                    "",
                    "",
                    _cells(operation, line.counts, line.kind, {}),
                )
                for line in kinds
            ],
            rooms=[
                _room(operation, line, may_read=may_read)
                for line in room_lines(operation, list(page.object_list))
            ],
            page=page,
        )

    @action(
        description=_("Download reconciliation"),
        url_path="reconciliation-csv",
        icon="download",
        permissions=("view",),
    )
    def reconciliation_csv_page(
        self, request: HttpRequest, object_id: int
    ) -> HttpResponse:
        """Return the reconciliation as CSV."""
        self.require_view(request)
        operation = self._reconciled(object_id)
        if not can_reconcile(operation):
            return self.redirect_stale(request, operation)
        name = f"reconciliation-{operation.public_id}.csv"
        return HttpResponse(
            write_reconciliation(operation),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _reconciled(self, object_id: int) -> ImportOperation:
        return get_object_or_404(
            ImportOperation.objects.without_large_fields(), pk=object_id
        )


def _room(operation: ImportOperation, line: RoomLine, *, may_read: bool) -> Line:
    name = line.name or (str(line.room) if line.room else "")
    note: Any
    if line.is_removed:
        note = _("The room was deleted later.")
    elif line.outcome is Outcome.SKIPPED:
        note = _("Not selected.")
    elif line.outcome is Outcome.STAGED:
        note = _("Not processed.")
    else:
        note = line.note
    is_linked = may_read and line.room is not None
    return Line(
        name or _direct_name(line),
        conversation_url(line.room.pk) if is_linked and line.room else "",
        str(note),
        _cells(operation, line.counts, Kind.MESSAGE, {"room": line.import_id}),
    )


def _direct_name(line: RoomLine) -> str:
    is_direct = line.type == Room.Type.DIRECT
    return str(_("Direct messages")) if is_direct else line.import_id


def _cells(
    operation: ImportOperation, counts: Counts, kind: Kind, narrowed: dict[str, str]
) -> list[Cell]:
    """Return the numbers; failed records are linked, and skipped ones if stored."""
    numbers = (
        *(counts.found, counts.selected, counts.imported, counts.updated),
        *(counts.unchanged, counts.skipped, counts.failed, counts.not_processed),
        counts.in_workspace,
    )
    filters = {"kind__exact": kind.value, **narrowed}
    links = {_FAILED: Outcome.FAILED}
    if kind is not Kind.MESSAGE:
        links[_SKIPPED] = Outcome.SKIPPED
    return [
        Cell(
            name,
            "-" if number is None else format_number(number),
            records_of(operation, **filters, outcome__exact=links[index])
            if number and index in links
            else "",
            is_bad=bool(number) and index == _FAILED,
        )
        for index, (name, number) in enumerate(zip(COLUMNS, numbers, strict=True))
    ]


_SKIPPED: Final = 5
_FAILED: Final = 6
