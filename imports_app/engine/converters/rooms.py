"""Channel records become rooms with members (importers.md 6.2).

A room is found by import id, then by name among rooms of the same type: what was said
in private never lands in public. A direct room is found by who is in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from accounts.models import ImportId, Role, User
from config.db.bulk import in_chunks, insert_rows
from config.db.clock import now_in_milliseconds
from imports_app.engine.converters.messages import moment_of
from imports_app.engine.converters.placeholder_users import note_placeholders
from imports_app.engine.converters.role_grants import DEFAULT_ROLE
from imports_app.engine.converters.selected_records import selected_ids
from imports_app.engine.matching.privileged_users import UNCONFIRMED_MEMBER
from imports_app.engine.matching.rooms import (
    Place,
    RoomMatcher,
    member_key,
    room_names,
)
from imports_app.engine.matching.user_lookup import Person, UserLookup
from imports_app.engine.matching.usernames import candidates, first_free
from imports_app.engine.outcomes import NOT_SELECTED, RecordOutcome, StagedRecord
from imports_app.importers.room_names import room_name
from imports_app.models import ImportRecord, Outcome, Room, RoomImportId, RoomMember
from imports_app.records import ChannelRecord, Kind, RoomType, record_of
from imports_app.selection.query import includes_direct_messages
from imports_app.selection.rules import Selection

_LONGEST: Final = 255


class RoomConverter:
    """Makes rooms, and completes those that are there."""

    def __init__(
        self,
        operation_id: int,
        selection: Selection,
        people: UserLookup,
        *,
        starter_id: str | None,
    ) -> None:
        self._operation_id = operation_id
        self._selection = selection
        self._people = people
        people.load_failed(operation_id)
        self._starter_id = starter_id

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Write the page's rooms with their members."""
        records = self._selected(page)
        named = {key for record in records.values() for key in _people_of(record)}
        known = self._people.find(named)
        withheld = {key for key in named if self._people.needs_confirmation(key)}
        missing = named - known.keys() - withheld
        known |= self._make_placeholders(records.values(), missing)
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
        )
        starter = User.objects.filter(public_id=self._starter_id).first()
        places: dict[int, tuple[Place, Outcome, list[str]]] = {}
        verdicts: dict[int, RecordOutcome] = {}
        for pk, record in records.items():
            answer = (
                _place_direct(rooms, record, known, keys.get(pk), withheld)
                if record.type is RoomType.DIRECT
                else _place_channel(rooms, record, known, starter)
            )
            if isinstance(answer, RecordOutcome):
                verdicts[pk] = answer
                continue
            place, notes = answer
            outcome = Outcome.IMPORTED if place.is_new else Outcome.UPDATED
            if any(place is other for other, _outcome, _notes in places.values()):
                outcome = Outcome.UPDATED
            notes += _complete(rooms, place, record, known, withheld)
            places[pk] = (place, outcome, notes)
        _write({id(place): place for place, _o, _n in places.values()}.values())
        for pk, (place, outcome, notes) in places.items():
            verdicts[pk] = RecordOutcome(
                outcome, message=" ".join(notes), target_id=place.room.pk
            )
        return [verdicts.get(staged.pk, NOT_SELECTED) for staged in page]

    def _selected(self, page: Sequence[StagedRecord]) -> dict[int, ChannelRecord]:
        chosen = selected_ids(
            page,
            operation_id=self._operation_id,
            kind=Kind.CHANNEL,
            selection=self._selection,
        )
        directs = includes_direct_messages(self._selection.channels)
        records = {staged.pk: _read(staged) for staged in page}
        return {
            pk: record
            for pk, record in records.items()
            if (directs if record.type is RoomType.DIRECT else pk in chosen)
        }

    def _make_placeholders(
        self, records: Collection[ChannelRecord], missing: set[str]
    ) -> dict[str, Person]:
        """Make accounts for partners in direct rooms whom no source describes.

        Whoever the source does describe was left out on purpose, or failed.
        """
        wanted = {
            key
            for record in records
            if record.type is RoomType.DIRECT
            for key in record.members
            if key in missing
        }
        if not wanted:
            return {}
        users_staged = ImportRecord.objects.of_kind(self._operation_id, Kind.USER)
        for chunk in in_chunks(set(wanted)):
            described = users_staged.filter(import_id__in=chunk)
            wanted -= set(described.values_list("import_id", flat=True))
        names = {key: candidates(key) for key in wanted}
        taken: set[str] = set()
        for tried in in_chunks(name for tries in names.values() for name in tries):
            named = User.objects.named_any(tried).values_list("username", flat=True)
            taken |= {str(name).lower() for name in named}
        users = {}
        for key in sorted(wanted):
            username = first_free(names[key], taken)
            taken.add(username.lower())
            users[key] = User(username=username, name=key[:_LONGEST], is_active=False)
            users[key].set_unusable_password()
        User.objects.bulk_create(users.values())
        ImportId.objects.bulk_create(
            ImportId(user=user, value=key[:_LONGEST]) for key, user in users.items()
        )
        holds = User.roles.through  # else whoever activates them finds no rights
        holds.objects.bulk_create(
            holds(user_id=user.pk, role_id=role.pk)
            for role in Role.objects.of_accounts().filter(public_id=DEFAULT_ROLE)
            for user in users.values()
        )
        note_placeholders(self._operation_id, users)
        return {
            key: Person(user.pk, user.public_id, user.username)
            for key, user in users.items()
        }


