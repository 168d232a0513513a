"""Where pages about rooms and messages lead to, and what stands there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from imports_app.models import Message, Room


def room_title(room: Room) -> str:
    """Return a room's name as people write it."""
    return str(room) if room.name is None else f"#{room.name}"


def conversation_page_of(room_id: int, **place: Any) -> str:
    """Return the address of a room's conversation."""
    page = reverse("admin:imports_app_room_conversation_page", args=[room_id])
    return f"{page}?{urlencode(place)}" if place else page


def conversation_of(message: Message) -> str:
    """Return the address of what was said around a message."""
    page = conversation_page_of(message.room_id, around=message.pk)
    return f"{page}#m{message.pk}"


def thread_of(root: Message, reply: Message) -> str:
    """Return the address of a reply in its thread."""
    page = conversation_page_of(reply.room_id, thread=root.pk, around=reply.pk)
    return f"{page}#m{reply.pk}"
