"""Comparison of a file with the records of earlier imports of the same source.

Users and rooms come from a dry run of the whole file, messages from its spool. The
comparison uses the code of the run, so a run of the whole file creates the new records,
updates the changed ones, and leaves the others unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from django.db import transaction
from django.utils import timezone

from config.db.bulk import insert_rows
from config.db.lookups import StoredRows, find_rows
from imports_app.engine.changes.gone_records import (
    GoneRecord,
    find_gone_messages,
    find_gone_targets,
)
from imports_app.engine.changes.key_sets import DistinctTexts, KeySet
from imports_app.engine.corrections.parts import read_corrected_part
from imports_app.engine.matching.user_lookup import UserLookup
from imports_app.engine.matching.users import TargetUser
from imports_app.engine.messages.planner import MessagePage, MessagePlanner
from imports_app.engine.messages.rooms import MessageRooms
from imports_app.engine.messages.stored import (
    MESSAGE_KEY,
    MESSAGE_VALUES,
    MessageKey,
    compare_messages,
    find_files,
    is_changed_file,
)
from imports_app.engine.outcomes import StagedRecord
from imports_app.engine.planning.record_plans import RecordPlan
from imports_app.engine.plans.dry_run import DryRun, PlanInput
from imports_app.models import (
    ChangedRecord,
    ChangedRoom,
    ChangeEffect,
    ImportOperation,
    ImportPart,
    Message,
    Outcome,
    SourceChanges,
)
from imports_app.models.plans import FIELD_SEPARATOR
from imports_app.records import Kind, MessageRecord, RoomType, SourceItem

_RECORD_COLUMNS: Final = ("changes", "kind", "effect", "name", "fields", "target_id")
_ROOM_COLUMNS: Final = (
    *("changes", "name", "target_id"),
    *("new", "changed", "unchanged", "gone"),
)
_EFFECTS: Final = {
    Outcome.IMPORTED: ChangeEffect.NEW,
    Outcome.UPDATED: ChangeEffect.CHANGED,
    Outcome.UNCHANGED: ChangeEffect.UNCHANGED,
}
_EXTRAS: Final = MESSAGE_VALUES.index("extras")
_SENT_AT: Final = 3
"""Index of the time in a message's row."""
_LONGEST: Final = 255


class NotWantedError(Exception):
    """A newer comparison replaced this one, or the import left its review."""


def compare_source(
    changes: SourceChanges,
    source: PlanInput,
    earlier: Sequence[ImportOperation],
    check: Callable[[], None],
) -> None:
    """Compare a file with earlier imports, and store the differences.

    Args:
        changes: A new comparison.
        source: The import, with a selection of everything.
        earlier: Earlier imports of the same source.
        check: Called after each page; its errors end the computation.

    Raises:
        NotWantedError: The comparison is no longer needed.
        SourceError: The messages are missing or damaged.
        OSError: The storage of uploads is unavailable.
    """
    _Comparison(changes, source, earlier, check).run()


@dataclass(slots=True)
class _Target:
    """User or room with the effect of the records that belong to it."""

    effect: ChangeEffect
    name: str
    fields: str


@dataclass(slots=True)
class _RoomCounts:
    """Messages of a room by effect."""

    new: DistinctTexts = field(default_factory=DistinctTexts)
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


@dataclass(slots=True)
class _Kind:
    """Records of a kind in the file."""

    targets: dict[int, _Target] = field(default_factory=dict)
    """By key; those of new users and rooms are negative."""
    import_ids: set[str] = field(default_factory=set)
    """First import IDs of records that are skipped or fail."""
    types: set[str] = field(default_factory=set)
    """Whether there are direct messages, and other records."""


