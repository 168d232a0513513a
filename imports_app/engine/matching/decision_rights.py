"""Rights that decisions require, when they are made and when they are applied."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from accounts.permission_names import PermissionName
from config.db.bulk import in_chunks
from imports_app.engine.matching.privileged_users import may_confirm
from imports_app.models import Room, RoomMember


def may_match(person: User | None, user: User, *, is_privileged: bool) -> bool:
    """Return whether a person may decide that a record is this user.

    A privileged user requires the same rights as the confirmation of a match.
    """
    if not _may_decide(person) or person is None:
        return False
    return not is_privileged or may_confirm(person, user)


def readable_rooms(person: User | None, rooms: Iterable[Room]) -> set[int]:
    """Return the keys of the rooms that a user may read and merge records into.

    These are public rooms and the user's own rooms, or all rooms for users who may read
    all. At most one query for each 500 rooms.
    """
    if not _may_decide(person) or person is None:
        return set()
    rooms = list(rooms)
    if person.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION):
        return {room.pk for room in rooms}
    private = [room.pk for room in rooms if room.type != Room.Type.PUBLIC]
    readable = {room.pk for room in rooms} - set(private)
    for chunk in in_chunks(private):
        own = RoomMember.objects.filter(room__in=chunk, user=person)
        readable.update(own.values_list("room_id", flat=True))
    return readable


def _may_decide(person: User | None) -> bool:
    return (
        person is not None
        and person.is_active
        and person.has_perm(PermissionName.RUN_IMPORT)
    )
