"""Planned members of rooms."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from config.db.lookups import find_keys
from imports_app.engine.matching.rooms import TargetRoom
from imports_app.engine.planning.planned_rooms import PlannedRooms
from imports_app.engine.planning.record_plans import RecordPlan, targets_of
from imports_app.models import Outcome, RoomMember

MEMBERS: Final = "members"
"""Name of added members in the changes of a room."""


def remove_known_members(
    plans: list[RecordPlan[TargetRoom]], planned: PlannedRooms
) -> None:
    """Remove existing members from the changes of rooms.

    A record without other changes leaves its room unchanged.
    """
    targets = targets_of(plans)
    pairs = [
        (target.room.pk, user_id)
        for target in targets
        if not target.is_new and target.room.pk > 0
        for user_id in target.members
    ]
    known = find_keys(RoomMember, ("room", "user"), pairs)
    for target in targets:
        room_id = target.room.pk
        target.known_members = {
            user_id for user_id in target.members if (room_id, user_id) in known
        } | planned.known_members(target)
    for one in plans:
        if one.target is None:
            continue
        _before, members = one.changes.pop(MEMBERS, ([], []))
        known_members = one.target.known_members
        if new := [person for person in members if person.pk not in known_members]:
            one.changes[MEMBERS] = [], [one.username or one.public_id for one in new]
        if one.matched_by is not None and not one.changes:
            one.result = replace(one.result, outcome=Outcome.UNCHANGED)
