"""Rows of records in the layout of a CSV import: their original and corrected values.

A corrected row passes the checks of the CSV reader and of the run. Values that would
require a guess are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from imports_app.engine.planning import rooms, users
from imports_app.engine.planning.moments import is_moment
from imports_app.errors import CorrectionInvalidError
from imports_app.importers.base import WITHOUT_TEXT, Report
from imports_app.importers.csv.records import (
    DIRECT_FOLDER,
    SHORTENED,
    RowReader,
    read_channels,
    read_messages,
    read_users,
    room_id,
)
from imports_app.importers.csv.times import describe_unreadable
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    Kind,
    MessageRecord,
    Record,
    RoomType,
    UserRecord,
    record_of,
)
from imports_app.services.failures import row_of
from imports_app.sources.csv_rows import Row

_COLUMNS: Final = {
    Kind.USER: ("username", "e-mail address", "name", "status"),
    Kind.CHANNEL: ("name", "creator", "type", "members"),
    Kind.MESSAGE: ("author", "time", "text"),
}
_DIRECT_COLUMNS: Final = ("author", "recipient", "time", "text")
LONGEST_CELL: Final = 100_000
"""Characters of a value."""
MAX_BYTES: Final = 400_000
"""Bytes of the changed values of a correction."""
CSV: Final = "csv"
_CSV_IDS: Final = "csv-"


def columns_of(operation: ImportOperation, record: ImportRecord) -> tuple[str, ...]:
    """Return the columns of a record's row; empty if its layout is unknown."""
    kind = Kind(record.kind)
    if kind is Kind.MESSAGE and is_direct_row(operation, record):
        return _DIRECT_COLUMNS
    return _COLUMNS.get(kind, ())


def is_direct_row(operation: ImportOperation, record: ImportRecord) -> bool:
    """Return whether a row has a column with the recipient of a direct message."""
    folder = record.source_file.partition("/")[0].lower()
    return operation.importer_key == CSV and folder == DIRECT_FOLDER


def cells_of(operation: ImportOperation, record: ImportRecord) -> list[str]:
    """Return the values of a record as it was read, one for each column."""
    width = len(columns_of(operation, record))
    is_direct = is_direct_row(operation, record)
    return [*row_of(record, is_direct=is_direct), *[""] * width][:width]


def read_row(
    operation: ImportOperation, record: ImportRecord, cells: Sequence[str]
) -> Record:
    """Return the corrected record after the checks of the reader and of the run.

    Args:
        operation: The import of the record.
        record: The record as it was read.
        cells: The corrected values, one for each column.

    Raises:
        CorrectionInvalidError: A value is not valid.
    """
    before = cells_of(operation, record)
    _check_size(cells, before)
    new = _read(operation, record, list(cells))
    if record.is_unreadable:
        return _checked(new)
    old = record_of(Kind(record.kind), record.data)
    if isinstance(old, UserRecord) and isinstance(new, UserRecord):
        is_same_email = cells[1] == before[1]
        has_name_as_id = operation.importer_key == CSV
        return _checked(
            _merged_user(
                old, new, is_same_email=is_same_email, has_name_as_id=has_name_as_id
            )
        )
    return _checked(_merged(old, new, is_direct=is_direct_row(operation, record)))


def _check_size(cells: Sequence[str], before: Sequence[str]) -> None:
    changed = [new for new, old in zip(cells, before, strict=True) if new != old]
    if any(len(cell) > LONGEST_CELL or "\0" in cell for cell in changed):
        raise CorrectionInvalidError(
            f"A value has more than {LONGEST_CELL:,} characters, or contains NUL."
            " Shorten it."
        )
    if sum(len(cell.encode("utf-8", "replace")) for cell in changed) > MAX_BYTES:
        raise CorrectionInvalidError(
            f"The corrected values have more than {MAX_BYTES:,} bytes. Shorten them."
        )
    if any(cell.endswith(SHORTENED) for cell in cells):
        raise CorrectionInvalidError(
            f"A value ends with {SHORTENED.strip()!r}: only its beginning is stored."
            " Enter the complete value."
        )


