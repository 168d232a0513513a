"""What would come of staged users and rooms, if they were imported now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imports_app.engine import rooms, users
from imports_app.engine.accounts_index import AccountsIndex
from imports_app.engine.matches import Way
from imports_app.engine.rooms_index import RoomsIndex, room_name, room_names
from imports_app.engine.verdicts import Verdict
from imports_app.records import ChannelRecord, UserRecord


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
    new_name: str = ""
    """What a new room would be called, if its name is another room's."""


def forecast_users(
    records: Sequence[UserRecord], *, starter_id: str | None
) -> list[Forecast]:
    """Tell what would come of users. Four queries."""
    index = AccountsIndex(records)
    return [_of_user(index, record, starter_id) for record in records]


def _of_user(
    index: AccountsIndex, record: UserRecord, starter_id: str | None
) -> Forecast:
    if (problem := users.problem_of(record)) is not None:
        return Forecast(problem=problem)
    account, way = index.find(record)
    if account is None:
        return Forecast()
    user = account.user
    return Forecast(
        way=way,
        target_id=user.pk,
        target_name=str(user),
        is_starter=user.public_id == starter_id,
    )


def forecast_rooms(records: Sequence[ChannelRecord]) -> list[Forecast]:
    """Tell what would come of public and private rooms. Two queries."""
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
    return Forecast(new_name="" if free == room_name(record.name) else free)
