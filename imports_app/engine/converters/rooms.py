"""Writing of planned rooms with their members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from accounts.models import ImportId, Role, User
from config.db.bulk import insert_rows
from imports_app.engine.converters.placeholder_users import report_placeholders
from imports_app.engine.matching.rooms import TargetRoom
from imports_app.engine.outcomes import RecordOutcome, StagedRecord
from imports_app.engine.planning.decisions import targets_of
from imports_app.engine.planning.role_grants import DEFAULT_ROLE
from imports_app.engine.planning.rooms import RoomPage, RoomPlanner
from imports_app.models import Room, RoomImportId, RoomMember

_LONGEST: Final = 255
_MEMBERS_AT_ONCE: Final = 10_000


class RoomConverter:
    """Converter that creates and updates rooms."""

    def __init__(self, operation_id: int, planner: RoomPlanner) -> None:
        self._operation_id = operation_id
        self._planner = planner

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Plan and write the page's rooms with their members."""
        return self._write(self._planner.plan(page))

    def _write(self, page: RoomPage) -> list[RecordOutcome]:
        targets = targets_of(page.decisions)
        if page.placeholders:
            self._create_placeholders(page.placeholders)
            _set_keys(targets, list(page.placeholders.values()))
        _write(targets)
        return [
            replace(one.result, target_id=one.target.room.pk)
            if one.target is not None
            else one.result
            for one in page.decisions
        ]

    def _create_placeholders(self, users: dict[str, User]) -> None:
        User.objects.bulk_create(users.values())
        ImportId.objects.bulk_create(
            ImportId(user=user, value=key[:_LONGEST]) for key, user in users.items()
        )
        holds = User.roles.through  # users need a role once they are activated
        holds.objects.bulk_create(
            holds(user_id=user.pk, role_id=role.pk)
            for role in Role.objects.of_accounts().filter(public_id=DEFAULT_ROLE)
            for user in users.values()
        )
        report_placeholders(self._operation_id, users)


def _set_keys(targets: Collection[TargetRoom], placeholders: Sequence[User]) -> None:
    """Replace the planned keys of placeholder users by those of the database."""
    keys = {-number: user.pk for number, user in enumerate(placeholders, 1)}
    for target in targets:
        target.members = {
            keys.get(pk, pk): is_owner for pk, is_owner in target.members.items()
        }
        creator = target.room.creator_id
        if creator in keys:
            target.room.creator_id = keys[creator]


def _write(targets: Collection[TargetRoom]) -> None:
    """Write rooms with their import IDs and members."""
    Room.objects.bulk_create(target.room for target in targets if target.is_new)
    RoomImportId.objects.bulk_create(
        RoomImportId(room=target.room, value=value)
        for target in targets
        for value in target.import_ids
    )
    members = (
        (target.room.pk, user_id, is_owner)
        for target in targets
        for user_id, is_owner in target.members.items()
        if user_id not in target.known_members
    )
    columns = ("room", "user", "is_owner")
    while rows := list(islice(members, _MEMBERS_AT_ONCE)):
        insert_rows(RoomMember, columns, rows, unique=("room", "user"))
    changed = [p.room for p in targets if p.is_changed and not p.is_new]
    Room.objects.bulk_update(changed, ("type", "topic", "description", "is_archived"))
