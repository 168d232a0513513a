"""Kinds of rooms with their endpoints and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from imports_app.models import Room


@dataclass(frozen=True, slots=True)
class RoomKind:
    """A family of endpoints, such as `channels.list` and `channels.info`."""

    prefixes: tuple[str, ...]
    """Beginnings of the names of endpoints."""
    type: Room.Type
    one: str
    """Property of a room in responses."""
    many: str
    """Property of a list of rooms in responses."""
    noun: str
    """Name of a room in errors."""


CHANNELS: Final = RoomKind(
    ("channels",), Room.Type.PUBLIC, "channel", "channels", "channel"
)
GROUPS: Final = RoomKind(("groups",), Room.Type.PRIVATE, "group", "groups", "group")
DIRECT: Final = RoomKind(
    ("im", "dm"), Room.Type.DIRECT, "room", "ims", "direct message"
)
KINDS: Final = (CHANNELS, GROUPS, DIRECT)
