"""Planned messages by room: numbers of imported, skipped and failed ones, with reasons.

The numbers come from reading the source (`MessageCount`). The rooms and authors that
they depend on come from the plan of users and rooms. The order of the checks is that
of `engine.messages.planner`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeAlias

from config.db.bulk import in_chunks
from imports_app.engine.corrections.parts import moved_counts
from imports_app.engine.matching.privileged_users import UNCONFIRMED
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.outcomes import NOT_SELECTED
from imports_app.engine.parts.spool import CountKey, count_key, read_part
from imports_app.engine.planning.planned_rooms import PlannedRooms
from imports_app.models import (
    Effect,
    ImportOperation,
    ImportPart,
    MessageCount,
    RoomImportId,
)
from imports_app.records import MessageRecord

_AT_ONCE: Final = 5_000
_MOST_FAILING: Final = 2_000
_LONGEST_KEY: Final = 500
"""Characters of room and author."""
_Count: TypeAlias = tuple[str, str, bool, int]
"""Room, author, whether the time is invalid, and the number of messages."""
MessageEffect: TypeAlias = tuple[Effect, str]
"""Effect, and the code of the reason."""

_IMPORTED: Final[MessageEffect] = (Effect.CREATE, "")
_NOT_SELECTED: Final[MessageEffect] = (Effect.SKIP, NOT_SELECTED.code)
_UNKNOWN_ROOM: Final[MessageEffect] = (Effect.FAIL, "importer-message-unknown-room")
_UNCONFIRMED: Final[MessageEffect] = (Effect.FAIL, UNCONFIRMED)
_UNKNOWN_AUTHOR: Final[MessageEffect] = (Effect.FAIL, "importer-message-unknown-user")
_INVALID_TIME: Final[MessageEffect] = (
    Effect.FAIL,
    "importer-message-invalid-timestamp",
)


class MessagePlan:
    """Numbers of messages by room, effect and reason.

    Keeps a short entry for every staged room in memory.
    """

    def __init__(self) -> None:
        self.rooms: dict[str, tuple[int, MessageEffect]] = {}
        """Key of the record and effect on the messages, by import ID of the room."""
        self.counts: Counter[tuple[str, MessageEffect]] = Counter()
        self.failing: dict[CountKey, str] = {}
        """Codes of messages that fail, by what decides about them; not of all if there
        are very many."""

    def add_room(self, import_id: str, record_id: int, effect: Effect) -> None:
        """Add a staged room. Of several with the same ID, the last one decides."""
        message_effect = _IMPORTED
        if effect is Effect.SKIP:
            message_effect = _NOT_SELECTED
        elif effect is Effect.FAIL:
            message_effect = _UNKNOWN_ROOM
        self.rooms[import_id] = record_id, message_effect

    def count(
        self, operation: ImportOperation, people: UserLookup, planned: PlannedRooms
    ) -> None:
        """Count the messages of an operation. A few queries for 5,000 numbers."""
        others: dict[str, MessageEffect] = {}
        for some in _pages(operation):
            rooms = {room for room, *_rest in some}
            _add_other_rooms(rooms - self.rooms.keys() - others.keys(), others, planned)
            known = people.find(author for _room, author, *_rest in some)
            for room, author, is_time_invalid, messages in some:
                staged = self.rooms.get(room)
                message_effect = others[room] if staged is None else staged[1]
                if message_effect is _IMPORTED and author not in known:
                    is_unconfirmed = people.needs_confirmation(author)
                    message_effect = _UNCONFIRMED if is_unconfirmed else _UNKNOWN_AUTHOR
                elif message_effect is _IMPORTED and is_time_invalid:
                    message_effect = _INVALID_TIME
                self.counts[room, message_effect] += messages
                if message_effect[0] is Effect.FAIL:
                    key = (room, author, is_time_invalid)
                    self._note_failing(key, message_effect[1])
        self.counts = +self.counts  # some are zero because of corrections

    def _note_failing(self, key: CountKey, code: str) -> None:
        is_short = len(key[0]) + len(key[1]) <= _LONGEST_KEY
        if is_short and len(self.failing) < _MOST_FAILING:
            self.failing[key] = code


def _pages(operation: ImportOperation) -> Iterator[list[_Count]]:
    """Yield the numbers, with the corrections of people.

    If an older release read the import, the messages are counted in its spool.
    """
    moved = moved_counts(operation.pk)
    if moved:
        yield [(*key, messages) for key, messages in moved.items() if messages]
    numbers = MessageCount.objects.of_operation(operation.pk)
    rows = numbers.values_list("room", "author", "is_time_invalid", "messages")
    counts = rows.iterator(_AT_ONCE)
    is_counted = False
    while page := list(islice(counts, _AT_ONCE)):
        is_counted = True
        yield page
    if is_counted:
        return
    for part in ImportPart.objects.of_operation(operation.pk).in_spool():
        found = read_part(operation, part)
        keys = Counter(
            count_key(item.record)
            for item in found
            if isinstance(item.record, MessageRecord)
        )
        yield [(*key, messages) for key, messages in keys.items()]


def _add_other_rooms(
    import_ids: Iterable[str], others: dict[str, MessageEffect], planned: PlannedRooms
) -> None:
    """Add rooms that earlier imports, or other IDs of staged rooms, bring."""
    missing = set(import_ids)
    for chunk in in_chunks(missing):
        stored = RoomImportId.objects.filter(value__in=chunk)
        found = set(stored.values_list("value", flat=True))
        found |= planned.by_import_ids(chunk).keys()
        others |= {key: _IMPORTED if key in found else _UNKNOWN_ROOM for key in chunk}