class _Comparison:
    """State of a comparison that is being computed."""

    def __init__(
        self,
        changes: SourceChanges,
        source: PlanInput,
        earlier: Sequence[ImportOperation],
        check: Callable[[], None],
    ) -> None:
        self._changes = changes
        self._operation = source.operation
        self._dry_run = DryRun(source)
        self._earlier = earlier
        self._check = check
        self._compared = 0
        self._kinds = {Kind.USER: _Kind(), Kind.CHANNEL: _Kind()}
        self._staged_rooms: dict[str, tuple[str, int | None]] = {}
        self._rooms: dict[int, _RoomCounts] = {}
        self._found = KeySet()
        """Existing messages that are in the file."""
        self._changed = KeySet()
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._gone: dict[Kind, int] = {}

    def run(self) -> None:
        """Compare users, rooms and messages."""
        for page, users in self._dry_run.plan_users():
            self._add(Kind.USER, page, users)
        people = self._dry_run.people()
        for page, rooms in self._dry_run.plan_rooms(people):
            self._add(Kind.CHANNEL, page, rooms)
            self._staged_rooms |= {
                staged.import_id: (one.result.outcome.value, _key_of(one))
                for staged, one in zip(page, rooms, strict=True)
            }
        for kind in self._kinds:
            self._store_targets(kind)
        self._compare_messages(people)
        self._store_gone_messages()
        self._finish()

    def _add(
        self,
        kind: Kind,
        page: Sequence[StagedRecord],
        plans: Sequence[RecordPlan[Any]],
    ) -> None:
        """Add a page of users or rooms. A target has the effect of all its records."""
        found = self._kinds[kind]
        for staged, plan in zip(page, plans, strict=True):
            found.types.add(_type_of(staged.data))
            key = _key_of(plan)
            if key is None:
                found.import_ids.add(staged.import_id)
                continue
            effect = _EFFECTS[plan.result.outcome]
            known = found.targets.get(key)
            if known is None:
                found.targets[key] = _Target(
                    effect, _name_of(staged), _joined(plan.changes)
                )
            elif known.effect is ChangeEffect.UNCHANGED:
                known.effect = effect
                known.fields = _joined(plan.changes)
        self._compared += len(page)
        self._update(compared=self._compared)

    def _store_targets(self, kind: Kind) -> None:
        """Store new, changed and gone users or rooms."""
        found = self._kinds[kind]
        rows = [
            (kind, one.effect, one.name, one.fields, key if key > 0 else None)
            for key, one in found.targets.items()
            if one.effect is not ChangeEffect.UNCHANGED
        ]
        gone = [
            one
            for one in find_gone_targets(self._earlier, kind, found.targets)
            if one.import_id not in found.import_ids
            and _type_of(one.data) in found.types
        ]
        self._gone[kind] = len(gone)
        self._insert([*rows, *(self._gone_row(kind, one) for one in gone)])

    def _gone_row(self, kind: Kind, one: GoneRecord) -> tuple[Any, ...]:
        record = StagedRecord(one.target_id, one.import_id, one.data)
        return kind, ChangeEffect.GONE, _name_of(record), "", one.target_id

    def _compare_messages(self, people: UserLookup) -> None:
        rooms = MessageRooms(self._staged_rooms, self._dry_run.rooms)
        planner = MessagePlanner(self._operation.public_id, people, rooms)
        parts = ImportPart.objects.of_operation(self._operation.pk)
        for part in list(parts):
            items = read_corrected_part(self._operation, part).items
            self._compare_page(items, planner.plan(items), rooms)
            self._compared += len(items)
            self._update(compared=self._compared)

    def _compare_page(
        self, items: Sequence[SourceItem], page: MessagePage, rooms: MessageRooms
    ) -> None:
        """Count the messages of a page, and store those that are changed."""
        there = compare_messages(
            {key: row for key, row in page.rows.items() if key[0] > 0}
        )
        other_files = _with_other_files(page, there)
        rows = []
        for key, row in page.rows.items():
            counts = self._rooms.get(key[0])
            if counts is None:
                counts = self._rooms[key[0]] = _RoomCounts()
            self._widen_span(row[_SENT_AT])
            if (pk := there.equal.get(key)) is not None:
                before = None
            elif key in there.other:
                pk, before = there.other[key]
            else:
                counts.new.add(key[1])
                continue
            is_found_again = not self._found.add(pk)
            if before is None and key not in other_files:
                counts.unchanged += not is_found_again
            elif self._changed.add(pk):
                counts.changed += 1
                counts.unchanged -= is_found_again
                names = [] if before is None else _changed_fields(before, row[2:])
                if key in other_files:
                    names.append("files")
                text = _joined(names)
                rows.append((Kind.MESSAGE, ChangeEffect.CHANGED, key[1], text, pk))
        self._insert(rows)
        self._find_failing(items, page, rooms)

    def _find_failing(
        self, items: Sequence[SourceItem], page: MessagePage, rooms: MessageRooms
    ) -> None:
        """Record existing messages that would fail: they are in the file, not gone."""
        keys = {
            (room, record.import_id)
            for item, result in zip(items, page.results, strict=True)
            if result.outcome is Outcome.FAILED
            for record in [cast("MessageRecord", item.record)]
            if isinstance(room := rooms.room_of(record), int)
        }
        for (pk,) in find_rows(Message, MESSAGE_KEY, ("id",), keys).values():
            self._found.add(pk)

    def _widen_span(self, moment: datetime) -> None:
        if self._first is None or moment < self._first:
            self._first = moment
        if self._last is None or moment > self._last:
            self._last = moment

    def _store_gone_messages(self) -> None:
        if self._first is None or self._last is None:
            return
        for page in find_gone_messages(
            self._operation,
            [key for key in self._rooms if key > 0],
            (self._first, self._last),
            self._found,
        ):
            for _pk, room, _import_id in page:
                self._rooms[room].gone += 1
            self._insert(
                (Kind.MESSAGE, ChangeEffect.GONE, import_id, "", pk)
                for pk, _room, import_id in page
            )
            self._update()

    def _insert(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Store changed records."""
        complete = [
            (self._changes.pk, str(kind), str(effect), name[:_LONGEST], fields, target)
            for kind, effect, name, fields, target in rows
        ]
        insert_rows(ChangedRecord, _RECORD_COLUMNS, complete)

    def _update(self, **values: Any) -> None:
        own = SourceChanges.objects.wanted(self._changes.pk)
        if not own.update(heartbeat_at=timezone.now(), **values):
            raise NotWantedError
        self._check()

    def _finish(self) -> None:
        numbers: dict[str, dict[str, int]] = {}
        for kind, found in self._kinds.items():
            counted = dict.fromkeys(ChangeEffect, 0)
            for one in found.targets.values():
                counted[one.effect] += 1
            counted[ChangeEffect.GONE] = self._gone[kind]
            numbers[kind.value] = {str(name): one for name, one in counted.items()}
        names = self._kinds[Kind.CHANNEL].targets
        rows: list[tuple[Any, ...]] = []
        totals = dict.fromkeys(map(str, ChangeEffect), 0)
        for key, room in self._rooms.items():
            name = names[key].name if key in names else ""
            counts = (len(room.new), room.changed, room.unchanged, room.gone)
            rows.append((self._changes.pk, name, key if key > 0 else None, *counts))
            for effect, number in zip(totals, counts, strict=True):
                totals[effect] += number
        numbers[Kind.MESSAGE.value] = totals
        with transaction.atomic():
            insert_rows(ChangedRoom, _ROOM_COLUMNS, rows)
            self._update(numbers=numbers, finished_at=timezone.now())
        self._changes.refresh_from_db()


def _key_of(plan: RecordPlan[Any]) -> int | None:
    """Return the key of the user or room, or `None` if the record has none."""
    target = plan.target
    if target is None:
        return None
    key: int = (target.user if isinstance(target, TargetUser) else target.room).pk
    return key


def _type_of(data: dict[str, Any]) -> str:
    """Distinguish direct messages from other rooms, because many exports lack them."""
    return "direct" if data.get("type") == RoomType.DIRECT else ""


def _name_of(record: StagedRecord) -> str:
    """Return a user's or room's name in the source."""
    data = record.data
    if "type" not in data:
        name = data.get("username") or data.get("name")
    elif data.get("name"):
        name = f"#{data['name']}"
    else:
        name = ", ".join(data.get("members", ()))
    return str(name or record.import_id)[:_LONGEST]


def _joined(names: Iterable[str]) -> str:
    return FIELD_SEPARATOR.join(names)[:_LONGEST]


def _with_other_files(page: MessagePage, there: StoredRows) -> set[MessageKey]:
    """Return the existing messages that have new or changed files in the source."""
    keys = [key for key in page.files if key[:2] in there]
    known = find_files(keys)
    return {
        key[:2]
        for key in keys
        if key not in known or is_changed_file(page.files[key], known[key])
    }


def _changed_fields(before: Sequence[Any], after: Sequence[Any]) -> list[str]:
    """Return the names of different values, and of parts of the additional data."""
    pairs = zip(MESSAGE_VALUES, before, after, strict=True)
    names = [name for name, old, new in pairs if old != new and name != "extras"]
    old, new = before[_EXTRAS] or {}, after[_EXTRAS] or {}
    return names + [name for name in {**old, **new} if old.get(name) != new.get(name)]
