"""Rocket.Chat's documents of rooms, members, messages and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.api.wire import JSONDict, drop_none, iso_ms

if TYPE_CHECKING:
    from accounts.models import User
    from imports_app.models import RoomMember

_NO_NAMES: JSONDict = {}


def room(room: Any) -> JSONDict:
    """Return a room.

    Args:
        room: The room, read `with_details`.
    """
    is_direct = room.people is not None
    people = room.people or []
    last = room.last_message_at
    return drop_none(
        {
            "_id": room.public_id,
            "name": room.name,
            "fname": None if is_direct else room.display_name or room.name,
            "t": room.type,
            "msgs": room.message_count,
            "usersCount": room.user_count,
            "u": room.creator and _person(room.creator),
            "uids": [key for key, *_names in people] if is_direct else None,
            "usernames": [name or key for key, name, _name in people]
            if is_direct
            else None,
            "ts": iso_ms(room.created_at),
            "lm": last and iso_ms(last),
            "topic": room.topic or None,
            "description": room.description or None,
            "archived": room.is_archived or None,
            "ro": False,
            "sysMes": True,
            "default": False,
            "broadcast": False,
            "encrypted": False,
            "customFields": {},
            "_updatedAt": iso_ms(max(last or room.created_at, room.created_at)),
        }
    )


def member(member: RoomMember) -> JSONDict:
    """Return a member of a room."""
    user = member.user
    return drop_none(
        {
            **_person(user),
            "status": "offline",
            "statusText": user.status_text or None,
            "roles": ["owner"] if member.is_owner else None,
            "active": user.is_active,
            "_updatedAt": iso_ms(user.updated_at),
        }
    )


def _person(user: User) -> JSONDict:
    """Return a user as rooms and messages name them."""
    return drop_none(
        {
            "_id": user.public_id,
            "username": user.username or user.public_id,
            "name": user.name or None,
        }
    )
