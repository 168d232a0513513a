"""Decisions on channel records (importers.md 6.2).

A room is matched by import ID, then by name among rooms of the same type, so that
private messages never become public. A direct room is matched by its members.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from accounts.models import User
from config.db.clock import now_in_milliseconds
from imports_app.engine.matching.decisions import SKIPPED, Decisions
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.privileged_users import unconfirmed_member
from imports_app.engine.matching.rooms import (
    RoomMatcher,
    TargetRoom,
    member_key,
    room_names,
)
from imports_app.engine.matching.user_lookup import Person, UserLookup
from imports_app.engine.outcomes import NOT_SELECTED, RecordOutcome, StagedRecord
from imports_app.engine.planning.archived_rooms import (
    STAYS_ACTIVE,
    STAYS_ACTIVE_NOTE,
)
from imports_app.engine.planning.moments import moment_of
from imports_app.engine.planning.placeholders import Placeholder, PlaceholderPlanner
from imports_app.engine.planning.planned_rooms import PlannedRooms
from imports_app.engine.planning.planned_users import PlannedUsers
from imports_app.engine.planning.record_plans import Changes, RecordPlan
from imports_app.engine.planning.room_members import (
    MEMBERS,
    remove_known_members,
)
from imports_app.engine.planning.selected_records import selected_ids
from imports_app.importers.room_names import room_name
from imports_app.models import Outcome, Room
from imports_app.records import ChannelRecord, Kind, RoomType, record_of
from imports_app.selection.query import includes_direct_messages
from imports_app.selection.rules import Selection

_LONGEST: Final = 255
_Found: TypeAlias = tuple[TargetRoom, MatchedBy | None, list[str]]
"""A room, how it was matched unless it is new, and notes."""


@dataclass(slots=True)
class RoomPage:
    """Decisions on the rooms of a page, and the placeholder users that they need."""

    plans: list[RecordPlan[TargetRoom]]
    placeholders: list[Placeholder]


class RoomPlanner:
    """Planner of the effects of an import on rooms."""

    def __init__(
        self,
        operation_id: int,
        selection: Selection,
        people: UserLookup,
        *,
        initiator_id: str | None,
        planned_users: PlannedUsers | None = None,
        planned_rooms: PlannedRooms | None = None,
    ) -> None:
        """Set the input of the decisions.

        Args:
            operation_id: The import.
            selection: The selected records.
            people: The lookup of members and creators.
            initiator_id: Public ID of the initiator of the import.
            planned_users: Users that are planned, if nothing is written.
            planned_rooms: Rooms of earlier pages, if nothing is written.
        """
        self._placeholders = PlaceholderPlanner(operation_id, planned_users)
        self._planned_rooms = planned_rooms or PlannedRooms()
        self._operation_id = operation_id
        self._selection = selection
        self._people = people
        self._initiator_id = initiator_id
        self._by_people = Decisions(operation_id)

    def plan(self, page: Sequence[StagedRecord]) -> RoomPage:
        """Decide on each record of a page, without writing anything."""
        records, skipped = self._selected(page)
        named = {
            key for record in records.values() for key in _referenced_users(record)
        }
        known = self._people.find(named)
        unconfirmed_ids = {key for key in named if self._people.needs_confirmation(key)}
        missing = named - known.keys() - unconfirmed_ids
        placeholders = self._placeholders.plan(records.values(), missing)
        known |= {
            one.name: Person(one.key, one.user.public_id, one.user.username)
            for one in placeholders
        }
        keys = {
            pk: member_key(known[key] for key in record.members)
            for pk, record in records.items()
            if record.type is RoomType.DIRECT and known.keys() >= set(record.members)
        }
        rooms = RoomMatcher(
            import_ids=(
                key for record in records.values() for key in record.import_ids
            ),
            names=(name for r in records.values() for name in room_names(r.name)),
            keys=keys.values(),
            decisions=self._by_people or None,
            targets=self._by_people.room_targets(records.values()),
            planned=self._planned_rooms,
        )
        initiator = User.objects.filter(public_id=self._initiator_id).first()
        decided = {
            pk: _decide(
                *(rooms, record, known, keys.get(pk), unconfirmed_ids, initiator),
                archives_existing=self._selection.archives_existing,
            )
            for pk, record in records.items()
        }
        remove_known_members(list(decided.values()), self._planned_rooms)
        decided |= {pk: RecordPlan(SKIPPED) for pk in skipped}
        if self._by_people:
            for staged in page:
                if (plan := decided.get(staged.pk)) is not None:
                    note = self._by_people.note(Kind.CHANNEL, staged.import_id)
                    plan.add_note(note)
        return RoomPage(
            [decided.get(staged.pk) or RecordPlan(NOT_SELECTED) for staged in page],
            placeholders,
        )

    def _selected(
        self, page: Sequence[StagedRecord]
    ) -> tuple[dict[int, ChannelRecord], list[int]]:
        """Return the selected records with decisions applied, and the skipped ones."""
        chosen = selected_ids(
            page,
            operation_id=self._operation_id,
            kind=Kind.CHANNEL,
            selection=self._selection,
        )
        directs = includes_direct_messages(self._selection.channels)
        records = {staged.pk: _read(staged) for staged in page}
        selected = {
            pk: self._by_people.rewritten_room(record)
            for pk, record in records.items()
            if (directs if record.type is RoomType.DIRECT else pk in chosen)
        }
        kept = {pk: record for pk, record in selected.items() if record is not None}
        return kept, [pk for pk in selected if pk not in kept]


def _read(staged: StagedRecord) -> ChannelRecord:
    record = record_of(Kind.CHANNEL, staged.data)
    if not isinstance(record, ChannelRecord):
        raise TypeError(record)
    return record


def _referenced_users(record: ChannelRecord) -> set[str]:
    people = set(record.members)
    return people | {record.creator} if record.creator else people


def _decide(
    rooms: RoomMatcher,
    record: ChannelRecord,
    known: dict[str, Person],
    key: str | None,
    unconfirmed_ids: Collection[str],
    initiator: User | None,
    *,
    archives_existing: bool,
) -> RecordPlan[TargetRoom]:
    found = (
        _find_or_create_direct(rooms, record, known, key, unconfirmed_ids)
        if record.type is RoomType.DIRECT
        else _find_or_create_channel(rooms, record, known, initiator)
    )
    if isinstance(found, RecordOutcome):
        return RecordPlan(found)
    target, matched_by, notes = found
    keeps_texts = matched_by is MatchedBy.DECISION
    more, changes = _complete(
        rooms, target, record, known, unconfirmed_ids, keeps_texts=keeps_texts
    )
    code = ""
    if record.is_archived and not target.room.is_archived and not keeps_texts:
        if archives_existing or target.is_new:
            changes["is_archived"] = False, True
            target.room.is_archived = target.is_changed = True
        else:
            code = STAYS_ACTIVE
            more.append(STAYS_ACTIVE_NOTE)
    outcome = Outcome.IMPORTED if matched_by is None else Outcome.UPDATED
    result = RecordOutcome(outcome, code, " ".join([*notes, *more]))
    return RecordPlan(result, target, matched_by, changes)


def _find_or_create_direct(
    rooms: RoomMatcher,
    record: ChannelRecord,
    known: dict[str, Person],
    key: str | None,
    unconfirmed_ids: Collection[str],
) -> _Found | RecordOutcome:
    if not record.members:
        return RecordOutcome(
            Outcome.FAILED,
            "importer-channel-invalid-creator",
            "The direct message has no members. Add them in the source or deselect the"
            " room.",
        )
    for member in record.members:
        if member in unconfirmed_ids:
            return unconfirmed_member(member)
    if key is None:
        missing = next(member for member in record.members if member not in known)
        return RecordOutcome(
            Outcome.FAILED,
            "importer-channel-missing-users",
            f"The member {missing[:80]!r} was not imported. Select all members of the"
            " direct message, then retry.",
        )
    if (target := rooms.by_key(key)) is not None:
        return target, MatchedBy.MEMBERS, []
    names = (known[member].username or member for member in record.members)
    room = Room(
        type=RoomType.DIRECT,
        member_key=key,
        display_name=", ".join(names)[:_LONGEST],
        created_at=moment_of(record.created_at) or now_in_milliseconds(),
    )
    target = TargetRoom(room, is_new=True)
    rooms.add(target)
    return target, None, []


def name_taken(record: ChannelRecord) -> RecordOutcome:
    """Return the failure of a room for which no name is free."""
    name = room_name(record.name)
    return RecordOutcome(
        Outcome.FAILED,
        "importer-channel-name-taken",
        f"The room name {name[:40]!r} and similar names are taken. Rename the room.",
    )


def problem_of(record: ChannelRecord) -> RecordOutcome | None:
    """Return the failure of an invalid public or private room, or `None`."""
    if not any(record.import_ids):
        return RecordOutcome(
            Outcome.FAILED,
            "importer-channel-missing-import-id",
            "The room has no import ID. Export the source again.",
        )
    name = room_name(record.name)
    if not name:
        return RecordOutcome(
            Outcome.FAILED,
            "importer-channel-missing-name",
            f"The room name {(record.name or '')[:40]!r} has no valid characters. Use"
            " letters, digits, hyphens, dots or underscores.",
        )
    for label, texts in (("name", (name,)), ("import ID", record.import_ids)):
        for text in texts:
            if len(text) > _LONGEST - 10:
                return RecordOutcome(
                    Outcome.FAILED,
                    "importer-value-too-long",
                    f"The room's {label} {text[:40]!r}... has more than"
                    f" {_LONGEST - 10} characters. Shorten it.",
                )
    return None


def _find_or_create_channel(
    rooms: RoomMatcher,
    record: ChannelRecord,
    known: dict[str, Person],
    initiator: User | None,
) -> _Found | RecordOutcome:
    if (problem := problem_of(record)) is not None:
        return problem
    if (problem := rooms.problem_of(record)) is not None:
        return problem
    name = room_name(record.name)
    target, matched_by = rooms.find(record)
    if target is not None:
        return target, matched_by, []
    free = rooms.free_name(room_names(record.name))
    if free is None:
        return name_taken(record)
    notes = []
    if free != name:
        notes.append(f"The name {name!r} is taken; the room was renamed to {free!r}.")
    creator = known.get(record.creator or "")
    owner: int | None = initiator.pk if initiator is not None else None
    if creator is not None:
        owner = creator.pk
    if creator is None:
        notes.append("The creator is unknown; the user who started the import owns it.")
    room = Room(
        type=record.type,
        name=free,
        display_name=record.name or "",
        creator_id=owner,
        created_at=moment_of(record.created_at) or now_in_milliseconds(),
    )
    target = TargetRoom(room, is_new=True)
    if owner is not None:
        target.members[owner] = True
    rooms.add(target)
    return target, None, notes


def _complete(
    rooms: RoomMatcher,
    target: TargetRoom,
    record: ChannelRecord,
    known: dict[str, Person],
    unconfirmed_ids: Collection[str],
    *,
    keeps_texts: bool,
) -> tuple[list[str], Changes]:
    """Add import IDs and members, and update the room from the source.

    Args:
        rooms: The rooms of the page.
        target: The room.
        record: The record.
        known: Users by import ID.
        unconfirmed_ids: Import IDs of users who need a confirmation.
        keeps_texts: Whether the room keeps its topic and description and is not
            archived, because it is another room than that of the source.
    """
    changes: Changes = {}
    if added := rooms.add_import_ids(target, record.import_ids):
        changes["import IDs"] = [], added
    unknown = unconfirmed = 0
    members: list[Person] = []
    for key in record.members:
        if key in known:
            if known[key].pk not in target.members:
                target.members[known[key].pk] = False
                members.append(known[key])
        elif key in unconfirmed_ids:
            unconfirmed += 1
        else:
            unknown += 1
    changes[MEMBERS] = [], members
    room = target.room
    for name in ("topic", "description"):
        value = getattr(record, name)
        if keeps_texts and getattr(room, name):
            continue
        if value and value != getattr(room, name):
            changes[name] = getattr(room, name), value
            setattr(room, name, value)
            target.is_changed = True
    notes = []
    if room.type == Room.Type.PUBLIC and record.type is RoomType.PRIVATE:
        changes["type"] = room.type, Room.Type.PRIVATE.value
        room.type = Room.Type.PRIVATE
        target.is_changed = True
        notes.append("The room became private, as in the source.")
    elif room.type == Room.Type.PRIVATE and record.type is RoomType.PUBLIC:
        notes.append("The room stays private, although it is public in the source.")
    if unknown:
        notes.append(
            "1 member is unknown and was skipped."
            if unknown == 1
            else f"{unknown} members are unknown and were skipped."
        )
    if unconfirmed:
        skipped = (
            "1 member matches a privileged user and was"
            if unconfirmed == 1
            else f"{unconfirmed} members match a privileged user and were"
        )
        notes.append(f"{skipped} skipped, because the match was not confirmed.")
    return notes, changes
