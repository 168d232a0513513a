"""Rooms of a Slack export, and their folders of messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, Protocol

from config.unicode import normalized
from imports_app.importers.room_names import room_name
from imports_app.importers.slack.content.text import Converted, decoded
from imports_app.importers.years import is_plausible_time
from imports_app.records import ChannelRecord, RoomType
from imports_app.sources.json_streams import (
    dict_of,
    flag_of,
    seconds_of,
    text_of,
    texts_of,
)

_MOST_IN_DIRECT: Final = 8
"""Maximum members of a group direct message; larger ones become private rooms."""
ROOM_FILES: Final = {
    "channels.json": RoomType.PUBLIC,
    "groups.json": RoomType.PRIVATE,
    "mpims.json": RoomType.DIRECT,
    "dms.json": RoomType.DIRECT,
}
"""Files that list rooms, with the least private room type of each file."""
_TEAMS: Final = "teams/"
_FLAGS: Final = {
    "is_im": RoomType.DIRECT,
    "is_mpim": RoomType.DIRECT,
    "is_private": RoomType.PRIVATE,
    "is_group": RoomType.PRIVATE,
}
"""Room types by flag, the most private first."""
_TYPED_ID: Final = re.compile("([DG])[A-Z0-9]{8,}")
_TYPE_BY_LETTER: Final = {"D": RoomType.DIRECT, "G": RoomType.PRIVATE}
"""Room types by the first letter of Slack's IDs. Public rooms have a C."""
_STRICTNESS: Final = (RoomType.PUBLIC, RoomType.PRIVATE, RoomType.DIRECT)


def team_of(name: str) -> str:
    """Return the workspace folder of an entry, in the export of an organization.

    For example `teams/sales/`; empty for entries that are not in a workspace folder.
    """
    if not name.startswith(_TEAMS):
        return ""
    workspace, slash, _rest = name.removeprefix(_TEAMS).partition("/")
    # A room may be named "teams": its message files are not workspaces.
    return f"{_TEAMS}{workspace}/" if slash else ""


class _People(Protocol):
    """User lookup that rooms need."""

    def identity(self, user: str) -> str:
        """Return the import ID of a user ID."""

    def convert(self, raw: str) -> Converted:
        """Convert a text's markup; return the text and its mentions."""


class _Rank(IntEnum):
    """Priority of a room's claim to a folder."""

    FORMER_NAME = 0
    ARCHIVED = 1
    PUBLIC = 2
    PRIVATE = 3
    """Private messages must not become public."""


@dataclass(slots=True)
class _Claims:
    """Rooms that a folder may belong to, by priority."""

    rank: _Rank
    rooms: list[str]
    others: int = 0
    """Claims of lower priority by current names."""

    def add(self, room_id: str, rank: _Rank) -> None:
        """Add a room's claim."""
        if rank > self.rank:
            if self.rank is not _Rank.FORMER_NAME:
                self.others += sum(one != room_id for one in self.rooms)
            self.rank, self.rooms = rank, [room_id]
        elif room_id in self.rooms:
            return  # listed again, such as in channels.json and groups.json
        elif rank == self.rank:
            self.rooms.append(room_id)
        elif rank is not _Rank.FORMER_NAME:
            self.others += 1


class _ClaimsByName:
    """The claims to folders by their names.

    There may be hundreds of thousands of rooms, and nearly every name belongs to one
    room. To save memory, such a claim is a dictionary entry instead of an object.
    """

    def __init__(self) -> None:
        self._single: dict[_Rank, dict[str, str]] = {rank: {} for rank in _Rank}
        self._several: dict[str, _Claims] = {}

    def get(self, name: str) -> _Claims | None:
        """Return the claims to a name."""
        if (claims := self._several.get(name)) is not None:
            return claims
        for rank, rooms in self._single.items():
            if (room_id := rooms.get(name)) is not None:
                return _Claims(rank, [room_id])
        return None

    def add(self, name: str, room_id: str, rank: _Rank) -> None:
        """Add a room's claim."""
        if (claims := self.get(name)) is None:
            self._single[rank][name] = room_id
            return
        self._single[claims.rank].pop(name, None)
        claims.add(room_id, rank)
        if len(claims.rooms) + claims.others > 1:
            self._several[name] = claims
        else:
            self._single[claims.rank][name] = claims.rooms[0]


