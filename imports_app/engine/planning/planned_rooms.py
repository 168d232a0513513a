"""Rooms that earlier pages of a plan create or change, and that are not written."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from imports_app.models import Room

if TYPE_CHECKING:
    from imports_app.engine.matching.rooms import TargetRoom

_FIELDS: Final = (
    *("type", "name", "display_name", "member_key"),
    *("topic", "description", "is_archived"),
)
_values_of: Final = attrgetter(*_FIELDS)


class PlannedRooms:
    """Rooms of earlier pages. The keys of new rooms are negative."""

    def __init__(self) -> None:
        self._rooms: dict[int, tuple[Any, ...]] = {}
        self._import_ids: dict[str, int] = {}
        self._identified: set[int] = set()
        self._names: dict[str, int] = {}
        self._member_keys: dict[str, int] = {}
        self._members: dict[int, array[int]] = {}

    def add(self, target: TargetRoom, key: int) -> None:
        """Add a room that the last planned page creates or changes.

        Args:
            target: The room; a new one gets the key.
            key: Key of a new room, below zero.
        """
        room = target.room
        if target.is_new:
            room.pk = key
            if room.name:
                self._names[room.name] = key
            if room.member_key:
                self._member_keys[room.member_key] = key
        else:
            key = room.pk
        if target.is_new or target.is_changed:
            self._rooms[key] = _values_of(room)
        if target.import_ids:
            self._identified.add(key)
        for value in target.import_ids:
            self._import_ids[value] = key
        if new := target.members.keys() - target.known_members:
            self._members.setdefault(key, array("q")).extend(new)

    def by_import_ids(self, values: Iterable[str]) -> dict[str, int]:
        """Return keys by import ID."""
        return _found(self._import_ids, values)

    def names_of(self, keys: Iterable[int]) -> dict[int, str | None]:
        """Return the names of new rooms by key."""
        name = _FIELDS.index("name")
        return {key: self._rooms[key][name] for key in keys if key in self._rooms}

    def by_names(self, names: Iterable[str]) -> dict[str, int]:
        """Return keys of new rooms by name."""
        return _found(self._names, names)

    def by_member_keys(self, keys: Iterable[str]) -> dict[str, int]:
        """Return keys of new direct rooms by member key."""
        return _found(self._member_keys, keys)

    def identified(self, keys: Iterable[int]) -> set[int]:
        """Return the rooms that got an import ID."""
        return self._identified.intersection(keys)

    def known_members(self, target: TargetRoom) -> set[int]:
        """Return the members of a room that earlier pages add."""
        added = self._members.get(target.room.pk, ())
        return target.members.keys() & set(added)

    def apply(self, rooms: dict[int, Room], keys: Iterable[int]) -> None:
        """Add new rooms, and set the changed values of existing ones."""
        if not self._rooms:
            return
        for key in {*keys, *rooms} & self._rooms.keys():
            values = dict(zip(_FIELDS, self._rooms[key], strict=True))
            if key < 0:
                rooms[key] = Room(pk=key, **values)
            else:
                for name, value in values.items():
                    setattr(rooms[key], name, value)


def _found(known: Mapping[str, int], values: Iterable[str]) -> dict[str, int]:
    if not known:
        return {}
    return {value: known[value] for value in values if value in known}
