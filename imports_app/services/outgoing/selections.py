"""Selections of an export by names of rooms, users and imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

from accounts.models import User
from config.errors import DomainError
from imports_app.engine.exports.selection import Selection
from imports_app.models import ImportOperation, Room


class UnknownSelectionError(DomainError):
    """There is no room, user or import with a name of the selection."""

    code: ClassVar[str] = "error-export-selection-unknown"


def select(
    *,
    rooms: Sequence[str] | None = None,
    users: Sequence[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    operation: str | None = None,
) -> Selection:
    """Return a selection.

    Args:
        rooms: Names or IDs of rooms; `None` for all.
        users: Usernames or IDs of authors; `None` for all.
        since: First day, in UTC.
        until: Last day, in UTC.
        operation: ID of an import, whose result is selected.

    Raises:
        UnknownSelectionError: A room, user or import doesn't exist.
    """
    return Selection(
        rooms=None if rooms is None else tuple(sorted(map(_room, rooms))),
        authors=None if users is None else tuple(sorted(map(_user, users))),
        since=since,
        until=None if until is None else until + timedelta(days=1),
        operation=None if operation is None else _operation(operation),
    )


def _room(name: str) -> int:
    room = Room.objects.find_by_name(name)
    if room is None:
        msg = f"There is no room with the name or ID {name!r}."
        raise UnknownSelectionError(msg)
    return room.pk


def _user(name: str) -> str:
    user = (
        User.objects.named(name).first() or User.objects.filter(public_id=name).first()
    )
    if user is None:
        msg = f"There is no user with the name or ID {name!r}."
        raise UnknownSelectionError(msg)
    public_id: str = user.public_id
    return public_id


def _operation(public_id: str) -> int:
    operation = ImportOperation.objects.filter(public_id=public_id).first()
    if operation is None:
        msg = f"There is no import with the ID {public_id!r}."
        raise UnknownSelectionError(msg)
    return operation.pk
