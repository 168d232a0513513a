"""Conversion of message records (importers.md 6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from django.db import connection

from config.db.bulk import insert_new_rows, insert_rows
from config.db.lookups import StoredRows
from imports_app.engine.converters.message_files import write_files
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.messages.planner import MessagePlanner
from imports_app.engine.messages.rooms import MessageRooms
from imports_app.engine.messages.stored import (
    MESSAGE_COLUMNS,
    MESSAGE_KEY,
    MESSAGE_VALUES,
    MessageKey,
    Row,
    compare_messages,
)
from imports_app.engine.outcomes import RecordOutcome
from imports_app.engine.undo.journal import Journal, change_between
from imports_app.models import (
    ImportOperation,
    ImportRecord,
    JournalTable,
    Message,
    Room,
)
from imports_app.records import Kind, SourceItem

_PLAIN: Final = 5
"""Columns of a message that has only author, time and text."""
_PLACE: Final = itemgetter(0, 3)
"""Room and time, similar to the order of indexes. Messages of the same time keep the
order of the source, in which conversations show them."""
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_NOTHING: Final = ("", None, None, None)
"""Values of the other columns of such a message."""


class MessageConverter:
    """Converter that writes messages into the selected rooms.

    Keeps the outcome of every staged room in memory: two short values each.
    """

    def __init__(self, operation_id: int, people: UserLookup) -> None:
        self._journal = Journal(operation_id)
        people.load_failed(operation_id)
        ids = ImportOperation.objects.values_list("public_id", flat=True)
        rooms = ImportRecord.objects.of_kind(operation_id, Kind.CHANNEL)
        self._rooms = MessageRooms(
            {
                import_id: (outcome, room_id)
                for import_id, outcome, room_id in rooms.values_list(
                    "import_id", "outcome", "target_id"
                ).iterator()
            }
        )
        self._planner = MessagePlanner(ids.get(pk=operation_id), people, self._rooms)
        self._has_found_messages = False
        """Whether messages of the last page already existed."""

    def skipped_rooms(self) -> list[str]:
        """Return the import IDs of the rooms that are not selected."""
        return self._rooms.skipped()

    def convert(self, items: Sequence[SourceItem]) -> list[RecordOutcome]:
        """Write the page's messages; existing messages are replaced if they differ.

        Returns:
            The outcome of each message.
        """
        page = self._planner.plan(items)
        self._journal.begin()
        there = self._write_messages(page.rows)
        with_other_files = write_files(page.files, there, self._journal)
        _count_in_rooms(
            [row for key, row in page.rows.items() if key not in there],
            {room for room, _import_id in there.other},
        )
        people = {person.pk for person in page.people.values()}
        self._journal.used(JournalTable.USER, people)
        self._journal.used(JournalTable.ROOM, {room for room, _import_id in page.rows})
        self._journal.write()
        return page.outcomes(there, with_other_files)

    def _write_messages(self, rows: dict[MessageKey, Row]) -> StoredRows:
        """Insert or replace messages; return the previous state of existing ones.

        Most imports contain only new messages. So messages are inserted first, and
        looked up only if some exist. Messages that another worker inserts in the
        meantime are found by the next attempt, so no message is counted as new twice.
        """
        there = compare_messages(rows) if self._has_found_messages else StoredRows()
        while True:
            new = [row for key, row in rows.items() if key not in there]
            if (created := _insert_new(new)) is not None:
                break
            there = compare_messages(rows)
        self._has_found_messages = bool(there)
        insert_rows(
            Message,
            MESSAGE_COLUMNS,
            sorted((rows[key] for key in there.other), key=_PLACE),
            unique=MESSAGE_KEY,
            replaced=MESSAGE_VALUES,
        )
        self._journal.created(JournalTable.MESSAGE, created)
        self._journal.changed(
            JournalTable.MESSAGE,
            {
                pk: change_between(MESSAGE_VALUES, before, rows[key][2:])
                for key, (pk, before) in there.other.items()
            },
        )
        self._journal.used(JournalTable.MESSAGE, there.keys())
        return there


def _insert_new(rows: list[Row]) -> Sequence[int] | None:
    """Insert messages and return their primary keys; `None` if any of them exists."""
    rows.sort(key=_PLACE)
    if all(row[_PLAIN:] == _NOTHING for row in rows):
        return insert_new_rows(
            Message, MESSAGE_COLUMNS[:_PLAIN], [row[:_PLAIN] for row in rows]
        )
    return insert_new_rows(Message, MESSAGE_COLUMNS, rows)


def _count_in_rooms(rows: Sequence[Row], changed: Iterable[Any]) -> None:
    """Update message counts, last message times and positions of rooms.

    Workers update rooms in the order of keys, so that they can't deadlock.

    Args:
        rows: The new messages.
        changed: Rooms of messages that were replaced, and may have another time.
    """
    news: dict[int, tuple[int, datetime]] = dict.fromkeys(changed, (0, _EARLIEST))
    for room_id, _import_id, _author, sent_at, *_rest in rows:
        count, last = news.get(room_id, (0, sent_at))
        news[room_id] = (count + 1, max(last, sent_at))
    if not news:
        return
    adapt = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(Room._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET has_positions = FALSE, shown_count = NULL,"  # noqa: S608 - our table
            " message_count = message_count + %s,"
            " last_message_at = CASE WHEN %s = 0 OR last_message_at > %s"
            " THEN last_message_at ELSE %s END WHERE id = %s",
            [
                (count, count, adapt(last), adapt(last), room_id)
                for room_id, (count, last) in sorted(news.items())
            ],
        )
