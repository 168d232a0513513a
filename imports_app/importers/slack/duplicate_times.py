"""Detection of different messages with the same room and time."""

from __future__ import annotations

from typing import Final, TypeAlias

_REMEMBERED: Final = 10_000
_Hashes: TypeAlias = tuple[int, ...]


class DuplicateTimes:
    """Numbering of different messages with the same ID, in the export's order.

    Slack's times are unique within a room, but exports that tools created or merged may
    repeat them. Messages get the same numbers each time the export is read, and an
    edited message keeps its number. Memory is constant: at least the last 10,000 IDs
    are kept, which is more than a room usually has in a day.
    """

    def __init__(self) -> None:
        self._recent: dict[int, _Hashes] = {}
        self._older: dict[int, _Hashes] = {}

    def number(self, message_id: str, content: tuple[object, ...]) -> int:
        """Return the message's number among the messages with its ID, from 1."""
        found = hash(content)
        key = hash(message_id)
        recent = self._recent
        known = recent.get(key) or self._older.get(key)
        if known is not None and found in known:
            return known.index(found) + 1
        if len(recent) >= _REMEMBERED and key not in recent:
            self._older, self._recent = recent, {}
        self._recent[key] = known = (found,) if known is None else (*known, found)
        return len(known)
