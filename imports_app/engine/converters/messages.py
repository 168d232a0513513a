"""Conversion of message records (importers.md 6.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, TypeAlias, cast

from django.db import connection

from config.db.bulk import find_rows, in_chunks, insert_new_rows, insert_rows
from imports_app.engine.converters.message_content import (
    optional_parts,
    referenced_users,
    use_local_names,
)
from imports_app.engine.converters.message_files import FileKey, write_files
from imports_app.engine.matching.privileged_users import UNCONFIRMED_AUTHOR
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.outcomes import NOT_SELECTED, RecordOutcome
from imports_app.engine.planning.moments import moment_of
from imports_app.engine.undo.journal import Journal, change_between
from imports_app.importers.room_names import room_label
from imports_app.models import (
    FileState,
    ImportOperation,
    ImportRecord,
    JournalTable,
    Message,
    Outcome,
    Room,
    RoomImportId,
)
from imports_app.records import AttachedFile, Kind, MessageRecord, SourceItem

_Key: TypeAlias = tuple[int, str]
"""Room and import ID of a message."""
ARCHIVE: Final = "archive:"
"""URL scheme of files in uploaded archives, followed by the operation's ID."""
_COLUMNS: Final = (
    *("room", "import_id", "author", "sent_at", "text"),
    *("event", "thread", "edited_at", "extras"),
)
_UNIQUE: Final = ("room", "import_id")
_PLAIN: Final = 5
"""Columns of a message with nothing but author, time and text."""
_PLACE: Final = itemgetter(0, 3)
"""Room and time, similar to the order of indexes. Messages of the same time keep the
order of the source, in which conversations show them."""
_NOTHING: Final = ("", None, None, None)
"""Values of the other columns of such a message."""