@dataclass(slots=True)
class Rooms:
    """Rooms by ID and by folder name."""

    _names: dict[str, str] = field(default_factory=dict)
    _claims: _ClaimsByName = field(default_factory=_ClaimsByName)
    _caseless: _ClaimsByName = field(default_factory=_ClaimsByName)
    """The same by case-folded names."""
    _owners: dict[str, str] = field(default_factory=dict)
    """First room of each name."""
    has_private: bool = False
    """Whether the export has private rooms or direct messages."""
    sorts: set[str] = field(default_factory=set)
    """Flags that rooms have: `is_im`, or `is_private` for channels."""

    def add(
        self,
        room: dict[str, Any],
        listed_as: RoomType,
        people: _People,
        team: str = "",
    ) -> ChannelRecord | None:
        """Convert an element of a room file to a record; `None` if it has no ID.

        Args:
            room: The element.
            listed_as: Room type by the file's name; a room's own flags can only make
                it more private.
            people: User lookup.
            team: Folder of the workspace, in an organization's export.
        """
        room_id = text_of(room.get("id"))
        if not room_id:
            return None
        raw_names = texts_of(room.get("previous_names"))
        former = list(map(decoded, raw_names))
        raw_name = text_of(room.get("name")) or text_of(room.get("name_normalized"))
        name = decoded(raw_name) or (former[-1] if former else "")
        kind = _type_of(room, listed_as)
        members = dict.fromkeys(map(people.identity, texts_of(room.get("members"))))
        if kind is RoomType.DIRECT and len(members) > _MOST_IN_DIRECT:
            kind = RoomType.PRIVATE
        self.has_private |= kind is not RoomType.PUBLIC
        if kind is RoomType.PRIVATE and listed_as is RoomType.PUBLIC:
            self.sorts.add("is_private")
        elif flag_of(room.get("is_im")):
            self.sorts.add("is_im")
        is_archived = flag_of(room.get("is_archived"))
        rank = _rank_of(kind, is_archived=is_archived)
        for present in filter(None, dict.fromkeys((name, raw_name))):
            self._claim(team + present, room_id, rank)
        for old_name in filter(None, dict.fromkeys((*former, *raw_names))):
            self._claim(team + old_name, room_id, _Rank.FORMER_NAME)
        name = self._name_within(team, name, room_id)
        if name:
            self._names[room_id] = name
        self._names.setdefault(room_id, "")
        return ChannelRecord(
            import_ids=(room_id,),
            type=kind,
            name=None if kind is RoomType.DIRECT else name or room_id,
            creator=people.identity(text_of(room.get("creator"))) or None,
            members=tuple(members),
            topic=_text_in(room.get("topic"), people),
            description=_text_in(room.get("purpose"), people),
            created_at=_moment_of(room.get("created")),
            is_archived=is_archived,
        )

    def _name_within(self, team: str, name: str, room_id: str) -> str:
        """Return a room's name, prefixed with the workspace if it is already used."""
        if not name:
            return ""
        if self._owners.setdefault(_folded(name), room_id) == room_id or not team:
            return name
        longer = f"{team.split('/')[1]}-{name}"
        self._owners.setdefault(_folded(longer), room_id)
        return longer

    @property
    def is_empty(self) -> bool:
        """Whether no room is listed."""
        return not self._names

    def name_of(self, room_id: str) -> str | None:
        """Return a room's name with the characters that this server allows."""
        name = self._names.get(room_id)
        return room_name(name) or name or None

    def find_by_folder(self, folder: str) -> str | None:
        """Return the ID of a folder's room, or `None`.

        A folder has a room's ID or name. Of several rooms with one name, a private room
        comes first, then a room that is not archived, then the first in the file.
        `None` if several private rooms have the name: their messages must not be mixed.
        """
        if (room_id := folder.rpartition("/")[2]) in self._names:
            return room_id
        claims = self._claims_to(folder)
        if claims is None or self.is_ambiguous(folder):
            return None
        return claims.rooms[0]

    def is_ambiguous(self, folder: str) -> bool:
        """Return whether several private rooms have the name of a folder."""
        claims = self._claims_to(folder)
        return (
            folder.rpartition("/")[2] not in self._names
            and claims is not None
            and claims.rank is _Rank.PRIVATE
            and len(claims.rooms) > 1
        )

    def is_guessed(self, folder: str) -> bool:
        """Return whether a folder's room was chosen among several with its name."""
        claims = self._claims_to(folder)
        return (
            folder.rpartition("/")[2] not in self._names
            and claims is not None
            and len(claims.rooms) + claims.others > 1
        )

    def count_without(self, folders: Iterable[str]) -> int:
        """Count the rooms without one of these folders."""
        used = set(filter(None, map(self.find_by_folder, folders)))
        return len(self._names) - len(used)

    def _claims_to(self, folder: str) -> _Claims | None:
        """Return the claims to a folder; ignore case if there is no exact match."""
        name = _folded(folder)
        return self._claims.get(name) or self._caseless.get(name.casefold())

    def _claim(self, name: str, room_id: str, rank: _Rank) -> None:
        name = _folded(name)
        caseless = name.casefold()
        self._claims.add(name, room_id, rank)
        # The same text is kept once.
        self._caseless.add(name if caseless == name else caseless, room_id, rank)


def _text_in(value: Any, people: _People) -> str | None:
    """Return the converted text of a topic or purpose."""
    return people.convert(text_of(dict_of(value).get("value"))).text or None


def _moment_of(created: Any) -> int | None:
    """Return a plausible creation time in milliseconds since 1970."""
    seconds = seconds_of(created)
    moment = None if seconds is None else int(seconds * 1000)
    return moment if moment is not None and is_plausible_time(moment) else None


def _type_of(room: dict[str, Any], listed_as: RoomType) -> RoomType:
    own = next(
        (kind for flag, kind in _FLAGS.items() if flag_of(room.get(flag))),
        RoomType.PUBLIC if room.keys() & _FLAGS else _type_of_id(room),
    )
    return max(own, listed_as, key=_STRICTNESS.index)


def _type_of_id(room: dict[str, Any]) -> RoomType:
    """Return the type of a room without flags by its Slack ID."""
    match = _TYPED_ID.fullmatch(text_of(room.get("id")))
    return _TYPE_BY_LETTER[match[1]] if match else RoomType.PUBLIC


def _rank_of(kind: RoomType, *, is_archived: bool) -> _Rank:
    if kind is not RoomType.PUBLIC:
        return _Rank.PRIVATE
    return _Rank.ARCHIVED if is_archived else _Rank.PUBLIC


def _folded(name: str) -> str:
    """Return a name in a form to compare with folders of any file system."""
    return normalized("NFC", name)
