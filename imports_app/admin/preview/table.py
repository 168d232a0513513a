"""Tables of a preview: users and rooms by effect, and messages by room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from accounts.permission_names import PermissionName
from imports_app.admin.corrections.links import correct_url, messages_url
from imports_app.admin.links import records_of
from imports_app.admin.preview.labels import (
    CATEGORIES,
    Change,
    changes_of,
    describe_effect,
    note_of,
)
from imports_app.admin.table_view import TableView, page_number_of, text_of
from imports_app.error_catalog import explanation_of
from imports_app.models import (
    Correction,
    Effect,
    ImportOperation,
    ImportPlan,
    ImportRecord,
    PlannedMessages,
    PlannedRecord,
)
from imports_app.records import Kind
from imports_app.services.corrections.records import can_correct

ROWS: Final = 50
KINDS: Final = (Kind.USER, Kind.CHANNEL, Kind.MESSAGE)
_MOST_CHARACTERS: Final = 200
_VIEW_PERMISSIONS: Final = {
    Kind.USER: PermissionName.VIEW_USER_ADMINISTRATION,
    Kind.CHANNEL: PermissionName.VIEW_ROOM_ADMINISTRATION,
}


@dataclass(frozen=True, slots=True)
class View(TableView):
    """Kind, effect, search and page number of a view."""

    effect: str

    @classmethod
    def from_query(cls, query: QueryDict) -> View:
        """Parse a query string; ignore invalid values."""
        kind = query.get("kind", "")
        effect = query.get("effect", "")
        return cls(
            Kind(kind) if kind in KINDS else Kind.USER,
            text=text_of(query)[:_MOST_CHARACTERS],
            number=page_number_of(query),
            effect=effect if effect in Effect.values else "",
        )

    def values(self) -> dict[str, Any]:
        """Add the effect."""
        return {**TableView.values(self), "effect": self.effect}

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or an effect is selected."""
        return bool(self.text or self.effect)


@dataclass(frozen=True, slots=True)
class Row:
    """User or room with the effect of the import."""

    record: int
    name: str
    details: tuple[str, ...]
    effect: str
    effect_label: Any
    category: str
    text: str
    note: str
    changes: tuple[Change, ...]
    place: str
    correct_page: str
    """URL of the page that corrects the record, if that is possible."""
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Number of messages of a room that are skipped or fail for a reason."""

    title: Any
    messages: int


@dataclass(frozen=True, slots=True)
class RoomRow:
    """Messages of a room by effect."""

    name: str
    imported: int
    skipped: int
    failed: int
    failed_page: str
    """URL of the list of messages that fail, or of rows that can't be read."""
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One page of rows with its paginator."""

    page: Page[Any]
    rows: list[Any]


def build_table(plan: ImportPlan, view: View, viewer: Any) -> Table:
    """Return the page of a view. At most five queries."""
    if view.kind is Kind.MESSAGE:
        return _messages(plan, view)
    found = PlannedRecord.objects.of_plan(plan.pk).narrowed(
        kind=view.kind, effect=view.effect, text=view.text
    )
    # Keys are sorted without the records' data, which is faster for the last pages.
    keys = found.values_list("pk", flat=True)
    page = Paginator(keys, ROWS).get_page(view.number)
    rows = PlannedRecord.objects.filter(pk__in=list(page)).with_records()
    is_linked = viewer.has_perm(_VIEW_PERMISSIONS[view.kind])
    shown = list(rows.order_by("record"))
    corrected = Correction.objects.by_record(one.record for one in shown)
    return Table(
        page,
        [
            _row(
                plan.operation,
                one,
                is_linked=is_linked,
                is_corrected=one.record_id in corrected,
            )
            for one in shown
        ],
    )


def _row(
    operation: ImportOperation,
    planned: PlannedRecord,
    *,
    is_linked: bool,
    is_corrected: bool,
) -> Row:
    record = planned.record
    data = record.data
    if planned.kind == Kind.USER:
        name = data.get("name") or data.get("username")
        details = (data.get("username"), *data.get("emails", ()))
    else:
        name = data.get("name") and f"#{data['name']}"
        details = (data.get("topic") or data.get("description"),)
    place = record.source_file
    if record.source_line is not None:
        place = f"{place}:{record.source_line}"
    cells = ", ".join(filter(None, data.get("cells", ())))
    return Row(
        record=record.pk,
        name=(name or record.import_id or cells or place)[:_MOST_CHARACTERS],
        details=tuple(text[:_MOST_CHARACTERS] for text in details if text),
        effect=planned.effect,
        effect_label=Effect(planned.effect).label,
        category=CATEGORIES[Effect(planned.effect)],
        text=describe_effect(planned, is_linked=is_linked),
        note=note_of(planned, is_linked=is_linked),
        changes=tuple(changes_of(planned, is_linked=is_linked)),
        place=place,
        correct_page=correct_url(operation.pk, str(record.pk))
        if can_correct(operation, record)
        else "",
        is_corrected=is_corrected,
    )


def _messages(plan: ImportPlan, view: View) -> Table:
    """Return the rooms of a page with their numbers of messages."""
    rows = PlannedMessages.objects.of_plan(plan.pk)
    positions = rows.narrowed(effect=view.effect, text=view.text).positions()
    page = Paginator(positions, ROWS).get_page(view.number)
    numbers: dict[int, list[PlannedMessages]] = {}
    for one in rows.filter(position__in=list(page)):
        numbers.setdefault(one.position, []).append(one)
    keys = [one.record_id for group in numbers.values() for one in group]
    names = ImportRecord.objects.room_names(key for key in keys if key is not None)
    return Table(
        page, [_room_row(plan.operation, group, names) for group in numbers.values()]
    )


def _room_row(
    operation: ImportOperation, numbers: list[PlannedMessages], names: dict[int, str]
) -> RoomRow:
    """Return a room; rows that can't be read have none."""
    first = numbers[0]
    known = names.get(first.record_id or 0, "")

    def count(effect: Effect) -> int:
        return sum(one.messages for one in numbers if one.effect == effect)

    return RoomRow(
        name=(known or first.room)[:_MOST_CHARACTERS],
        imported=count(Effect.CREATE),
        skipped=count(Effect.SKIP),
        failed=count(Effect.FAIL),
        failed_page=messages_url(operation.pk, room=first.room)
        if first.room
        else records_of(
            operation, kind__exact=Kind.MESSAGE.value, outcome__exact="failed"
        ),
        reasons=tuple(
            Reason(explanation_of(one.code).title, one.messages)
            for one in numbers
            if one.code
        ),
    )
