"""What would come of staged users and rooms, if they were imported now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.models import User
from config.bulk import in_chunks
from imports_app.candidates import candidates, only_chosen
from imports_app.engine import rooms, users
from imports_app.engine.accounts_index import AccountsIndex
from imports_app.engine.matches import Way
from imports_app.engine.privileges import ConfirmedMatches, unconfirmed_match
from imports_app.engine.rooms_index import Place, RoomsIndex, room_names
from imports_app.engine.verdicts import Verdict
from imports_app.models import ImportRecord, Room
from imports_app.records import ChannelRecord, Kind, UserRecord, record_of
from imports_app.room_names import room_name
from imports_app.selection import Choice


@dataclass(frozen=True, slots=True)
class PrivilegedMatch:
    """A match with a privileged user, which a person has to confirm."""

    user: User
    way: Way | None
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would come of a record: it fails, completes what is here, or is new."""

    problem: Verdict | None = None
    way: Way | None = None
    """What leads to the account or room that is here; `None` if there is none."""
    target_id: int | None = None
    target_name: str = ""
    is_starter: bool = False
    """Whether the account is the starter's own, which gets nothing but the id."""
    privileged: PrivilegedMatch | None = None
    """The match with a privileged user, confirmed or not."""
    new_name: str = ""
    """What a new room would be called, if its name is another room's."""


def forecast_users(
    records: Mapping[int, UserRecord],
    *,
    starter_id: str | None,
    matches_usernames: bool,
    confirmed: ConfirmedMatches,
) -> list[Forecast]:
    """Preview the outcome of user records. Five queries, six if usernames collide.

    Args:
        records: The records, by the keys of their rows.
        starter_id: The public id of whoever started the import.
        matches_usernames: Whether the source knows people by username.
        confirmed: The confirmed matches with privileged users.
    """
    index = AccountsIndex(records.values(), matches_usernames=matches_usernames)
    return [
        _of_user(index, pk, record, starter_id, confirmed)
        for pk, record in records.items()
    ]


def _of_user(
    index: AccountsIndex,
    pk: int,
    record: UserRecord,
    starter_id: str | None,
    confirmed: ConfirmedMatches,
) -> Forecast:
    if (problem := users.problem_of(record)) is not None:
        return Forecast(problem=problem)
    account, way = index.find(record)
    if account is None:
        return Forecast()
    user = account.user
    match = None
    if account.is_privileged:
        match = PrivilegedMatch(user, way, confirmed.includes(pk, user))
        if not match.is_confirmed:
            return Forecast(problem=unconfirmed_match(way), privileged=match)
    return Forecast(
        privileged=match,
        way=way,
        target_id=user.pk,
        target_name=str(user),
        is_starter=user.public_id == starter_id,
    )


def forecast_staged_rooms(
    operation_id: int, shown: Mapping[int, ChannelRecord], choice: Choice
) -> list[Forecast]:
    """Preview the outcome of some staged rooms, by the keys of their rows.

    Rooms of the source with like names come first if their rows do, so that each gets
    the name that a run gives it. What is not selected has no outcome.
    """
    stems = {_stem(record.name) for record in shown.values()}
    rows = only_chosen(candidates(operation_id, Kind.CHANNEL), Kind.CHANNEL, choice)
    names = rows.order_by("pk").values_list("pk", "data__name")
    keys = [pk for pk, name in names.iterator() if _stem(name) in stems]
    staged: dict[int, ChannelRecord] = {}
    for chunk in in_chunks(keys):
        for row in ImportRecord.objects.filter(pk__in=chunk):
            record = record_of(Kind.CHANNEL, row.data)
            if isinstance(record, ChannelRecord):
                staged[row.pk] = record
    ordered = sorted(staged)
    found = forecast_rooms([staged[pk] for pk in ordered])
    forecasts = dict(zip(ordered, found, strict=True))
    return [forecasts.get(pk, Forecast()) for pk in shown]


_NUMBERS: Final = re.compile(r"(?:-\d{1,2})+$")


def _stem(name: str | None) -> str:
    """Return what rooms have in common that may want the same name."""
    return _NUMBERS.sub("", room_name(name))


def forecast_rooms(records: Sequence[ChannelRecord]) -> list[Forecast]:
    """Tell what would come of public and private rooms, in the order of a run.

    Three queries.
    """
    index = RoomsIndex(
        import_ids=(key for record in records for key in record.import_ids),
        names=(name for record in records for name in room_names(record.name)),
        keys=(),
    )
    return [_of_room(index, record) for record in records]


def _of_room(index: RoomsIndex, record: ChannelRecord) -> Forecast:
    if (problem := rooms.problem_of(record)) is not None:
        return Forecast(problem=problem)
    place, way = index.find(record)
    if place is not None:
        return Forecast(way=way, target_id=place.room.pk, target_name=str(place.room))
    free = index.free_name(room_names(record.name))
    if free is None:
        return Forecast(problem=rooms.NAME_TAKEN)
    new = Place(Room(type=record.type, name=free), is_new=True)
    index.add(new)
    index.add_import_ids(new, record.import_ids)
    return Forecast(new_name="" if free == room_name(record.name) else free)
