"""Messages of one room with one time: the same one again, or another one."""

from __future__ import annotations

from typing import Final, TypeAlias

_REMEMBERED: Final = 10_000
_Hashes: TypeAlias = tuple[int, ...]


class SameTimes:
    """Numbers different messages that have one id, in the export's order.

    Slack's times are unique within a room; exports that tools made or joined repeat
    them. The same messages get the same numbers in every reading, and an edited one
    keeps its number. Memory is constant: the last ids are remembered, at least 10,000
    of them, which is more than one day of a room usually has.
    """

    def __init__(self) -> None:
        self._recent: dict[int, _Hashes] = {}
        self._older: dict[int, _Hashes] = {}

    def number(self, message_id: str, content: tuple[object, ...]) -> int:
        """Return which of the different messages with an id this is, from 1."""
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
