"""What would come of staged users and rooms, if they were imported now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.models import User
from config.db.bulk import in_chunks
from imports_app.engine.converters import rooms, users
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.privileged_users import (
    ConfirmedMatches,
    unconfirmed_match,
)
from imports_app.engine.matching.rooms import Place, RoomMatcher, room_names
from imports_app.engine.matching.users import UserMatcher
from imports_app.engine.outcomes import RecordOutcome
from imports_app.importers.room_names import room_name
from imports_app.models import ImportRecord, Room
from imports_app.records import ChannelRecord, Kind, UserRecord, record_of
from imports_app.selection.query import candidates, filter_selected
from imports_app.selection.rules import KindSelection


@dataclass(frozen=True, slots=True)
class PrivilegedMatch:
    """A match with a privileged user, which a person has to confirm."""

    user: User
    way: MatchedBy | None
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of a record: it fails, completes what is here, or is new."""

    problem: RecordOutcome | None = None
    way: MatchedBy | None = None
    """What leads to the account or room that is here; `None` if there is none."""
    target_id: int | None = None
    target_name: str = ""
    is_starter: bool = False
    """Whether the account is the starter's own, which gets nothing but the id."""
    privileged: PrivilegedMatch | None = None
    """The match with a privileged user, confirmed or not."""
    new_name: str = ""
    """What a new room would be called, if its name is another room's."""


def preview_users(
    records: Mapping[int, UserRecord],
    *,
    starter_id: str | None,
    matches_usernames: bool,
    confirmed: ConfirmedMatches,
) -> list[Preview]:
    """Preview the outcome of user records. Five queries, six if usernames collide.

    Args:
        records: The records, by the keys of their rows.
        starter_id: The public id of whoever started the import.
        matches_usernames: Whether the source knows people by username.
        confirmed: The confirmed matches with privileged users.
    """
    index = UserMatcher(records.values(), matches_usernames=matches_usernames)
    return [
        _of_user(index, pk, record, starter_id, confirmed)
        for pk, record in records.items()
    ]


def _of_user(
    index: UserMatcher,
    pk: int,
    record: UserRecord,
    starter_id: str | None,
    confirmed: ConfirmedMatches,
) -> Preview:
    if (problem := users.problem_of(record)) is not None:
        return Preview(problem=problem)
    account, way = index.find(record)
    if account is None:
        return Preview()
    user = account.user
    match = None
    if account.is_privileged:
        match = PrivilegedMatch(user, way, confirmed.includes(pk, user))
        if not match.is_confirmed:
            return Preview(problem=unconfirmed_match(way), privileged=match)
    return Preview(
        privileged=match,
        way=way,
        target_id=user.pk,
        target_name=str(user),
        is_starter=user.public_id == starter_id,
    )


def forecast_staged_rooms(
    operation_id: int, shown: Mapping[int, ChannelRecord], choice: KindSelection
) -> list[Preview]:
    """Preview the outcome of some staged rooms, by the keys of their rows.

    Rooms of the source with like names come first if their rows do, so that each gets
    the name that a run gives it. What is not selected has no outcome.
    """
    stems = {_stem(record.name) for record in shown.values()}
    rows = filter_selected(candidates(operation_id, Kind.CHANNEL), Kind.CHANNEL, choice)
    names = rows.order_by("pk").values_list("pk", "data__name")
    keys = [pk for pk, name in names.iterator() if _stem(name) in stems]
    staged: dict[int, ChannelRecord] = {}
    for chunk in in_chunks(keys):
        for row in ImportRecord.objects.filter(pk__in=chunk):
            record = record_of(Kind.CHANNEL, row.data)
            if isinstance(record, ChannelRecord):
                staged[row.pk] = record
    ordered = sorted(staged)
    found = preview_rooms([staged[pk] for pk in ordered])
    forecasts = dict(zip(ordered, found, strict=True))
    return [forecasts.get(pk, Preview()) for pk in shown]


_NUMBERS: Final = re.compile(r"(?:-\d{1,2})+$")


def _stem(name: str | None) -> str:
    """Return what rooms have in common that may want the same name."""
    return _NUMBERS.sub("", room_name(name))


def preview_rooms(records: Sequence[ChannelRecord]) -> list[Preview]:
    """Tell what would come of public and private rooms, in the order of a run.

    Three queries.
    """
    index = RoomMatcher(
        import_ids=(key for record in records for key in record.import_ids),
        names=(name for record in records for name in room_names(record.name)),
        keys=(),
    )
    return [_of_room(index, record) for record in records]


def _of_room(index: RoomMatcher, record: ChannelRecord) -> Preview:
    if (problem := rooms.problem_of(record)) is not None:
        return Preview(problem=problem)
    place, way = index.find(record)
    if place is not None:
        return Preview(way=way, target_id=place.room.pk, target_name=str(place.room))
    free = index.free_name(room_names(record.name))
    if free is None:
        return Preview(problem=rooms.NAME_TAKEN)
    new = Place(Room(type=record.type, name=free), is_new=True)
    index.add(new)
    index.add_import_ids(new, record.import_ids)
    return Preview(new_name="" if free == room_name(record.name) else free)
