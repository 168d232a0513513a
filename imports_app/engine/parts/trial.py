"""Selection of the messages that a trial run imports.

They are selected once, before the first message is converted, from the spool, which
does not change. So all workers process the same messages, also after an interruption.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import heappush, heapreplace
from typing import Final

from django.db import transaction

from config.db.bulk import update_rows
from imports_app.engine.lease import Lease
from imports_app.engine.parts.spool import MessagePlace
from imports_app.engine.planning.moments import is_moment
from imports_app.models import ImportPart, KindChoice, KindCount

_PLACE_BITS: Final = 48
_INDEX_BITS: Final = 16
"""A part has fewer than 2**16 messages."""
_LAST: Final = 1 << 62
"""Sorts messages without a valid time after all others."""


class TrialSelection:
    """First messages of each room by time; of the same time, in order of the source.

    Keeps an integer for each of them in memory.
    """

    def __init__(self, messages: int, skipped_rooms: Collection[str]) -> None:
        """Select nothing yet.

        Args:
            messages: Number of messages of each room.
            skipped_rooms: Import IDs of rooms that are not selected. All of their
                messages are selected, because each counts as skipped.
        """
        self._most = messages
        self._skipped_rooms = frozenset(skipped_rooms)
        self._skipped = array("Q")
        self._rooms: defaultdict[str, list[int]] = defaultdict(list)
        """Sort keys by room, negative, so that the last message is at the top."""

    def add(self, position: int, messages: Iterable[MessagePlace]) -> None:
        """Consider the messages of a part.

        Args:
            position: The part's position.
            messages: Room and time of its messages.
        """
        for place, (room, sent_at) in enumerate(messages, position << _INDEX_BITS):
            if room in self._skipped_rooms:
                self._skipped.append(place)
                continue
            is_valid = sent_at is not None and is_moment(sent_at)
            time = sent_at if is_valid and sent_at is not None else _LAST
            key = -(time << _PLACE_BITS | place)
            keys = self._rooms[room]
            if len(keys) < self._most:
                heappush(keys, key)
            elif key > keys[0]:
                heapreplace(keys, key)

    def by_part(self) -> Mapping[int, list[int]]:
        """Return the positions of the selected messages in each part, in order."""
        found: defaultdict[int, array[int]] = defaultdict(lambda: array("H"))
        for place in self._skipped:
            found[place >> _INDEX_BITS].append(place & _INDEX_MASK)
        for keys in self._rooms.values():
            for key in keys:
                place = -key & _PLACE_MASK
                found[place >> _INDEX_BITS].append(place & _INDEX_MASK)
        return {position: sorted(places) for position, places in found.items()}


_PLACE_MASK: Final = (1 << _PLACE_BITS) - 1
_INDEX_MASK: Final = (1 << _INDEX_BITS) - 1


@transaction.atomic
def store_selection(
    parts: Sequence[ImportPart], selection: TrialSelection, lease: Lease
) -> None:
    """Store which messages of each part are processed; finish parts without any.

    Messages that are not selected are counted as not processed.

    Raises:
        LeaseLostError: The operation was cancelled or taken over.
    """
    lease.renew()
    selected = selection.by_part()
    rows = []
    for part in parts:
        places = selected.get(part.position, [])
        rows.append((places, 0 if places else part.messages, part.pk))
    update_rows(ImportPart, ("trial", "checkpoint"), rows)
    found = sum(part.messages for part in parts)
    KindCount.objects.filter(
        operation=lease.operation_id, kind=KindChoice.MESSAGE
    ).update(unprocessed=found - sum(map(len, selected.values())))
