"""Writing of planned rooms with their members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from accounts.models import ImportId, Role, User
from config.db.bulk import insert_with_keys
from config.db.lookups import find_rows
from imports_app.engine.converters.placeholder_users import report_placeholders
from imports_app.engine.converters.users import write_users
from imports_app.engine.matching.rooms import TargetRoom
from imports_app.engine.outcomes import RecordOutcome, StagedRecord
from imports_app.engine.planning.placeholders import Placeholder
from imports_app.engine.planning.record_plans import targets_of
from imports_app.engine.planning.role_grants import DEFAULT_ROLE
from imports_app.engine.planning.rooms import RoomPage, RoomPlanner
from imports_app.engine.undo.journal import Journal, changes_of
from imports_app.models import JournalTable, Room, RoomImportId, RoomMember

_LONGEST: Final = 255
_UPDATED: Final = ("type", "topic", "description", "is_archived")
_MEMBER_COLUMNS: Final = ("room", "user", "is_owner", "is_reader")
_MEMBERS_AT_ONCE: Final = 10_000


class RoomConverter:
    """Converter that creates and updates rooms."""

    def __init__(
        self, operation_id: int, planner: RoomPlanner, *, adds_readers: bool
    ) -> None:
        """Set what to write.

        Args:
            operation_id: The import.
            planner: The planner of its rooms.
            adds_readers: Whether new members may read their rooms.
        """
        self._operation_id = operation_id
        self._planner = planner
        self._adds_readers = adds_readers
        self._journal = Journal(operation_id)

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Plan and write the page's rooms with their members."""
        return self._write(self._planner.plan(page))

    def _write(self, page: RoomPage) -> list[RecordOutcome]:
        self._journal.begin()
        targets = targets_of(page.plans)
        if page.placeholders:
            self._create_placeholders(page.placeholders)
            _set_keys(targets, page.placeholders)
        _write(targets, self._journal, adds_readers=self._adds_readers)
        return [
            replace(one.result, target_id=one.target.room.pk)
            if one.target is not None
            else one.result
            for one in page.plans
        ]

    def _create_placeholders(self, placeholders: Sequence[Placeholder]) -> None:
        users = {one.name: one.user for one in placeholders}
        write_users(list(users.values()), self._journal)
        import_ids = ImportId.objects.bulk_create(
            ImportId(user=user, value=key[:_LONGEST]) for key, user in users.items()
        )
        holds = User.roles.through  # users need a role once they are activated
        roles = holds.objects.bulk_create(
            holds(user_id=user.pk, role_id=role.pk)
            for role in Role.objects.of_accounts().filter(public_id=DEFAULT_ROLE)
            for user in users.values()
        )
        self._journal.created(JournalTable.USER_ROLE, [row.pk for row in roles])
        self._journal.created(
            JournalTable.USER_IMPORT_ID, [row.pk for row in import_ids]
        )
        report_placeholders(self._operation_id, users)


def _set_keys(
    targets: Collection[TargetRoom], placeholders: Sequence[Placeholder]
) -> None:
    """Replace the planned keys of placeholder users by those of the database."""
    keys = {one.key: one.user.pk for one in placeholders}
    for target in targets:
        target.members = {
            keys.get(pk, pk): is_owner for pk, is_owner in target.members.items()
        }
        creator = target.room.creator_id
        if creator in keys:
            target.room.creator_id = keys[creator]


def _write(
    targets: Collection[TargetRoom], journal: Journal, *, adds_readers: bool
) -> None:
    """Write rooms with their import IDs and members."""
    new = [target.room for target in targets if target.is_new]
    Room.objects.bulk_create(new)
    import_ids = RoomImportId.objects.bulk_create(
        RoomImportId(room=target.room, value=value)
        for target in targets
        for value in target.import_ids
    )
    journal.created(JournalTable.ROOM, [room.pk for room in new])
    journal.created(JournalTable.ROOM_IMPORT_ID, [row.pk for row in import_ids])
    _write_members(targets, journal, adds_readers=adds_readers)
    changed = [p.room for p in targets if p.is_changed and not p.is_new]
    before = Room.objects.filter(pk__in=[room.pk for room in changed])
    journal.changed(JournalTable.ROOM, changes_of(changed, before, _UPDATED))
    Room.objects.bulk_update(changed, _UPDATED)
    existing = [target.room.pk for target in targets if not target.is_new]
    journal.used(JournalTable.ROOM, existing)
    users = {pk for target in targets for pk in target.members}
    users.update(room.creator_id for room in new if room.creator_id is not None)
    journal.used(JournalTable.USER, users)
    journal.write()


def _write_members(
    targets: Collection[TargetRoom], journal: Journal, *, adds_readers: bool
) -> None:
    """Add the members who are not in their rooms yet."""
    new_rooms = {target.room.pk for target in targets if target.is_new}
    members = (
        (target.room.pk, user_id, is_owner)
        for target in targets
        for user_id, is_owner in target.members.items()
    )
    while rows := list(islice(members, _MEMBERS_AT_ONCE)):
        keys = [row[:2] for row in rows if row[0] not in new_rooms]
        there = find_rows(RoomMember, ("room", "user"), ("id",), keys)
        missing = [(*row, adds_readers) for row in rows if row[:2] not in there]
        created = insert_with_keys(RoomMember, _MEMBER_COLUMNS, missing)
        journal.created(JournalTable.MEMBER, created)
        journal.used(JournalTable.MEMBER, [pk for (pk,) in there.values()])
