"""URLs and titles of rooms, conversations and threads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from imports_app.models import Message, Room


def room_title(room: Room) -> str:
    """Return a room's name with `#`, or the members of direct messages."""
    return str(room) if room.name is None else f"#{room.name}"


def conversation_url(room_id: int, **place: Any) -> str:
    """Return the URL of a room's conversation."""
    page = reverse("admin:imports_app_room_conversation_page", args=[room_id])
    return f"{page}?{urlencode(place)}" if place else page


def message_url(message: Message) -> str:
    """Return the URL of a message in its conversation."""
    page = conversation_url(message.room_id, around=message.pk)
    return f"{page}#m{message.pk}"


def thread_url(root: Message, reply: Message) -> str:
    """Return the URL of a reply in its thread."""
    page = conversation_url(reply.room_id, thread=root.pk, around=reply.pk)
    return f"{page}#m{reply.pk}"
