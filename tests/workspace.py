"""Rooms and messages, created without an import."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from imports_app.models import Message, Room, RoomMember

START = datetime(2024, 3, 1, 9, tzinfo=UTC)


def room_of(*members: User, name: str = "general", **values: Any) -> Room:
    """Create a public channel, which its members may read."""
    room = Room.objects.create(type=values.pop("type", "c"), name=name, **values)
    _join(room, members)
    return room


def direct_room_of(*members: User) -> Room:
    """Create a direct room."""
    room = Room.objects.create(
        type="d",
        member_key="-".join(str(user.pk) for user in members)[:32],
        display_name=", ".join(str(user) for user in members),
    )
    _join(room, members)
    return room


def _join(room: Room, members: Iterable[User]) -> None:
    RoomMember.objects.bulk_create(
        RoomMember(room=room, user=user, is_reader=True) for user in members
    )


def say(room: Room, author: User, *texts: str, **values: Any) -> list[Message]:
    """Create messages, each a minute after the last one."""
    last = room.last_message_at or START
    messages = [
        Message(
            room=room,
            import_id=f"m-{room.message_count + number}",
            author=author,
            sent_at=last + timedelta(minutes=number),
            text=text,
            **values,
        )
        for number, text in enumerate(texts, 1)
    ]
    Message.objects.bulk_create(messages)
    count(room, messages)
    return messages


def count(room: Room, messages: Iterable[Message]) -> None:
    """Update the room's counters, as an import does."""
    for message in messages:
        room.message_count += 1
        room.last_message_at = max(room.last_message_at or START, message.sent_at)
    room.save()
