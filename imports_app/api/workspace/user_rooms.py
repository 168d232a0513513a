"""The rooms of a user, for users.info."""

from __future__ import annotations

from accounts.api.user_rooms import add_room_source
from accounts.models import User
from config.api.wire import JSONDict
from imports_app.api.workspace import wire
from imports_app.models import Room


def memberships(user: User, caller: User) -> list[JSONDict]:
    """Return the rooms of a user that the caller may read, by type and name."""
    rooms = Room.objects.readable_by(caller).of_member(user.pk).with_ownership()
    ordered = rooms.with_details().order_by("type", "name", "id")
    return [wire.membership(room, user) for room in ordered]


def register() -> None:
    """Let users.info return the rooms."""
    add_room_source(memberships)
