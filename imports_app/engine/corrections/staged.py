"""Corrected values in staged records, with the counts that depend on them.

A corrected record looks as if it had been read with the corrected values, so that
selection, decisions, preview and run treat it like any other record.
"""

from __future__ import annotations

from typing import Any, Final, TypedDict

from django.db.models import F
from django.db.models.functions import Coalesce

from imports_app.importers.csv.records import direct_room
from imports_app.models import (
    Correction,
    ImportOperation,
    ImportPart,
    ImportRecord,
    KindCount,
    Outcome,
    RoomImportId,
)
from imports_app.records import (
    ChannelRecord,
    Kind,
    MessageRecord,
    Record,
    data_of,
    record_of,
    search_text_of,
)

_LONGEST_ID: Final = 255


class Original(TypedDict):
    """Record before its correction; the values are those of `ImportRecord`."""

    kind: str
    import_id: str
    data: dict[str, Any]
    is_unreadable: bool
    outcome: str
    code: str
    message: str
    search_text: str
    guess: str
    source_file: str
    source_line: int | None


_RESTORED: Final = (
    *("import_id", "data", "is_unreadable", "outcome"),
    *("code", "message", "search_text", "guess"),
)


def original_of(record: ImportRecord) -> Original:
    """Return the original of a record that is not corrected."""
    return Original(
        kind=record.kind,
        import_id=record.import_id,
        data=record.data,
        is_unreadable=record.is_unreadable,
        outcome=record.outcome,
        code=record.code,
        message=record.message,
        search_text=record.search_text,
        guess=record.guess,
        source_file=record.source_file,
        source_line=record.source_line,
    )


def write_corrected(record: ImportRecord, corrected: Record) -> None:
    """Replace the data of a staged record by corrected data, and update the counts.

    Args:
        record: The record; a message of the spool that is not stored yet is inserted.
        corrected: The corrected data.
    """
    before = original_of(record)
    record.import_id = corrected.import_ids[0][:_LONGEST_ID]
    record.data = data_of(corrected)
    record.search_text = search_text_of(corrected)
    record.is_unreadable = False
    record.outcome = Outcome.STAGED
    record.code = record.message = record.guess = ""
    record.save()
    _count(record, before)


def restore_original(record: ImportRecord, correction: Correction) -> None:
    """Restore the original data of a record, and update the counts.

    The record of a message that is in the spool is deleted.
    """
    before = original_of(record)
    for name in _RESTORED:
        setattr(record, name, correction.original[name])
    if correction.item is None:
        record.save()
    _count(record, before)
    if correction.item is not None:
        record.delete()


def messages_part(operation_id: int) -> int:
    """Return the position of the part with messages that could not be read."""
    parts = ImportPart.objects.of_operation(operation_id)
    own = parts.filter(size=0).first()
    if own is not None:
        return own.position
    last = parts.last()
    return 0 if last is None else last.position + 1


def update_messages_part(operation_id: int) -> None:
    """Create, resize or delete the part with messages that could not be read."""
    position = messages_part(operation_id)
    corrections = Correction.objects.of_part(operation_id, position)
    number = corrections.filter(item=None).count()
    own = ImportPart.objects.of_operation(operation_id).filter(size=0)
    if not number:
        own.delete()
    elif not own.update(messages=number):
        ImportPart.objects.create(
            operation_id=operation_id,
            position=position,
            offset=0,
            size=0,
            messages=number,
        )


def _count(record: ImportRecord, before: Original) -> None:
    """Update the counts after a record was changed."""
    failed = int(record.is_unreadable) - int(before["is_unreadable"])
    guessed = int(bool(record.guess)) - int(bool(before["guess"]))
    if failed or guessed:
        KindCount.objects.filter(
            operation=record.operation_id, kind=record.kind
        ).update(
            failed=F("failed") + failed,
            unreadable=F("unreadable") + failed,
            guessed=F("guessed") + guessed,
        )
    if record.kind == Kind.MESSAGE:
        after = original_of(record)
        _move_message(record, _message_of(before), _message_of(after))


def _message_of(one: Original) -> MessageRecord | None:
    """Return the message of a record, unless it can't be read."""
    if one["is_unreadable"]:
        return None
    found = record_of(Kind.MESSAGE, one["data"])
    return found if isinstance(found, MessageRecord) else None


def _move_message(
    record: ImportRecord, before: MessageRecord | None, after: MessageRecord | None
) -> None:
    """Update the numbers of messages of rooms and users."""
    operation_id = record.operation_id
    users = ImportRecord.objects.of_kind(operation_id, Kind.USER)
    rooms = ImportRecord.objects.of_kind(operation_id, Kind.CHANNEL)
    for message, more in ((after, 1), (before, -1)):
        if message is None:
            continue
        room = rooms.filter(import_id=message.room[:_LONGEST_ID])
        if more > 0 and not room.exists():
            _add_direct_room(record, message.room)
        room.filter(message_count__isnull=False).update(
            message_count=F("message_count") + more
        )
        author = users.filter(import_id=message.author[:_LONGEST_ID])
        author.filter(message_count__gte=max(-more, 0)).update(
            message_count=F("message_count") + more
        )
        if more < 0 and room.filter(message_count=0).exists():
            _drop_direct_room(operation_id, message.room)


def missing_direct_room(message: MessageRecord) -> ChannelRecord | None:
    """Return the room of a corrected direct message, unless it is in the workspace.

    Only corrections of direct messages of CSV archives can move messages to another
    room.
    """
    room = _direct_room(message.room)
    exists = room and RoomImportId.objects.filter(value=message.room).exists()
    return None if exists else room


def _direct_room(import_id: str) -> ChannelRecord | None:
    """Return the room of direct messages with this import ID in a CSV archive."""
    first, slash, second = import_id.partition("/")
    is_pair = first and slash and second and "/" not in second
    return direct_room(import_id, first, second) if is_pair else None


def _add_direct_room(message: ImportRecord, import_id: str) -> None:
    """Stage the room of a direct message, as reading does."""
    room = _direct_room(import_id)
    if room is None:
        return
    ImportRecord.objects.create(
        operation_id=message.operation_id,
        kind=Kind.CHANNEL,
        import_id=import_id[:_LONGEST_ID],
        data=data_of(room),
        search_text=search_text_of(room),
        message_count=0,
        source_file=message.source_file,
        source_line=message.source_line,
    )
    _count_rooms(message.operation_id, 1)


def _drop_direct_room(operation_id: int, import_id: str) -> None:
    """Delete the staged room of direct messages if it has no messages left."""
    rooms = ImportRecord.objects.of_kind(operation_id, Kind.CHANNEL).filter(
        import_id=import_id[:_LONGEST_ID], data__type="d", is_unreadable=False
    )
    _count_rooms(operation_id, -rooms.delete()[0])


def _count_rooms(operation_id: int, more: int) -> None:
    counts = KindCount.objects.filter(operation=operation_id, kind=Kind.CHANNEL)
    if more > 0 and not counts.exists():
        counts.create(operation_id=operation_id, kind=Kind.CHANNEL)
    counts.update(staged=F("staged") + more)
    ImportOperation.objects.filter(pk=operation_id).change(
        count_channels=Coalesce(F("count_channels"), 0) + more,
        count_total=Coalesce(F("count_total"), 0) + more,
    )
