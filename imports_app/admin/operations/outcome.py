"""Outcome of an import: counts by kind, failures by code, created items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permission_names import PermissionName
from config.admin.formatting import format_number
from imports_app.admin.labels import kind_label
from imports_app.admin.links import records_of
from imports_app.admin.operations.progress import is_stopped_early, sort_kinds
from imports_app.admin.workspace.links import conversation_url
from imports_app.error_catalog import Explanation, explanation_of
from imports_app.models import ImportOperation, ImportRecord, KindCount, Outcome, Room
from imports_app.querysets.records import CodeCount
from imports_app.records import Kind

_MAX_ITEMS: Final = 10
_OUTCOMES: Final = (
    Outcome.IMPORTED,
    Outcome.UPDATED,
    Outcome.UNCHANGED,
    Outcome.SKIPPED,
    Outcome.FAILED,
)

_UNDO_LABELS: Final = {
    Outcome.IMPORTED: gettext_lazy("Removed"),
    Outcome.UPDATED: gettext_lazy("Restored"),
    Outcome.SKIPPED: gettext_lazy("Kept"),
}
"""Labels of outcomes of an undo, and no others."""


@dataclass(frozen=True, slots=True)
class Number:
    """Count with an optional link to the records that it counts."""

    name: Any
    text: str
    href: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class KindOutcome:
    """Row of the outcome table."""

    name: Any
    found: str
    numbers: list[Number]


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """Failed records, or what an undo kept, with the same code."""

    code: str
    explanation: Explanation
    records: int
    href: str
    example: ImportRecord
    unreadable: int
    """Records that could not be read, so that they can't be retried."""

    @property
    def text(self) -> str:
        """Formatted number of records."""
        return format_number(self.records)

    @property
    def place(self) -> str:
        """File and line of the first record."""
        return place_of(self.example)


@dataclass(frozen=True, slots=True)
class CreatedItem:
    """Room or user that an import created, updated or left unchanged."""

    name: str
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class CreatedList:
    """First rooms or users of an import, with a link to all of them."""

    title: Any
    items: list[CreatedItem]
    is_complete: bool
    href: str


def place_of(record: ImportRecord) -> str:
    """Return file and line as `file:line`."""
    if record.source_line is None:
        return record.source_file
    return f"{record.source_file}:{record.source_line}"


def outcomes_of(
    operation: ImportOperation, kinds: Sequence[KindCount]
) -> list[KindOutcome]:
    """Return the counts by kind, with links to the records that are stored."""
    shown = tuple(_UNDO_LABELS) if operation.is_undo else _OUTCOMES
    return [
        KindOutcome(
            kind_label(count.kind),
            format_number(count.staged),
            [
                *(_number(operation, count, outcome) for outcome in shown),
                *_unprocessed(operation, count),
                *([] if operation.is_undo else [_guessed(operation, count)]),
            ],
        )
        for count in sort_kinds(kinds)
    ]


def failures_of(operation: ImportOperation) -> list[RecordGroup]:
    """Return the failed records by code, each with its first record as example."""
    counted = ImportRecord.objects.failures_by_code(operation.pk)
    return _groups(operation, Outcome.FAILED, counted)


def kept_of(undo: ImportOperation) -> list[RecordGroup]:
    """Return what an undo kept by reason; rows of a room or user are one record."""
    if not undo.is_undo:
        return []
    counted = ImportRecord.objects.kept_by_code(undo.pk)
    return _groups(undo, Outcome.SKIPPED, counted)


def _groups(
    operation: ImportOperation, outcome: Outcome, counted: Sequence[CodeCount]
) -> list[RecordGroup]:
    firsts = [row.first for row in counted]
    examples = ImportRecord.objects.defer("data").in_bulk(firsts)
    return [
        RecordGroup(
            row.code,
            explanation_of(row.code),
            row.records,
            records_of(operation, outcome__exact=outcome, code=row.code),
            examples[row.first],
            row.unreadable,
        )
        for row in counted
        if row.first in examples
    ]


def created_by(
    request: HttpRequest, operation: ImportOperation, kinds: Sequence[KindCount]
) -> list[CreatedList]:
    """Return the imported rooms and users, linked if the user may view them.

    Args:
        request: The request of the user who views the page.
        operation: The import.
        kinds: Its counts, which tell whether there are any.
    """
    imported = {Kind(count.kind) for count in kinds if count.completed}
    lists = [
        _created(request, operation, kind)
        for kind in (Kind.CHANNEL, Kind.USER)
        if kind in imported
    ]
    return [created for created in lists if created.items]


def _created(
    request: HttpRequest, operation: ImportOperation, kind: Kind
) -> CreatedList:
    records = ImportRecord.objects.of_kind(operation.pk, kind).completed()
    keys = records.values_list("target_id", flat=True)[: _MAX_ITEMS + 1]
    targets = [key for key in keys if key is not None]
    items_of = _room_items if kind is Kind.CHANNEL else _user_items
    return CreatedList(
        kind_label(kind),
        items_of(request, list(dict.fromkeys(targets[:_MAX_ITEMS]))),
        len(targets) <= _MAX_ITEMS,
        records_of(operation, kind__exact=kind, came_in="yes"),
    )


def _room_items(request: HttpRequest, keys: Sequence[int]) -> list[CreatedItem]:
    may_see = request.user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION)
    rooms = Room.objects.in_bulk(keys)
    return [
        CreatedItem(
            str(room),
            ngettext("%s message", "%s messages", room.message_count)
            % format_number(room.message_count),
            conversation_url(key) if may_see else "",
        )
        for key in keys
        if (room := rooms.get(key)) is not None
    ]


def _user_items(request: HttpRequest, keys: Sequence[int]) -> list[CreatedItem]:
    may_see = request.user.has_perm(PermissionName.VIEW_USER_ADMINISTRATION)
    users = User.objects.in_bulk(keys)
    return [
        CreatedItem(
            str(user),
            user.name,
            reverse("admin:accounts_user_change", args=[key]) if may_see else "",
        )
        for key in keys
        if (user := users.get(key)) is not None
    ]


def _guessed(operation: ImportOperation, count: KindCount) -> Number:
    """Return how many records were guessed, with a link to those that are stored."""
    href = records_of(operation, kind__exact=count.kind, guess="any")
    return Number(
        _("Guessed"),
        format_number(count.guessed),
        href if count.guessed and count.kind != Kind.MESSAGE else "",
    )


def _unprocessed(operation: ImportOperation, count: KindCount) -> list[Number]:
    """Return how many records a trial run, or a run that ended early, left."""
    if not operation.is_trial and not is_stopped_early(operation):
        return []
    return [Number(_("Not processed"), format_number(count.unprocessed))]


def _number(operation: ImportOperation, count: KindCount, outcome: Outcome) -> Number:
    """Return a count, linked if its records are stored.

    Of messages, only those that failed or that the importer omits are stored.
    """
    number: int = getattr(count, outcome)
    is_stored = (
        count.kind != Kind.MESSAGE
        or outcome is Outcome.FAILED
        or (operation.is_undo and outcome is Outcome.SKIPPED)
        or (outcome is Outcome.SKIPPED and number == count.omitted)
    )
    href = records_of(operation, kind__exact=count.kind, outcome__exact=outcome)
    return Number(
        _UNDO_LABELS[outcome] if operation.is_undo else capfirst(outcome.label),
        format_number(number),
        href if number and is_stored else "",
        is_bad=outcome is Outcome.FAILED and number > 0,
    )
