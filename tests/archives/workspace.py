"""Current workspace, in the form of an expectation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from imports_app.models import Message, MessageFile, Room
from tests.archives.expectation import MessageFacts
from tests.archives.slack_expectation import SlackMessageFacts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def name_of(room: Room, members: Iterable[str]) -> str:
    """Return the room's name, or a direct room's member names."""
    if room.name is not None:
        return room.name
    people = sorted(members)
    return "/".join(people if len(people) > 1 else people * 2)


def members_of(room: Room) -> list[str]:
    """Return the usernames of a room's members, sorted."""
    usernames = room.members.values_list("user__username", flat=True)
    return sorted(map(str, usernames))


def read_history(room: Room) -> list[MessageFacts]:
    """Return a room's messages, in order."""
    rows = Message.objects.history(room.pk).values_list(
        "author__username", "sent_at", "text"
    )
    return [
        MessageFacts(str(author), _ms(sent_at), text) for author, sent_at, text in rows
    ]


def read_rooms() -> dict[str, tuple[str, list[str], list[MessageFacts]]]:
    """Return type, members and messages of every room, by name."""
    rooms = {}
    for room in Room.objects.all():
        members = members_of(room)
        rooms[name_of(room, members)] = (room.type, members, read_history(room))
    return rooms


def read_slack_history(room: Room) -> list[SlackMessageFacts]:
    """Return a room's messages with all parts, in order."""
    messages = list(
        Message.objects.history(room.pk).with_roots().select_related("author")
    )
    times = {message.import_id: _ms(message.sent_at) for message in messages}
    files: dict[str, list[str]] = {}
    for file in MessageFile.objects.filter(room=room).order_by("id"):
        files.setdefault(file.message_import_id, []).append(file.name)
    return [
        SlackMessageFacts(
            author=str(message.author),
            sent_at=_ms(message.sent_at),
            text=message.text,
            event=message.event,
            reply_to=times[str(message.thread)] if message.is_reply else None,
            edited_at=_ms(message.edited_at) if message.edited_at else None,
            alias=(message.extras or {}).get("alias", ""),
            reactions=tuple(
                (emoji, tuple(users))
                for emoji, users in (message.extras or {}).get("reactions", {}).items()
            ),
            files=tuple(sorted(files.get(message.import_id, []))),
            attached=tuple((message.extras or {}).get("attachments", [])),
        )
        for message in messages
    ]


def read_slack_rooms() -> dict[str, tuple[str, list[str], list[SlackMessageFacts]]]:
    """Return type, members and messages of every room, by name."""
    rooms = {}
    for room in Room.objects.all():
        members = members_of(room)
        name = name_of(room, members)
        rooms[name] = (room.type, members, read_slack_history(room))
    return rooms


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