class MessageConverter:
    """Converter that writes messages into the selected rooms.

    Keeps the outcome of every staged room in memory: two short values each.
    """

    def __init__(self, operation_id: int, people: UserLookup) -> None:
        self._people = people
        self._journal = Journal(operation_id)
        people.load_failed(operation_id)
        ids = ImportOperation.objects.values_list("public_id", flat=True)
        self._public_id = ids.get(pk=operation_id)
        rooms = ImportRecord.objects.of_kind(operation_id, Kind.CHANNEL)
        self._staged_rooms: dict[str, tuple[str, int | None]] = {
            import_id: (outcome, room_id)
            for import_id, outcome, room_id in rooms.values_list(
                "import_id", "outcome", "target_id"
            ).iterator()
        }
        self._other_rooms: dict[str, int | None] = {}
        self._room_names: dict[str, str] = {}
        self._has_found_messages = False
        """Whether messages of the last page already existed."""

    def skipped_rooms(self) -> list[str]:
        """Return the import IDs of the rooms that are not selected.

        Rows that can't be read have no ID, which would be that of parts with messages
        of several rooms.
        """
        return [
            import_id
            for import_id, (outcome, _room_id) in self._staged_rooms.items()
            if import_id and outcome == Outcome.SKIPPED
        ]

    def convert(self, page: Sequence[SourceItem]) -> list[RecordOutcome]:
        """Write the page's messages; existing messages are replaced if they differ.

        Returns:
            The outcome of each message.
        """
        records = [cast("MessageRecord", found.record) for found in page]
        self._find_other_rooms({record.room for record in records})
        people = self._people.find(key for r in records for key in referenced_users(r))
        rooms = [self._room_of(record) for record in records]
        room_names = self._names_of_rooms(
            {key for record in records for key in record.mentioned_rooms or ()}
        )
        rows: dict[_Key, tuple[Any, ...]] = {}
        firsts: dict[_Key, tuple[Any, ...]] = {}
        files: dict[FileKey, tuple[Any, ...]] = {}
        results: list[RecordOutcome] = []
        keys: list[_Key | None] = []
        for record, room in zip(records, rooms, strict=True):
            keys.append(None)
            if isinstance(room, RecordOutcome):
                results.append(room)
                continue
            author = people.get(record.author)
            sent_at = moment_of(record.sent_at)
            if author is None and self._people.needs_confirmation(record.author):
                results.append(UNCONFIRMED_AUTHOR)
            elif author is None:
                results.append(_unknown_author(record))
            elif sent_at is None:
                results.append(_bad_time(record))
            else:
                keys[-1] = key = (room, record.import_id)
                if record.mentions or record.mentioned_rooms:
                    record = replace(record)
                    use_local_names(record, people, room_names)
                row = (
                    *(room, record.import_id, author.public_id, sent_at),
                    *(record.text, record.event, record.thread),
                    *(moment_of(record.edited_at), optional_parts(record, people)),
                )
                attached = {
                    file_row[:3]: file_row
                    for file in record.files or ()
                    for file_row in [
                        self._file_row(file, room, record.import_id, sent_at)
                    ]
                }
                if key in rows:
                    firsts.setdefault(key, rows[key])
                    is_same = rows[key] == row and attached.items() <= files.items()
                    results.append(_UNCHANGED if is_same else _UPDATED)
                else:
                    results.append(_IMPORTED)
                rows[key] = row
                files |= attached
        self._journal.begin()
        there = self._write_messages(rows)
        with_new_files = write_files(files, there, self._journal)
        _count_in_rooms([row for key, row in rows.items() if key not in there])
        self._journal.used(JournalTable.USER, {person.pk for person in people.values()})
        self._journal.used(JournalTable.ROOM, {room for room, _import_id in rows})
        self._journal.write()
        if not there:
            return results
        unchanged = {
            key
            for key, (_pk, *values) in there.items()
            if firsts.get(key, rows[key])[2:] == tuple(values)
            and key not in with_new_files
        }
        return [
            result
            if key not in there or result is not _IMPORTED
            else _UNCHANGED
            if key in unchanged
            else _UPDATED
            for key, result in zip(keys, results, strict=True)
        ]

    def _write_messages(
        self, rows: dict[_Key, tuple[Any, ...]]
    ) -> dict[_Key, tuple[Any, ...]]:
        """Insert or replace messages; return those that existed, as they were.

        Most imports only have new messages. So they are inserted first, and looked up
        only if some exist. Messages that another worker inserts in the meantime are
        found by the next attempt, so that no message counts as new twice.
        """
        there: dict[_Key, tuple[Any, ...]] = {}
        if self._has_found_messages:
            there = _stored_messages(rows)
        while True:
            new = [row for key, row in rows.items() if key not in there]
            if (created := _insert_new(new)) is not None:
                break
            there = _stored_messages(rows)
        self._has_found_messages = bool(there)
        changed = [key for key in there if rows[key][2:] != there[key][1:]]
        insert_rows(
            Message,
            _COLUMNS,
            sorted((rows[key] for key in changed), key=_PLACE),
            unique=_UNIQUE,
            replaced=_COLUMNS[2:],
        )
        self._journal.created(JournalTable.MESSAGE, created)
        self._journal.changed(
            JournalTable.MESSAGE,
            {
                there[key][0]: change_between(
                    _COLUMNS[2:], there[key][1:], rows[key][2:]
                )
                for key in changed
            },
        )
        self._journal.used(JournalTable.MESSAGE, [row[0] for row in there.values()])
        return there

    def _find_other_rooms(self, import_ids: set[str]) -> None:
        """Look up rooms from earlier imports, which this operation did not stage."""
        unknown = import_ids - self._staged_rooms.keys() - self._other_rooms.keys()
        for chunk in in_chunks(unknown):
            found = RoomImportId.objects.filter(value__in=chunk)
            rooms = dict(found.values_list("value", "room_id"))
            self._other_rooms |= {key: rooms.get(key) for key in chunk}

    def _names_of_rooms(self, import_ids: set[str]) -> dict[str, str]:
        """Return what mentioned rooms are called here, if they are here."""
        unknown = import_ids - self._room_names.keys()
        self._find_other_rooms(unknown)
        keys = {
            import_id: self._staged_rooms.get(import_id, ("", None))[1]
            or self._other_rooms.get(import_id)
            for import_id in unknown
        }
        names: dict[int, str | None] = {}
        for chunk in in_chunks(key for key in keys.values() if key is not None):
            names |= dict(Room.objects.filter(pk__in=chunk).values_list("pk", "name"))
        self._room_names |= {
            import_id: (names.get(key) if key else None) or ""
            for import_id, key in keys.items()
        }
        return {key: name for key in import_ids if (name := self._room_names[key])}

    def _file_row(
        self, file: dict[str, Any], room: int, message: str, sent_at: datetime
    ) -> tuple[Any, ...]:
        wanted = AttachedFile(**file)
        url = wanted.url
        if wanted.entry:
            url = f"{ARCHIVE}{self._public_id}/{wanted.entry}"
        elif url.startswith(ARCHIVE):
            url = ""  # a source must not refer to archives of other imports
        state = FileState.LINK if wanted.is_link else FileState.WAITING
        return (
            *(room, message, wanted.id, wanted.name, wanted.content_type),
            *(wanted.size, url, sent_at, state.value),
        )

    def _room_of(self, record: MessageRecord) -> int | RecordOutcome:
        outcome, room_id = self._staged_rooms.get(record.room, (None, None))
        if outcome == Outcome.SKIPPED:
            return NOT_SELECTED
        if outcome is None:
            room_id = self._other_rooms[record.room]
        if room_id is None:
            return RecordOutcome(
                Outcome.FAILED,
                "importer-message-unknown-room",
                f"The room {room_label(record.room)[:80]!r} was not imported. Add it to"
                " the source or fix its own error, then retry.",
            )
        return room_id


