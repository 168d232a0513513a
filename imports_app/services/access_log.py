"""Activity log entries for reading and downloading messages and files."""

from __future__ import annotations

import time
from typing import Final

from accounts.models import ActivityEntry
from accounts.services.activity import (
    ACCESS_INTERVAL,
    Author,
    record_access,
    record_event,
)
from imports_app.models import ImportOperation, MessageFile, Room

_MOST_RECENT: Final = 10_000
_recent: dict[tuple[int | None, str, str], float] = {}
"""When this process last recorded a read, by user, address and room or search."""


def record_room_read(room: Room, *, by: Author) -> None:
    """Record reading messages of a room."""
    record_access(
        ActivityEntry.Action.VIEWED,
        ActivityEntry.Subject.ROOM,
        _name_of(room),
        by=by,
    )


def record_api_read(room: Room, *, by: Author) -> None:
    """Record reading messages of a room through the API.

    Each process records the reads of a user in a room once per `ACCESS_INTERVAL`. It
    caches them, so that most calls need no query.
    """
    if _is_new(by, room.public_id):
        record_event(
            ActivityEntry.Action.VIEWED,
            ActivityEntry.Subject.ROOM,
            _name_of(room),
            by=by,
        )


def record_api_search(room: Room, text: str, *, by: Author) -> None:
    """Record a search in a room through the API, as `record_api_read` does."""
    terms = f"q: {text}, room: {_name_of(room)}"
    if _is_new(by, terms):
        record_event(
            ActivityEntry.Action.SEARCHED,
            ActivityEntry.Subject.MESSAGE,
            terms,
            by=by,
        )


def _is_new(by: Author, what: str) -> bool:
    """Return whether this process has not recorded a read recently, and cache it."""
    key = (by.user.pk if by.user else None, by.address, what)
    now = time.monotonic()
    last = _recent.get(key)
    if last is not None and now - last < ACCESS_INTERVAL.total_seconds():
        return False
    if len(_recent) >= _MOST_RECENT:
        _recent.clear()
    _recent[key] = now
    return True


def forget_recent_reads() -> None:
    """Clear the cached reads, for example after the database was replaced."""
    _recent.clear()


def record_search(terms: str, *, by: Author) -> None:
    """Record a search for messages."""
    record_access(
        ActivityEntry.Action.SEARCHED,
        ActivityEntry.Subject.MESSAGE,
        terms or "all messages",
        by=by,
    )


def record_message_read(operation: ImportOperation, *, by: Author) -> None:
    """Record reading messages among the records of an import."""
    record_access(
        ActivityEntry.Action.VIEWED,
        ActivityEntry.Subject.MESSAGE,
        f"records of {operation}",
        by=by,
    )


def record_file_download(file: MessageFile, *, by: Author) -> None:
    """Record the download of a message file."""
    record_event(
        ActivityEntry.Action.DOWNLOADED,
        ActivityEntry.Subject.FILE,
        str(file),
        by=by,
        details={"ID": file.pk, "room": _name_of(file.room), "bytes": file.size},
    )


def record_failures_download(operation: ImportOperation, *, by: Author) -> None:
    """Record the download of an import's failed records."""
    record_event(
        ActivityEntry.Action.DOWNLOADED,
        ActivityEntry.Subject.IMPORT,
        str(operation),
        by=by,
        details={"file": f"failures-{operation.public_id}.zip"},
    )


def _name_of(room: Room) -> str:
    """Return the room's name with its public ID, because names are not unique."""
    name = str(room) if room.name is None else f"#{room.name}"
    return f"{name} ({room.public_id})"
