"""Planning of pages of messages: rows to write, and outcomes."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, cast

from config.db.lookups import StoredRows
from imports_app.engine.matching.privileged_users import unconfirmed_author
from imports_app.engine.matching.user_lookup import Person, UserLookup
from imports_app.engine.messages.content import (
    optional_parts,
    referenced_users,
    use_local_names,
)
from imports_app.engine.messages.downloaded_files import (
    DownloadedFile,
    DownloadedFiles,
    link_key,
)
from imports_app.engine.messages.rooms import MessageRooms
from imports_app.engine.messages.stored import FileKey, MessageKey, Row
from imports_app.engine.outcomes import RecordOutcome
from imports_app.engine.planning.moments import moment_of
from imports_app.importers.csv.times import describe_unreadable
from imports_app.models import FileState, Outcome
from imports_app.records import AttachedFile, MessageRecord, SourceItem

ARCHIVE: Final = "archive:"
"""URL scheme of files in uploaded archives, followed by the operation's ID."""


@dataclass(slots=True)
class MessagePage:
    """Messages and files to write, and an outcome for each record of the page."""

    results: list[RecordOutcome] = field(default_factory=list)
    """Outcomes as if no message existed."""
    keys: list[MessageKey | None] = field(default_factory=list)
    """The message of each record; `None` if it is skipped or fails."""
    rows: dict[MessageKey, Row] = field(default_factory=dict)
    """Values of messages, by key. Of equal keys, the last one."""
    first_rows: dict[MessageKey, Row] = field(default_factory=dict)
    """The first values of messages that occur several times in the page."""
    files: dict[FileKey, Row] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    """Users to whom the page refers, by import ID."""

    def outcomes(
        self, there: StoredRows, with_other_files: Container[MessageKey]
    ) -> list[RecordOutcome]:
        """Return the outcomes of the records.

        Args:
            there: The messages that existed, compared with `rows`.
            with_other_files: The messages with new or changed files.
        """
        if not there:
            return self.results
        unchanged = {
            key
            for key in there.equal
            if key not in with_other_files and key not in self.first_rows
        }
        unchanged |= {
            key
            for key, row in self.first_rows.items()
            if key not in with_other_files and self._is_equal(key, row, there)
        }
        return [
            _UNCHANGED
            if result is _IMPORTED and key in unchanged
            else _UPDATED
            if result is _IMPORTED and key is not None and key in there
            else result
            for key, result in zip(self.keys, self.results, strict=True)
        ]

    def _is_equal(self, key: MessageKey, first: Row, there: StoredRows) -> bool:
        """Return whether the first record of a message is equal to the stored one."""
        if key in there.equal:
            return first == self.rows[key]
        _pk, values = there.other.get(key, (0, None))
        return first[2:] == values


class MessagePlanner:
    """Planner of messages.

    Args:
        public_id: Public ID of the operation.
        people: The users.
        rooms: The rooms.
    """

    def __init__(self, public_id: str, people: UserLookup, rooms: MessageRooms) -> None:
        self._public_id = public_id
        self._people = people
        self._rooms = rooms
        self._downloads = DownloadedFiles(public_id)

    def plan(self, items: Sequence[SourceItem]) -> MessagePage:
        """Decide on messages. A few queries for any number."""
        records = cast("list[MessageRecord]", [found.record for found in items])
        self._rooms.load({record.room for record in records})
        people = self._people.find(key for r in records for key in referenced_users(r))
        room_names = self._rooms.names(
            {key for record in records for key in record.mentioned_rooms or ()}
        )
        downloaded = self._downloads.find(records)
        page = MessagePage(people=people)
        for record in records:
            found = self._row(record, people, room_names)
            if isinstance(found, RecordOutcome):
                page.results.append(found)
                page.keys.append(None)
                continue
            room, import_id, _author, sent_at, *_rest = found
            key = (room, import_id)
            attached = {
                file_row[:3]: file_row
                for file in record.files or ()
                for file_row in [
                    self._file_row(file, room, import_id, sent_at, downloaded)
                ]
            }
            result = _IMPORTED
            if (earlier := page.rows.get(key)) is not None:
                page.first_rows.setdefault(key, earlier)
                is_same = earlier == found and attached.items() <= page.files.items()
                result = _UNCHANGED if is_same else _UPDATED
            page.results.append(result)
            page.keys.append(key)
            page.rows[key] = found
            if attached:
                page.files |= attached
        return page

    def _row(
        self,
        record: MessageRecord,
        people: dict[str, Person],
        room_names: Mapping[str, str],
    ) -> Row | RecordOutcome:
        """Return the values of `MESSAGE_COLUMNS`, or why the message fails."""
        room = self._rooms.room_of(record)
        if isinstance(room, RecordOutcome):
            return room
        author = people.get(record.author)
        if author is None:
            if self._people.needs_confirmation(record.author):
                return unconfirmed_author(record.author)
            return _unknown_author(record)
        sent_at = moment_of(record.sent_at)
        if sent_at is None:
            return _bad_time(record)
        if record.mentions or record.mentioned_rooms:
            record = replace(record)
            use_local_names(record, people, room_names)
        edited_at = record.edited_at
        return (
            *(room, record.import_id, author.public_id, sent_at),
            *(record.text, record.event, record.thread),
            None if edited_at is None else moment_of(edited_at),
            optional_parts(record, people),
        )

    def _file_row(
        self,
        file: dict[str, Any],
        room: int,
        message: str,
        sent_at: datetime,
        downloaded: Mapping[str, DownloadedFile],
    ) -> Row:
        """Return the values of `FILE_COLUMNS`."""
        wanted = AttachedFile(**file)
        url = wanted.url
        if wanted.entry:
            url = f"{ARCHIVE}{self._public_id}/{wanted.entry}"
        elif url.startswith(ARCHIVE):
            url = ""  # a source must not refer to archives of other imports
        content = DownloadedFile(
            wanted.size, FileState.LINK if wanted.is_link else FileState.WAITING
        )
        if downloaded and url and content.state is FileState.WAITING:
            content = downloaded.get(link_key(wanted.id, url), content)
        return (
            *(room, message, wanted.id, wanted.name, wanted.content_type),
            *(content.size, url, sent_at, content.state.value),
            *(content.stored_name, content.digest),
        )


_IMPORTED: Final = RecordOutcome(Outcome.IMPORTED)
_UPDATED: Final = RecordOutcome(Outcome.UPDATED)
_UNCHANGED: Final = RecordOutcome(Outcome.UNCHANGED)


def _bad_time(record: MessageRecord) -> RecordOutcome:
    return RecordOutcome(
        Outcome.FAILED,
        "importer-message-invalid-timestamp",
        describe_unreadable(record.raw_time),
    )


def _unknown_author(record: MessageRecord) -> RecordOutcome:
    return RecordOutcome(
        Outcome.FAILED,
        "importer-message-unknown-user",
        f"There is no user {record.author[:80]!r}. Add the author to the users of the"
        " source.",
    )
