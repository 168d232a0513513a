"""Correct failed records in place; the retry uses the corrected values.

A corrected row goes through the checks of the CSV reader and of the run: a user or room
must be valid, and the author of a message must exist or be in the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import ActivityEntry
from accounts.services.activity import ChangedState, record_changes
from config.db.clock import now_in_milliseconds
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.planning import rooms, users
from imports_app.errors import CorrectionInvalidError
from imports_app.importers.base import WITHOUT_TEXT, Report
from imports_app.importers.csv.records import (
    DIRECT_FOLDER,
    RowReader,
    read_channels,
    read_messages,
    read_users,
    room_id,
)
from imports_app.importers.csv.times import describe_unreadable
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import (
    Correction,
    ImportOperation,
    ImportRecord,
    OperationEvent,
    Outcome,
)
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    Kind,
    MessageRecord,
    Record,
    RoomType,
    UserRecord,
    data_of,
    record_of,
)
from imports_app.services.failures import row_of
from imports_app.sources.csv_rows import Row
from imports_app.transitions import Actor

COLUMNS: Final = {
    Kind.USER: ("username", "e-mail address", "name", "status"),
    Kind.CHANNEL: ("name", "creator", "type", "members"),
    Kind.MESSAGE: ("author", "time", "text"),
}
"""Columns of a row by kind, as in a CSV import."""
_LONGEST: Final = 100_000
"""Characters of a cell."""
_CSV: Final = "csv"
_CSV_IDS: Final = "csv-"


def can_correct(operation: ImportOperation, record: ImportRecord) -> bool:
    """Return whether a record can be corrected for a retry.

    It failed in a run that has ended, and its row has a known layout. Direct messages
    have their recipients in the row, so a correction could lead into another room.
    """
    if record.kind not in COLUMNS or record.outcome != Outcome.FAILED:
        return False
    if operation.is_in_progress or not operation.run_started_at:
        return False
    folder = record.source_file.partition("/")[0].lower()
    if record.kind == Kind.MESSAGE and folder == DIRECT_FOLDER:
        return False
    return not record.is_unreadable or operation.importer_key == _CSV


def correction_times(records: Iterable[ImportRecord]) -> dict[int, datetime]:
    """Return when records were corrected, by their keys. One query."""
    keys = [record.pk for record in records]
    found = Correction.objects.filter(record_id__in=keys)
    return dict(found.values_list("record_id", "made_at"))


def cells_of(record: ImportRecord) -> list[str]:
    """Return the original values of a record, one for each column."""
    width = len(COLUMNS[Kind(record.kind)])
    return [*row_of(record), *[""] * width][:width]


@transaction.atomic
def correct_record(
    *,
    operation: ImportOperation,
    record: ImportRecord,
    cells: Sequence[str],
    actor: Actor,
) -> None:
    """Store corrected values of a failed record; they replace an earlier correction.

    Args:
        operation: The import of the record.
        record: The failed record.
        cells: The corrected values, one for each column.
        actor: Who corrects the record.

    Raises:
        CorrectionInvalidError: The record can't be corrected, or a value is not valid.
    """
    locked = ImportOperation.objects.select_for_update().get(pk=operation.pk)
    if not can_correct(locked, record):
        raise CorrectionInvalidError(
            "This record can't be corrected here. Correct it in failures.zip and upload"
            " the archive."
        )
    cells = list(cells)
    if any(len(cell) > _LONGEST or "\0" in cell for cell in cells):
        raise CorrectionInvalidError(
            f"A value has more than {_LONGEST:,} characters, or contains NUL. Shorten"
            " it."
        )
    if cells == cells_of(record):
        raise CorrectionInvalidError("Nothing was changed. Change at least one value.")
    corrected = _read(locked, record, cells)
    if isinstance(corrected, MessageRecord):
        _ensure_has_author(locked, corrected.author)
    values = {
        "operation": locked,
        "cells": cells,
        "data": data_of(corrected),
        "made_by": actor.public_id,
        "made_at": now_in_milliseconds(),
    }
    Correction.objects.update_or_create(record_id=record.pk, defaults=values)
    ImportOperation.objects.filter(pk=locked.pk).change()
    _record_event(locked, record, actor)


def _ensure_has_author(operation: ImportOperation, author: str) -> None:
    """Refuse an author whom the retry would not find.

    Raises:
        CorrectionInvalidError: No user of the workspace, of the source and of the other
            corrections has this import ID or username.
    """
    by_username = identifies_users_by_username(operation.importer_key)
    people = UserLookup(by_username=by_username)
    if people.find([author]) or people.needs_confirmation(author):
        return
    staged = ImportRecord.objects.of_import_ids(operation.pk, Kind.USER, [author])
    corrected = Correction.objects.filter(operation=operation)
    known = [row.data for row in staged]
    known += corrected.filter(data__has_key="import_ids").values_list("data", flat=True)
    if not any(author in data["import_ids"] for data in known):
        name = "username" if by_username else "ID in the source"
        raise CorrectionInvalidError(
            f"No user of the workspace or of the source has the {name} {author[:80]!r}."
            " Enter another author, or create the user first."
        )


def _record_event(
    operation: ImportOperation, record: ImportRecord, actor: Actor
) -> None:
    """Write the correction to the timeline and the activity log, without its values."""
    place = f"{record.source_file}:{record.source_line or ''}".strip(":")
    name = f"{record} ({place})" if place else str(record)
    OperationEvent.objects.create(
        operation=operation,
        actor=actor.user,
        token_id=actor.token_id,
        from_status=operation.status,
        to_status=operation.status,
        is_valid=operation.is_valid,
        corrected=name[:300],
    )
    subject = ActivityEntry.Subject.IMPORT
    change = ChangedState(subject, str(operation), {}, {"corrected record": name[:300]})
    record_changes([change], by=actor.author)


def _read(operation: ImportOperation, record: ImportRecord, cells: list[str]) -> Record:
    """Return the corrected record after the checks of the reader and of the run."""
    kind = Kind(record.kind)
    report = Report()
    reader = RowReader(record.source_file, report)
    rows = iter([Row(record.source_line or 1, list(cells))])
    if kind is Kind.USER:
        found = list(read_users(rows, reader))
    elif kind is Kind.CHANNEL:
        found = list(read_channels(rows, reader))
    else:
        room = _room_of(operation, record)
        found = list(
            read_messages(rows, reader, room=room, pairs=set(), find_order=lambda: None)
        )
    if not found:
        raise CorrectionInvalidError("All values are empty. Enter the missing ones.")
    new = found[0].record
    if isinstance(new, BadRecord):
        raise CorrectionInvalidError(new.message)
    for notes in (report.warnings, report.guesses):
        for code, note in notes.items():
            if code != WITHOUT_TEXT[0]:
                raise CorrectionInvalidError(note["message"])
    old = None if record.is_unreadable else record_of(kind, record.data)
    return _checked(_merged(old, new, is_same_email=cells[1] == cells_of(record)[1]))


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


def _merged(old: Record | None, new: Record, *, is_same_email: bool) -> Record:
    """Return the original record with the corrected values.

    It keeps what a row does not show, such as its import ID and attachments.
    """
    if isinstance(old, UserRecord) and isinstance(new, UserRecord):
        emails = old.emails if is_same_email else (*new.emails, *old.emails[1:])
        return replace(
            old,
            username=new.username,
            emails=tuple(dict.fromkeys(emails)),
            name=new.name,
            is_deleted=new.is_deleted,
        )
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
    elif isinstance(record, MessageRecord) and record.sent_at is None:
        raise CorrectionInvalidError(describe_unreadable(record.raw_time))
    elif isinstance(record, MessageRecord) and not record.author:
        raise CorrectionInvalidError("The message has no author. Enter a username.")
    if problem is not None:
        raise CorrectionInvalidError(problem.message)
    return record
