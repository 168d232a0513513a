"""What is in the workspace, in the form of an expectation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from imports_app.models import Message, Room
from tests.archives.expectation import Said

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def name_of(room: Room, members: Iterable[str]) -> str:
    """Return the room's name; of a direct one its people's."""
    if room.name is not None:
        return room.name
    people = sorted(members)
    return "/".join(people if len(people) > 1 else people * 2)


def members_of(room: Room) -> list[str]:
    """Return the usernames of who is in a room, sorted."""
    usernames = room.members.values_list("user__username", flat=True)
    return sorted(map(str, usernames))


def read_history(room: Room) -> list[Said]:
    """Return what was said in a room, in order."""
    rows = Message.objects.history(room.pk).values_list(
        "author__username", "sent_at", "text"
    )
    millisecond = timedelta(milliseconds=1)
    return [
        Said(str(author), (sent_at - _EPOCH) // millisecond, text)
        for author, sent_at, text in rows
    ]


def read_rooms() -> dict[str, tuple[str, list[str], list[Said]]]:
    """Return type, members and history of every room, by its name."""
    rooms = {}
    for room in Room.objects.all():
        members = members_of(room)
        rooms[name_of(room, members)] = (room.type, members, read_history(room))
    return rooms