def _read(operation: ImportOperation, record: ImportRecord, cells: list[str]) -> Record:
    """Read a corrected row like a row of a file."""
    kind = Kind(record.kind)
    report = Report()
    reader = RowReader(record.source_file, report)
    rows = iter([Row(record.source_line or 1, cells)])
    if kind is Kind.USER:
        found = list(read_users(rows, reader))
    elif kind is Kind.CHANNEL:
        found = list(read_channels(rows, reader))
    else:
        is_direct = is_direct_row(operation, record)
        room = None if is_direct else _room_of(operation, record)
        found = list(
            read_messages(rows, reader, room=room, pairs=set(), find_order=lambda: None)
        )
    if not found:
        raise CorrectionInvalidError("All values are empty. Enter the missing ones.")
    new = found[-1].record  # the room of a direct message comes first
    if isinstance(new, BadRecord):
        raise CorrectionInvalidError(new.message)
    for notes in (report.warnings, report.guesses):
        for code, note in notes.items():
            if code != WITHOUT_TEXT[0]:
                raise CorrectionInvalidError(note["message"])
    return new


def _room_of(operation: ImportOperation, record: ImportRecord) -> str:
    """Return the import ID of a message's room."""
    if not record.is_unreadable:
        return str(record.data["room"])
    folder = record.source_file.partition("/")[0]
    ids = [room_id(folder, is_private=is_private) for is_private in (False, True)]
    found = ImportRecord.objects.of_import_ids(operation.pk, Kind.CHANNEL, ids)
    room = next(found, None)
    if room is None:
        raise CorrectionInvalidError(
            f"The source has no room for the folder {folder[:80]!r}. Correct the row in"
            " failures.zip and upload the archive."
        )
    return room.import_id


def _merged_user(
    old: UserRecord, new: UserRecord, *, is_same_email: bool, has_name_as_id: bool
) -> UserRecord:
    """Return a user with the corrected values and the values that are not in rows.

    Messages may refer to a user of a CSV file by the original or by the corrected name.
    """
    emails = old.emails if is_same_email else (*new.emails, *old.emails[1:])
    ids = (*old.import_ids, *new.import_ids) if has_name_as_id else old.import_ids
    return replace(
        old,
        import_ids=tuple(dict.fromkeys(ids)),
        username=new.username,
        emails=tuple(dict.fromkeys(emails)),
        name=new.name,
        is_deleted=new.is_deleted,
    )


def _merged(old: Record, new: Record, *, is_direct: bool) -> Record:
    """Return a room or message with the corrected values.

    It keeps values that are not in rows, such as its import ID and attachments.
    """
    if isinstance(old, ChannelRecord) and isinstance(new, ChannelRecord):
        if old.type is RoomType.DIRECT:
            raise CorrectionInvalidError("Direct messages can't be corrected here.")
        if old.type is RoomType.PRIVATE and new.type is RoomType.PUBLIC:
            raise CorrectionInvalidError("A private room can't be made public.")
        return replace(
            old,
            type=new.type,
            name=new.name,
            creator=new.creator,
            members=new.members,
        )
    if isinstance(old, MessageRecord) and isinstance(new, MessageRecord):
        is_named_by_content = old.import_id.startswith(_CSV_IDS)
        return replace(
            old,
            import_id=new.import_id if is_named_by_content else old.import_id,
            room=new.room if is_direct else old.room,
            author=new.author,
            text=new.text,
            sent_at=new.sent_at,
            raw_time=new.raw_time,
        )
    return new


def _checked(record: Record) -> Record:
    """Return a valid record."""
    problem = None
    if isinstance(record, UserRecord):
        problem = users.problem_of(record)
    elif isinstance(record, ChannelRecord):
        problem = rooms.problem_of(record)
    elif isinstance(record, MessageRecord):
        if record.sent_at is None or not is_moment(record.sent_at):
            value = record.raw_time or str(record.sent_at)
            raise CorrectionInvalidError(describe_unreadable(value))
        if not record.author:
            raise CorrectionInvalidError("The message has no author. Enter a username.")
    if problem is not None:
        raise CorrectionInvalidError(problem.message)
    return record
