"""Rooms of a user in users.info. Another app registers their source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from accounts.models import User
from config.api.wire import JSONDict

RoomSource = Callable[[User, User], list[JSONDict]]
"""Returns the rooms of a user that a caller may read."""
_SOURCES: Final[list[RoomSource]] = []


def add_room_source(source: RoomSource) -> None:
    """Register a source of rooms. The source checks the caller's permissions."""
    _SOURCES.append(source)


def rooms_of(user: User, caller: User) -> list[JSONDict]:
    """Return the rooms of a user that the caller may read."""
    return [room for source in _SOURCES for room in source(user, caller)]
