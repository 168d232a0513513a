"""Existing users and rooms for a decision: suggestions and search.

Every lookup reads a bounded number of rows in the order of an index, so its time does
not depend on the number of users.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum, auto
from typing import Final

from anyascii import anyascii

from accounts.models import EmailAddress, User
from config.db.lower_in import LowerIn
from imports_app.engine.matching.decision_rights import readable_rooms
from imports_app.importers.room_names import room_name
from imports_app.models import ImportOperation, ImportRecord, Room
from imports_app.records import ChannelRecord, Kind, RoomType, UserRecord
from imports_app.selection.query import search_condition, selectable_records

MAX_FOUND: Final = 10
"""Maximum number of search results and of suggestions."""
_SHORTEST: Final = 2
"""Characters of a search text, without spaces."""
_LOOKED_AT: Final = 40
"""Maximum number of index rows that a lookup reads."""
_PREFIX: Final = 3
"""Length of the common prefix of similar names."""
_SIMILAR: Final = 0.75


class Reason(Enum):
    """Why a user or room is suggested."""

    ADDRESS = auto()
    USERNAME = auto()
    NAME = auto()
    SIMILAR = auto()


@dataclass(frozen=True, slots=True)
class SuggestedUser:
    """Existing user who may be a user of the source."""

    user: User
    reason: Reason


@dataclass(frozen=True, slots=True)
class SuggestedRoom:
    """Existing room that may be a room of the source."""

    room: Room
    reason: Reason


def suggest_users(record: UserRecord) -> list[SuggestedUser]:
    """Return existing users who may be the user of a record. At most eight queries."""
    found: dict[int, SuggestedUser] = {}

    def add(users: Iterable[User], reason: Reason) -> None:
        for user in users:
            found.setdefault(user.pk, SuggestedUser(user, reason))

    add(_with_addresses(record.emails[:MAX_FOUND]), Reason.ADDRESS)
    if record.username:
        add(User.objects.named(record.username), Reason.USERNAME)
    candidates: list[User] = []
    for text in _beginnings(record):
        candidates += User.objects.from_username(text)[:_LOOKED_AT]
    if record.name:
        candidates += User.objects.from_name(record.name[:_PREFIX])[:_LOOKED_AT]
    names = [name for name in (record.username, record.name) if name]
    add(_of_same_name(candidates, record.name), Reason.NAME)
    add(_most_similar(candidates, names), Reason.SIMILAR)
    return list(found.values())[:MAX_FOUND]


def _with_addresses(addresses: Iterable[str]) -> list[User]:
    owned = EmailAddress.objects.filter(LowerIn("address", list(addresses)))
    return [one.user for one in owned.select_related("user").order_by("pk")]


def _beginnings(record: UserRecord) -> list[str]:
    """Return the beginnings of usernames that are similar to a record's names."""
    local_part = record.emails[0].partition("@")[0] if record.emails else ""
    words = [record.username or "", local_part, *(record.name or "").split()[:3]]
    begun = (_plain(word)[:_PREFIX] for word in words)
    return list(dict.fromkeys(text for text in begun if len(text) == _PREFIX))[:4]


def _plain(text: str) -> str:
    """Return the Latin letters and digits of a text, in lower case."""
    return "".join(filter(str.isalnum, anyascii(text[:200]).lower()))


def _of_same_name(users: Iterable[User], name: str | None) -> list[User]:
    wanted = _plain(name or "")
    return [user for user in users if wanted and _plain(user.name) == wanted]


def _most_similar(users: Iterable[User], names: list[str]) -> list[User]:
    wanted = [plain for name in names if (plain := _plain(name))]
    rated: dict[int, tuple[float, User]] = {}
    for user in users:
        own = [_plain(user.username or ""), _plain(user.name)]
        best = max(
            (_similarity(one, other) for one in wanted for other in own), default=0.0
        )
        if best >= _SIMILAR:
            rated[user.pk] = (best, user)
    best_first = sorted(rated.values(), key=lambda pair: (-pair[0], pair[1].pk))
    return [user for _rating, user in best_first]


def _similarity(one: str, other: str) -> float:
    """Return the similarity of two short texts, from 0 to 1."""
    return SequenceMatcher(None, one[:40], other[:40], autojunk=False).ratio()


def search_users(text: str) -> list[User]:
    """Return existing users by the beginning of username or name, address or user ID.

    Four queries.
    """
    text = _cleaned(text)
    if len(text) < _SHORTEST:
        return []
    found = {user.pk: user for user in User.objects.filter(public_id=text)}
    if "@" in text:
        found |= {user.pk: user for user in _with_addresses([text])}
    begun = text.casefold()
    for user in User.objects.from_username(text)[:MAX_FOUND]:
        if str(user.username).casefold().startswith(begun):
            found.setdefault(user.pk, user)
    for user in User.objects.from_name(text)[:MAX_FOUND]:
        if user.name.casefold().startswith(begun):
            found.setdefault(user.pk, user)
    return list(found.values())[:MAX_FOUND]


def suggest_rooms(record: ChannelRecord, person: User) -> list[SuggestedRoom]:
    """Return existing rooms that a person may read and that have a similar name."""
    name = room_name(record.name)
    near = list(Room.objects.from_name(name[:_PREFIX])[:_LOOKED_AT]) if name else []
    rooms = {room.pk: room for room in (*Room.objects.filter(name=name), *near)}
    readable = readable_rooms(person, rooms.values())
    found = []
    for room in rooms.values():
        if room.pk not in readable or _would_become_public(record, room):
            continue
        if room.name == name:
            found.append((2.0, SuggestedRoom(room, Reason.NAME)))
        elif (rating := _similarity(name, room.name or "")) >= _SIMILAR:
            found.append((rating, SuggestedRoom(room, Reason.SIMILAR)))
    found.sort(key=lambda pair: (-pair[0], pair[1].room.pk))
    return [one for _rating, one in found][:MAX_FOUND]


def search_rooms(text: str, record: ChannelRecord, person: User) -> list[Room]:
    """Return existing rooms by the beginning of their name that a person may read."""
    text = _cleaned(text).removeprefix("#")
    if len(text) < _SHORTEST:
        return []
    rooms = [
        room
        for room in Room.objects.from_name(text)[:_LOOKED_AT]
        if str(room.name).startswith(text) and not _would_become_public(record, room)
    ]
    readable = readable_rooms(person, rooms)
    return [room for room in rooms if room.pk in readable][:MAX_FOUND]


def _would_become_public(record: ChannelRecord, room: Room) -> bool:
    return record.type is RoomType.PRIVATE and room.type == Room.Type.PUBLIC


def search_source_users(
    operation: ImportOperation, text: str, record: ImportRecord
) -> list[ImportRecord]:
    """Return other users of the source, with the search of the selection page."""
    text = _cleaned(text)
    if len(text) < _SHORTEST:
        return []
    rows = selectable_records(operation.pk, Kind.USER)
    found = rows.filter(search_condition(Kind.USER, text, ""))
    others = found.exclude(import_id=record.import_id)
    return list(others.order_by("search_text", "id")[:MAX_FOUND])


def _cleaned(text: str) -> str:
    return text.strip().replace("\0", "")[:200]
