"""Preview of the outcome of importing staged users and rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.models import User
from config.db.bulk import in_chunks
from imports_app.engine.matching.decisions import SKIPPED, Decisions
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.privileged_users import (
    ConfirmedMatches,
    unconfirmed_match,
)
from imports_app.engine.matching.rooms import RoomMatcher, TargetRoom, room_names
from imports_app.engine.matching.users import UserMatcher
from imports_app.engine.outcomes import RecordOutcome
from imports_app.engine.planning import rooms, users
from imports_app.importers.room_names import room_name
from imports_app.models import ImportRecord, Room
from imports_app.records import ChannelRecord, Kind, UserRecord, record_of
from imports_app.selection.query import filter_selected, selectable_records
from imports_app.selection.rules import KindSelection


@dataclass(frozen=True, slots=True)
class PrivilegedMatch:
    """Match with a privileged user, which a person has to confirm."""

    user: User
    matched_by: MatchedBy | None
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """Preview of a record: failure, update of an existing row, or a new row."""

    problem: RecordOutcome | None = None
    matched_by: MatchedBy | None = None
    """Attribute that matches an existing user or room, or `None`."""
    target_id: int | None = None
    target_name: str = ""
    is_initiator: bool = False
    """Whether the user is the initiator, who only gets the import ID."""
    privileged: PrivilegedMatch | None = None
    """Match with a privileged user, confirmed or not."""
    new_name: str = ""
    """Name of a new room, if its own name is taken."""


def preview_users(
    records: Mapping[int, UserRecord],
    operation_id: int,
    *,
    initiator_id: str | None,
    matches_usernames: bool,
    confirmed: ConfirmedMatches,
) -> list[Preview]:
    """Preview the outcome of user records. Up to nine queries, without decisions.

    Args:
        records: The records, by the keys of their rows.
        operation_id: The import.
        initiator_id: The public ID of the initiator.
        matches_usernames: Whether the source identifies users by username.
        confirmed: The confirmed matches with privileged users.
    """
    decisions = Decisions(operation_id)
    decided = {pk: decisions.rewritten_user(one) for pk, one in records.items()}
    index = UserMatcher(
        filter(None, decided.values()),
        operation_id,
        matches_usernames=matches_usernames,
        decisions=decisions or None,
    )
    return [
        Preview(problem=SKIPPED)
        if record is None
        else _preview_user(index, pk, record, initiator_id, confirmed)
        for pk, record in decided.items()
    ]


def _preview_user(
    index: UserMatcher,
    pk: int,
    record: UserRecord,
    initiator_id: str | None,
    confirmed: ConfirmedMatches,
) -> Preview:
    if (problem := users.problem_of(record)) is not None:
        return Preview(problem=problem)
    if (problem := index.problem_of(record)) is not None:
        return Preview(problem=problem)
    target, matched_by = index.find(record)
    if target is None:
        return Preview()
    user = target.user
    match = None
    if target.is_privileged:
        is_confirmed = matched_by is MatchedBy.DECISION or confirmed.includes(pk, user)
        match = PrivilegedMatch(user, matched_by, is_confirmed)
        if not match.is_confirmed:
            return Preview(problem=unconfirmed_match(matched_by), privileged=match)
    return Preview(
        privileged=match,
        matched_by=matched_by,
        target_id=user.pk,
        target_name=str(user),
        is_initiator=user.public_id == initiator_id,
    )


def preview_staged_rooms(
    operation_id: int, shown: Mapping[int, ChannelRecord], selection: KindSelection
) -> list[Preview]:
    """Preview the outcome of some staged rooms, by the keys of their rows.

    Rooms of the source with similar names are included in the order of their rows, so
    that each gets the name that a run gives it. Rooms that are not selected have no
    outcome.
    """
    decisions = Decisions(operation_id)
    decided = decisions.room_names()
    common = {
        common_name(decided.get(record.import_ids[0], record.name))
        for record in shown.values()
    }
    rows = filter_selected(
        selectable_records(operation_id, Kind.CHANNEL), Kind.CHANNEL, selection
    )
    names = rows.order_by("pk").values_list("pk", "import_id", "data__name")
    keys = [
        pk
        for pk, import_id, name in names.iterator()
        if common_name(decided.get(import_id, name)) in common
    ]
    staged: dict[int, ChannelRecord] = {}
    for chunk in in_chunks(keys):
        for row in ImportRecord.objects.filter(pk__in=chunk):
            record = record_of(Kind.CHANNEL, row.data)
            if isinstance(record, ChannelRecord):
                staged[row.pk] = record
    ordered = sorted(staged)
    found = preview_rooms([staged[pk] for pk in ordered], decisions)
    previews = dict(zip(ordered, found, strict=True))
    return [previews.get(pk, Preview()) for pk in shown]


_MOST_DIGITS: Final = 2
"""Digits of a number that the server adds to names."""


def common_name(name: str | None) -> str:
    """Return the common part of colliding names, without numbers such as -2."""
    parts = room_name(name).split("-")
    while len(parts) > 1 and len(parts[-1]) <= _MOST_DIGITS and parts[-1].isdecimal():
        parts.pop()
    return "-".join(parts)


def preview_rooms(
    records: Sequence[ChannelRecord], decisions: Decisions
) -> list[Preview]:
    """Preview the outcome of public and private rooms, in the order of a run.

    Three queries, without decisions.
    """
    decided = [decisions.rewritten_room(record) for record in records]
    kept = [record for record in decided if record is not None]
    index = RoomMatcher(
        import_ids=(key for record in kept for key in record.import_ids),
        names=(name for record in kept for name in room_names(record.name)),
        keys=(),
        decisions=decisions or None,
        targets=decisions.room_targets(kept),
    )
    return [
        Preview(problem=SKIPPED) if record is None else _preview_room(index, record)
        for record in decided
    ]


def _preview_room(index: RoomMatcher, record: ChannelRecord) -> Preview:
    if (problem := rooms.problem_of(record)) is not None:
        return Preview(problem=problem)
    if (problem := index.problem_of(record)) is not None:
        return Preview(problem=problem)
    target, matched_by = index.find(record)
    if target is not None:
        return Preview(
            matched_by=matched_by,
            target_id=target.room.pk,
            target_name=str(target.room),
        )
    free = index.free_name(room_names(record.name))
    if free is None:
        return Preview(problem=rooms.name_taken(record))
    new = TargetRoom(Room(type=record.type, name=free), is_new=True)
    index.add(new)
    index.add_import_ids(new, record.import_ids)
    return Preview(new_name="" if free == room_name(record.name) else free)
