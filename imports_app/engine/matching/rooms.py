"""Matching of channel records with rooms, one page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from config.db.bulk import in_chunks
from imports_app.engine.matching.decisions import (
    NOT_ALLOWED,
    TARGET_MISSING,
    WOULD_PUBLISH,
    Decisions,
    name_taken,
)
from imports_app.engine.matching.matched_by import MatchedBy
from imports_app.engine.matching.user_lookup import Person
from imports_app.engine.outcomes import RecordOutcome
from imports_app.engine.planning.planned_rooms import PlannedRooms
from imports_app.importers.room_names import room_name
from imports_app.models import Decision, DecisionAction, Room, RoomImportId
from imports_app.records import ChannelRecord, RoomType

_ATTEMPTS: Final = 10


@dataclass(slots=True)
class TargetRoom:
    """Existing or new room, with the changes to write."""

    room: Room
    is_new: bool
    import_ids: list[str] = field(default_factory=list)
    members: dict[int, bool] = field(default_factory=dict)
    """Whether each member is an owner, by user key."""
    known_members: Collection[int] = ()
    """Users who are already members."""
    is_changed: bool = False


def room_names(text: str | None) -> list[str]:
    """Return the names to try: the room's own, then with -2, -3 and so on."""
    base = room_name(text)
    return [base, *(f"{base}-{number}" for number in range(2, _ATTEMPTS + 1))]


def member_key(people: Iterable[Person]) -> str:
    """Return the key of the direct room with exactly these members."""
    ids = sorted({person.public_id for person in people})
    return blake2b("/".join(ids).encode(), digest_size=16).hexdigest()


class RoomMatcher:
    """Finder of rooms by import ID, name and members. Five queries per page.

    Args:
        import_ids: Import IDs of the page's records.
        names: Names of the page's records, with the names to try.
        keys: Keys of direct rooms.
        decisions: Decisions of users about the records, if there are any. The records
            are those of `Decisions.rewritten_room`.
        targets: Public IDs of the rooms that records are merged into; one more query.
        planned: Rooms of earlier pages that are not written, while an import is only
            planned.
    """

    def __init__(
        self,
        *,
        import_ids: Iterable[str],
        names: Iterable[str],
        keys: Iterable[str],
        decisions: Decisions | None = None,
        targets: Iterable[str] = (),
        planned: PlannedRooms | None = None,
    ) -> None:
        self._decisions = decisions
        planned = planned or PlannedRooms()
        import_ids, names, keys = list(import_ids), list(names), list(keys)
        owners = planned.by_import_ids(import_ids)
        for chunk in in_chunks(import_ids):
            found = RoomImportId.objects.filter(value__in=chunk)
            owners.update(found.values_list("value", "room_id"))
        wanted: dict[str, Iterable[int | str]] = {
            "name": names,
            "member_key": keys,
            "pk": [pk for pk in owners.values() if pk > 0],
            "public_id": targets,
        }
        rooms: dict[int, Room] = {}
        for column, values in wanted.items():
            for some in in_chunks(values):
                for room in Room.objects.filter(**{f"{column}__in": some}):
                    rooms.setdefault(room.pk, room)
        planned.apply(
            rooms,
            (
                *owners.values(),
                *planned.by_names(names).values(),
                *planned.by_member_keys(keys).values(),
            ),
        )
        existing = {pk: TargetRoom(room, is_new=False) for pk, room in rooms.items()}
        self._by_public_id = {p.room.public_id: p for p in existing.values()}
        self._by_import_id = {key: existing[pk] for key, pk in owners.items()}
        self._by_name = {p.room.name: p for p in existing.values() if p.room.name}
        self._imported = set(owners.values())
        for pks in in_chunks(target.room.pk for target in self._by_name.values()):
            known_ids = RoomImportId.objects.filter(room__in=pks)
            self._imported.update(known_ids.values_list("room_id", flat=True))
        self._imported |= planned.identified(existing)
        self._by_key = {
            p.room.member_key: p for p in existing.values() if p.room.member_key
        }

    def find(self, record: ChannelRecord) -> tuple[TargetRoom | None, MatchedBy | None]:
        """Return the room that a record matches, and the matching attribute.

        A name only matches a room of the same type without import IDs: a different
        import ID means a different room, in the same workspace or another one. A
        decision of a user replaces these rules.
        """
        decision = self._decision_about(record)
        if decision is not None and decision.action == DecisionAction.MATCH:
            return self._by_public_id.get(decision.target), MatchedBy.DECISION
        known = map(self._by_import_id.get, record.import_ids)
        target = next(filter(None, known), None)
        if target is not None:
            return target, MatchedBy.IMPORT_ID
        name = room_name(record.name)
        if self._decisions and self._decisions.is_decided_room_name(name):
            return None, None  # only the room of the decision has the name
        target = self._by_name.get(name)
        if target is None or target.room.type != record.type:
            return None, None
        is_imported = target.room.pk in self._imported or bool(target.import_ids)
        if record.is_known_by_name or not is_imported:
            return target, MatchedBy.NAME
        return None, None

    def problem_of(self, record: ChannelRecord) -> RecordOutcome | None:
        """Return why the decision about a record can't be applied, or `None`."""
        decision = self._decision_about(record)
        if decision is None or self._decisions is None:
            return None
        if decision.action == DecisionAction.MATCH:
            target = self._by_public_id.get(decision.target)
            if target is None:
                return TARGET_MISSING
            if not self._decisions.may_merge_into(decision, target.room):
                return NOT_ALLOWED
            is_public = target.room.type == Room.Type.PUBLIC
            return (
                WOULD_PUBLISH if is_public and record.type is RoomType.PRIVATE else None
            )
        name = decision.value.get("name")
        is_known = any(key in self._by_import_id for key in record.import_ids)
        is_taken = not is_known and name in self._by_name
        return name_taken(name) if is_taken else None

    def _decision_about(self, record: ChannelRecord) -> Decision | None:
        return self._decisions.about_room(record) if self._decisions else None

    def by_key(self, key: str) -> TargetRoom | None:
        """Return the direct room with this member key, or `None`."""
        return self._by_key.get(key)

    def free_name(self, names: list[str]) -> str | None:
        """Return the first name that is not taken, or `None`."""
        return next((name for name in names if name not in self._by_name), None)

    def add(self, target: TargetRoom) -> None:
        """Add a new room for the following records."""
        if target.room.name:
            self._by_name[target.room.name] = target
        if target.room.member_key:
            self._by_key[target.room.member_key] = target

    def add_import_ids(
        self, target: TargetRoom, import_ids: Iterable[str]
    ) -> list[str]:
        """Add the import IDs that no other room has; return those."""
        added = []
        for import_id in import_ids:
            if import_id not in self._by_import_id:
                self._by_import_id[import_id] = target
                target.import_ids.append(import_id)
                added.append(import_id)
        return added
