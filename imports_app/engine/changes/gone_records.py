"""Records of earlier imports of a source that are missing in a file."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from accounts.models import User
from config.db.bulk import in_chunks
from imports_app.engine.changes.earlier_imports import imports_of_other_sources
from imports_app.engine.changes.key_sets import KeySet
from imports_app.engine.undo.later_use import keys_of
from imports_app.models import (
    ImportOperation,
    ImportRecord,
    JournalEffect,
    JournalPage,
    JournalTable,
    Message,
    Room,
)
from imports_app.records import Kind

_AT_ONCE: Final = 5_000


class GoneRecord(NamedTuple):
    """Record of a user or room from an earlier import that is missing in a file."""

    target_id: int
    import_id: str
    data: dict[str, Any]


def find_gone_targets(
    earlier: Sequence[ImportOperation], kind: Kind, targets: Container[int]
) -> Iterator[GoneRecord]:
    """Yield existing users or rooms of earlier imports that are missing in a file.

    Args:
        earlier: The earlier imports.
        kind: Users or rooms.
        targets: Keys of the users or rooms to which the file's records belong.
    """
    brought = ImportRecord.objects.filter(operation__in=earlier, kind=kind).completed()
    keys = brought.order_by().values_list("target_id", flat=True).distinct()
    missing = [key for key in keys.iterator() if key is not None and key not in targets]
    rows = (User if kind is Kind.USER else Room)._default_manager
    for chunk in in_chunks(sorted(missing)):
        there = set(rows.filter(pk__in=chunk).values_list("pk", flat=True))
        records = brought.filter(target_id__in=there).order_by("target_id", "-id")
        last: int | None = None
        for record in records.iterator():
            if record.target_id is not None and record.target_id != last:
                last = record.target_id
                yield GoneRecord(last, record.import_id, record.data)


def find_gone_messages(
    operation: ImportOperation,
    rooms: Sequence[int],
    span: tuple[datetime, datetime],
    found: KeySet,
) -> Iterator[list[tuple[int, int, str]]]:
    """Yield pages of key, room and import ID of messages that are missing in a file.

    Messages of other sources in the same rooms do not count as gone.

    Args:
        operation: The import of the file.
        rooms: Rooms of which the file has messages.
        span: The first and the last time of a message in the file. Gone messages are
            from the same days (UTC).
        found: Messages in the file.
    """
    start = datetime.combine(span[0].date(), time.min, UTC)
    stored = Message.objects.filter(sent_at__gte=start).order_by()
    if span[1].date() < datetime.max.date():
        end = datetime.combine(span[1].date() + timedelta(days=1), time.min, UTC)
        stored = stored.filter(sent_at__lt=end)
    missing = array("q")
    for chunk in in_chunks(rooms):
        keys = stored.filter(room__in=chunk).values_list("pk", flat=True)
        missing.extend(key for key in keys.iterator(_AT_ONCE) if key not in found)
    others = _Others(operation)
    for page in in_chunks(missing):
        gone = set(page) - others.created(page)
        messages = Message.objects.filter(pk__in=gone).order_by("room", "sent_at", "id")
        yield list(messages.values_list("pk", "room_id", "import_id"))


class _Others:
    """Messages that imports of other sources created, from the journal."""

    def __init__(self, operation: ImportOperation) -> None:
        self._pages = JournalPage.objects.filter(
            effect=JournalEffect.CREATED,
            operation__in=imports_of_other_sources(operation).values("pk"),
        )

    def created(self, keys: Sequence[int]) -> set[int]:
        wanted = set(keys)
        pages = self._pages.overlapping(JournalTable.MESSAGE, min(keys), max(keys))
        found: set[int] = set()
        for page in pages.iterator():
            found.update(wanted.intersection(keys_of(page)))
        return found