def _stored_messages(keys: Collection[_Key]) -> dict[_Key, tuple[Any, ...]]:
    """Return the primary key and the content of the messages that exist."""
    return cast(
        "dict[_Key, tuple[Any, ...]]",
        find_rows(Message, _UNIQUE, ("id", *_COLUMNS[2:]), keys),
    )


def _insert_new(rows: list[tuple[Any, ...]]) -> Sequence[int] | None:
    """Insert messages and return their primary keys; `None` if any of them exists."""
    rows.sort(key=_PLACE)
    if all(row[_PLAIN:] == _NOTHING for row in rows):
        return insert_new_rows(
            Message, _COLUMNS[:_PLAIN], [row[:_PLAIN] for row in rows]
        )
    return insert_new_rows(Message, _COLUMNS, rows)


_IMPORTED: Final = RecordOutcome(Outcome.IMPORTED)
_UPDATED: Final = RecordOutcome(Outcome.UPDATED)
_UNCHANGED: Final = RecordOutcome(Outcome.UNCHANGED)


def _bad_time(record: MessageRecord) -> RecordOutcome:
    return RecordOutcome(
        Outcome.FAILED,
        "importer-message-invalid-timestamp",
        f"The timestamp {record.raw_time[:40]!r} is not valid. Use milliseconds since"
        " 1970 or ISO 8601 with a time zone, such as 2020-09-13T12:26:40Z.",
    )


def _unknown_author(record: MessageRecord) -> RecordOutcome:
    return RecordOutcome(
        Outcome.FAILED,
        "importer-message-unknown-user",
        f"There is no user {record.author[:80]!r}. Add the author to the users of the"
        " source.",
    )


def _count_in_rooms(rows: Sequence[tuple[Any, ...]]) -> None:
    """Update message counts and last message times of rooms."""
    news: dict[int, tuple[int, datetime]] = {}
    for room_id, _import_id, _author, sent_at, *_rest in rows:
        count, last = news.get(room_id, (0, sent_at))
        news[room_id] = (count + 1, max(last, sent_at))
    if not news:
        return
    adapt = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(Room._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET message_count = message_count + %s,"  # noqa: S608 - our table
            " last_message_at = CASE WHEN last_message_at > %s THEN last_message_at"
            " ELSE %s END WHERE id = %s",
            [
                (count, adapt(last), adapt(last), room_id)
                for room_id, (count, last) in sorted(news.items())
            ],
        )
