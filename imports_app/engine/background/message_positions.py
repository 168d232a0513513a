"""Stored positions of messages, which make large offsets in the API fast.

Each page of imported messages clears the positions of its rooms. When no import is
running, a worker recomputes them without a lock, and stores them only if they were not
cleared in the meantime.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from django.db import transaction

from config.db.bulk import insert_rows
from imports_app.engine.background.pacing import Pace, is_import_running
from imports_app.engine.retries import retry_on_disconnect
from imports_app.models import Message, MessagePosition, Room

INTERVAL: Final = 500
"""Number of messages between two positions."""
_COLUMNS: Final = ("room", "number", "shown", "sent_at", "message")


def needs_positions() -> bool:
    """Return whether any room lacks stored positions."""
    return Room.objects.without_positions().exists() and not is_import_running()


def store_positions(pace: Pace) -> None:
    """Store missing positions of all rooms, unless an import needs the worker."""
    if not needs_positions():
        return
    for pk in list(Room.objects.without_positions().values_list("pk", flat=True)):
        retry_on_disconnect(partial(_store, pk))
        if not pace.end_page() or is_import_running():
            return


def _store(room_id: int) -> None:
    """Store the positions of a room, and its exact numbers of messages."""
    if not Room.objects.begin_positions(room_id):
        return
    rows = list(Message.objects.positions(room_id, INTERVAL))
    count = shown_count = 0
    if rows:
        number, shown, sent_at, pk = rows[-1]
        behind = Message.objects.numbers_from(room_id, sent_at, pk)
        count, shown_count = number + behind[0], shown + behind[1]
    with transaction.atomic():
        if not Room.objects.end_positions(room_id, count, shown_count):
            return
        old = MessagePosition.objects.filter(room=room_id)
        old._raw_delete(old.db)
        insert_rows(MessagePosition, _COLUMNS, [(room_id, *row) for row in rows])