def _read(staged: StagedRecord) -> ChannelRecord:
    record = record_of(Kind.CHANNEL, staged.data)
    if not isinstance(record, ChannelRecord):
        raise TypeError(record)
    return record


def _people_of(record: ChannelRecord) -> set[str]:
    people = set(record.members)
    return people | {record.creator} if record.creator else people


def _place_direct(
    rooms: RoomMatcher,
    record: ChannelRecord,
    known: dict[str, Person],
    key: str | None,
    withheld: Collection[str],
) -> tuple[Place, list[str]] | RecordOutcome:
    if not record.members:
        return RecordOutcome(
            Outcome.FAILED,
            "importer-channel-invalid-creator",
            "Nobody is in it: a direct room needs its people.",
        )
    if not set(withheld).isdisjoint(record.members):
        return UNCONFIRMED_MEMBER
    if key is None:
        return RecordOutcome(
            Outcome.FAILED,
            "importer-channel-missing-users",
            "Somebody in it did not come in: select all of its people.",
        )
    if (place := rooms.by_key(key)) is not None:
        return place, []
    names = (known[member].username or member for member in record.members)
    room = Room(
        type=RoomType.DIRECT,
        member_key=key,
        display_name=", ".join(names)[:_LONGEST],
        created_at=moment_of(record.created_at) or now_in_milliseconds(),
    )
    place = Place(room, is_new=True)
    rooms.add(place)
    return place, []


NAME_TAKEN: Final = RecordOutcome(
    Outcome.FAILED,
    "importer-channel-name-taken",
    "Other rooms have its name and those like it: rename it.",
)


def problem_of(record: ChannelRecord) -> RecordOutcome | None:
    """Return why a public or private room can't come in, if so."""
    if not any(record.import_ids):
        return RecordOutcome(
            Outcome.FAILED, "importer-channel-missing-import-id", "It has no id."
        )
    name = room_name(record.name)
    if not name:
        return RecordOutcome(
            Outcome.FAILED,
            "importer-channel-missing-name",
            "It has no name that could stand after a #: give it one.",
        )
    if any(len(text) > _LONGEST - 10 for text in (name, *record.import_ids)):
        return RecordOutcome(
            Outcome.FAILED,
            "importer-value-too-long",
            f"Its name has more than {_LONGEST - 10} characters: shorten it.",
        )
    return None


def _place_channel(
    rooms: RoomMatcher,
    record: ChannelRecord,
    known: dict[str, Person],
    starter: User | None,
) -> tuple[Place, list[str]] | RecordOutcome:
    if (problem := problem_of(record)) is not None:
        return problem
    name = room_name(record.name)
    place, _way = rooms.find(record)
    if place is not None:
        return place, []
    free = rooms.free_name(room_names(record.name))
    if free is None:
        return NAME_TAKEN
    notes = []
    if free != name:
        notes.append(f"Another room is named {name!r}; this one became {free!r}.")
    creator = known.get(record.creator or "")
    owner: int | None = starter.pk if starter is not None else None
    if creator is not None:
        owner = creator.pk
    if creator is None:
        notes.append("Its creator is unknown; whoever started the import owns it.")
    room = Room(
        type=record.type,
        name=free,
        display_name=record.name or "",
        creator_id=owner,
        created_at=moment_of(record.created_at) or now_in_milliseconds(),
    )
    place = Place(room, is_new=True)
    if owner is not None:
        place.members[owner] = True
    rooms.add(place)
    return place, notes


def _complete(
    rooms: RoomMatcher,
    place: Place,
    record: ChannelRecord,
    known: dict[str, Person],
    withheld: Collection[str],
) -> list[str]:
    """Add ids and members, and take over what the source says of the room itself."""
    rooms.add_import_ids(place, record.import_ids)
    unknown = unconfirmed = 0
    for key in record.members:
        if key in known:
            place.members.setdefault(known[key].pk, False)
        elif key in withheld:
            unconfirmed += 1
        else:
            unknown += 1
    room = place.room
    for name in ("topic", "description"):
        value = getattr(record, name)
        if value and value != getattr(room, name):
            setattr(room, name, value)
            place.is_changed = True
    if record.is_archived and not room.is_archived:
        room.is_archived = place.is_changed = True
    notes = []
    if room.type == Room.Type.PUBLIC and record.type is RoomType.PRIVATE:
        room.type = Room.Type.PRIVATE
        place.is_changed = True
        notes.append("The room is private in the source, and so it is private now.")
    elif room.type == Room.Type.PRIVATE and record.type is RoomType.PUBLIC:
        notes.append("The room is public in the source, and stays private here.")
    if unknown:
        notes.append(f"{unknown} of its members are unknown and were left out.")
    if unconfirmed:
        notes.append(
            f"{unconfirmed} of its members match a privileged user and were skipped,"
            " because nobody confirmed the match."
        )
    return notes


def _write(places: Collection[Place]) -> None:
    """Write rooms with their ids and members."""
    Room.objects.bulk_create(place.room for place in places if place.is_new)
    RoomImportId.objects.bulk_create(
        RoomImportId(room=place.room, value=value)
        for place in places
        for value in place.import_ids
    )
    insert_rows(
        RoomMember,
        ("room", "user", "is_owner"),
        [
            (place.room.pk, user_id, is_owner)
            for place in places
            for user_id, is_owner in place.members.items()
        ],
        unique=("room", "user"),
    )
    changed = [p.room for p in places if p.is_changed and not p.is_new]
    columns = ("type", "topic", "description", "is_archived")
    Room.objects.bulk_update(changed, columns)
