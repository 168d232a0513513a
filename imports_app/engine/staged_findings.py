"""Warnings about staged users and rooms that a run would change or drop."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from imports_app.engine.matching.usernames import is_username, username_candidates
from imports_app.importers.base import Report
from imports_app.importers.room_names import room_name
from imports_app.records import ChannelRecord, RoomType, SourceItem, UserRecord

_NAMES_SHOWN: Final = 3
_MOST_PEOPLE: Final = 10_000
_CHANGED: Final = "importer-username-changed"
_ROOM_CHANGED: Final = "importer-room-name-changed"
_CREATOR: Final = "importer-unknown-creator"
_MEMBERS: Final = "importer-unknown-members"
_PARTNERS: Final = "importer-unknown-partners"
_FIRST: Final = {kind: (kind, 1) for kind in RoomType}
"""Entry of a name that only one room has; nearly all names share this object."""
_MESSAGES: Final = {
    _CREATOR: "These rooms have no creator, or the creator is not in the source and not"
    " an existing user. The user who starts the import becomes the owner.",
    _MEMBERS: "These room members are not in the source and not existing users, and are"
    " skipped",
    _PARTNERS: "These members of direct messages are not in the source and not existing"
    " users. They become deactivated placeholder users",
}


class StagedFindings:
    """Collector of names that have to change, and of unknown members of rooms.

    It observes the whole source: after an interruption, the source is read again.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._changed: list[str] = []
        self._changed_rooms: list[str] = []
        self._rooms: dict[int, tuple[RoomType, int]] = {}
        self._room_ids: set[int] = set()
        # Hashes instead of IDs, to save memory with a million users.
        self._users: set[int] = set()
        self._people: dict[str, list[tuple[str, str, int | None]]] = {}

    def watch(self, source: Iterator[SourceItem]) -> Iterator[SourceItem]:
        """Yield the records of a source unchanged while observing them."""
        for found in source:
            record = found.record
            if isinstance(record, UserRecord):
                self._users.update(map(hash, record.import_ids))
                self._note_username(record.username or "", found)
            elif isinstance(record, ChannelRecord):
                self._add_people(record, found)
                self._note_room_name(record, found)
            yield found

    @property
    def unlisted(self) -> list[str]:
        """Users of rooms who are missing in the source."""
        return [name for name in self._people if hash(name) not in self._users]

    def report_unknown_users(self, known: Collection[str]) -> None:
        """Report users of rooms who are neither in the source nor existing users."""
        shown: dict[str, list[str]] = {}
        for name in self.unlisted:
            if name in known:
                continue
            for code, file, line in self._people[name]:
                names = shown.setdefault(code, [])
                if name not in names:
                    names.append(name)
                self._report.warn(code, _MESSAGES[code], file=file, line=line)
        for code in shown.keys() - {_CREATOR}:
            first = ", ".join(name[:40] for name in shown[code][:_NAMES_SHOWN])
            self._report.warnings[code]["message"] = f"{_MESSAGES[code]}: {first}."

    def _add_people(self, record: ChannelRecord, found: SourceItem) -> None:
        is_direct = record.type is RoomType.DIRECT
        if record.creator and not is_direct:
            self._add(record.creator, _CREATOR, found)
        elif not is_direct:
            self._report.warn(
                _CREATOR, _MESSAGES[_CREATOR], file=found.file, line=found.line
            )
        for member in record.members:
            self._add(member, _PARTNERS if is_direct else _MEMBERS, found)

    def _add(self, name: str, code: str, found: SourceItem) -> None:
        if hash(name) in self._users:
            return
        if name in self._people or len(self._people) < _MOST_PEOPLE:
            places = self._people.setdefault(name, [])
            if len(places) < _MOST_PEOPLE:
                places.append((code, found.file, found.line))

    def _note_username(self, username: str, found: SourceItem) -> None:
        if not username or is_username(username):
            return
        if len(self._changed) < _NAMES_SHOWN:
            change = f"{username[:40]} to {username_candidates(username)[0][:40]}"
            if change not in self._changed:
                self._changed.append(change)
        self._report.warn(_CHANGED, "", file=found.file, line=found.line)
        self._report.warnings[_CHANGED]["message"] = (
            "Usernames with characters that are not allowed are changed, such as"
            f" {', '.join(self._changed)}."
        )

    def _note_room_name(self, record: ChannelRecord, found: SourceItem) -> None:
        """Record a name that changes because of its characters or an earlier room."""
        name = room_name(record.name)
        ids = set(map(hash, record.import_ids))
        if record.type is RoomType.DIRECT or not name or ids & self._room_ids:
            return
        self._room_ids |= ids
        kind, number = self._rooms.get(hash(name), (record.type, 0))
        if number and record.is_known_by_name and kind == record.type:
            return  # another row of the same room
        self._rooms[hash(name)] = (kind, number + 1) if number else _FIRST[kind]
        here = f"{name}-{number + 1}" if number else name
        if here == record.name:
            return
        if len(self._changed_rooms) < _NAMES_SHOWN:
            change = f"{(record.name or '')[:40]} to {here[:45]}"
            if change not in self._changed_rooms:
                self._changed_rooms.append(change)
        self._report.warn(_ROOM_CHANGED, "", file=found.file, line=found.line)
        self._report.warnings[_ROOM_CHANGED]["message"] = (
            "Room names are changed if they contain characters that are not allowed, or"
            " if another room of the source has the same name, such as"
            f" {', '.join(self._changed_rooms)}."
        )
