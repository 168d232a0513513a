"""Computation of a plan: the effect of a run on each record, without running it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, Final

import orjson
from django.db import transaction
from django.utils import timezone

from config.db.bulk import insert_rows
from imports_app.engine.corrections.parts import digest_of
from imports_app.engine.matching.rooms import TargetRoom
from imports_app.engine.matching.users import TargetUser
from imports_app.engine.outcomes import RecordOutcome, StagedRecord
from imports_app.engine.planning.record_plans import Changes, RecordPlan
from imports_app.engine.plans.dry_run import DryRun, PlanInput
from imports_app.engine.plans.messages import MessagePlan
from imports_app.models import (
    Effect,
    ImportPlan,
    ImportRecord,
    KindCount,
    Outcome,
    PlannedMessages,
    PlannedRecord,
)
from imports_app.records import Kind

_RECORD_COLUMNS: Final = (
    *("plan", "record", "kind", "effect", "outcome", "code", "message"),
    *("matched_by", "target_id", "target_name", "merged_with", "changes"),
    "fingerprint",
)
_MESSAGE_COLUMNS: Final = (
    *("plan", "position", "record_id", "room", "effect", "code", "messages"),
)
_EFFECTS: Final = {
    Outcome.IMPORTED: Effect.CREATE,
    Outcome.UPDATED: Effect.UPDATE,
    Outcome.UNCHANGED: Effect.UNCHANGED,
    Outcome.SKIPPED: Effect.SKIP,
    Outcome.FAILED: Effect.FAIL,
}
_MESSAGE_OUTCOMES: Final = {
    Effect.CREATE: "completed",
    Effect.SKIP: Outcome.SKIPPED,
    Effect.FAIL: Outcome.FAILED,
}
_LAST_RECORD: Final = 2**63
"""Sorts rooms without a record behind the others."""
_DIGEST_BYTES: Final = 32
_FINGERPRINT_BYTES: Final = 8
_LONGEST_NAME: Final = 255
_MOST_VALUES: Final = 10
"""Maximum number of listed values; further values are counted."""


class PlanReplacedError(Exception):
    """A newer plan replaced the one that is being computed."""


def compute_plan(
    plan: ImportPlan, source: PlanInput, check: Callable[[], None]
) -> None:
    """Compute a plan and store it, one page in each transaction.

    Args:
        plan: A new plan, without records.
        source: The input of the computation.
        check: Called after each page; its errors end the computation.

    Raises:
        PlanReplacedError: A newer plan replaced this one.
    """
    _Computation(plan, source, check).run()


class _Computation:
    """State of a plan that is being computed."""

    def __init__(
        self, plan: ImportPlan, source: PlanInput, check: Callable[[], None]
    ) -> None:
        self._plan = plan
        self._source = source
        self._check = check
        self._operation_id = source.operation.pk
        self._dry_run = DryRun(source)
        self._messages = MessagePlan()
        self._first: dict[tuple[Kind, int], int] = {}
        """First record of each existing target."""
        self._effects: Counter[tuple[str, str]] = Counter()
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._digest = blake2b(digest_size=_DIGEST_BYTES)

    def run(self) -> None:
        """Plan users, rooms and messages."""
        dry_run = self._dry_run
        for page, users in dry_run.plan_users():
            self._write(Kind.USER, page, users)
        people = dry_run.people()
        for page, rooms in dry_run.plan_rooms(people):
            self._write(Kind.CHANNEL, page, rooms)
        self._add_unreadable()
        self._messages.count(self._source.operation, people, dry_run.rooms)
        self._finish()

    def _write(
        self,
        kind: Kind,
        page: Sequence[StagedRecord],
        plans: Sequence[RecordPlan[Any]],
    ) -> None:
        """Store a page."""
        rows = []
        for staged, plan in zip(page, plans, strict=True):
            row = self._row(kind, staged.pk, plan)
            rows.append(row)
            if kind is Kind.CHANNEL:
                self._messages.add_room(staged.import_id, staged.pk, Effect(row[3]))
        self._store(kind, rows)
        self._check()

    def _row(
        self, kind: Kind, record_id: int, plan: RecordPlan[Any]
    ) -> tuple[Any, ...]:
        """Return the values of `_RECORD_COLUMNS`, without the fingerprint."""
        result = plan.result
        effect = _EFFECTS[result.outcome]
        target_id: int | None = None
        merged_with: int | None = None
        name = ""
        if plan.target is not None:
            found = _row_of(plan.target)
            name = str(found)[:_LONGEST_NAME]
            key = found.pk
            if key > 0:
                target_id = key
                first = self._first.setdefault((kind, key), record_id)
            else:
                first = -key
            if first != record_id:
                effect, merged_with = Effect.MERGE, first
        matched = plan.matched_by
        return (
            *(self._plan.pk, record_id, kind.value, effect.value),
            *(result.outcome.value, result.code, result.message),
            "" if matched is None else matched.name.lower(),
            *(target_id, name, merged_with, _shortened(plan.changes) or None),
        )

    @transaction.atomic
    def _store(self, kind: Kind, rows: list[tuple[Any, ...]]) -> None:
        """Insert planned records, unless a newer plan replaced this one."""
        complete = []
        for row in rows:
            fingerprint = _fingerprint(row[1:])
            self._digest.update(fingerprint)
            complete.append((*row, int.from_bytes(fingerprint, signed=True)))
            self._effects[kind, row[3]] += 1
            self._outcomes[kind, row[4]] += 1
        self._update(planned=self._effects.total())
        insert_rows(PlannedRecord, _RECORD_COLUMNS, complete)

    def _update(self, **values: Any) -> None:
        now = timezone.now()
        own = ImportPlan.objects.filter(pk=self._plan.pk)
        if not own.update(heartbeat_at=now, **values):
            raise PlanReplacedError

    def _add_unreadable(self) -> None:
        """Add the users and rooms that can't be read; a run does not change them."""
        for kind in (Kind.USER, Kind.CHANNEL):
            rows = ImportRecord.objects.of_kind(self._operation_id, kind)
            found = [
                self._row(
                    kind, pk, RecordPlan(RecordOutcome(Outcome(outcome), code, message))
                )
                for pk, outcome, code, message in rows.filter(
                    is_unreadable=True
                ).values_list("pk", "outcome", "code", "message")
            ]
            self._store(kind, found)
            if kind is Kind.CHANNEL and found:
                _plan, record_id, _kind, effect, *_rest = found[-1]
                self._messages.add_room("", record_id, Effect(effect))

    @transaction.atomic
    def _finish(self) -> None:
        """Store the messages, the totals and the digest; delete older plans."""
        rows = self._message_rows()
        for row in rows:
            self._digest.update(_fingerprint(row[1:]))
        self._digest.update(digest_of(self._operation_id).encode())
        kinds = KindCount.objects.filter(operation=self._operation_id)
        counts = {count.kind: count for count in kinds}
        contacts = counts.get(Kind.CONTACT)
        if contacts is not None:
            self._effects[Kind.CONTACT, Effect.SKIP] = contacts.staged
            self._outcomes[Kind.CONTACT, Outcome.SKIPPED] = contacts.staged
        now = timezone.now()
        self._update(
            digest=self._digest.hexdigest(),
            totals={
                "effects": _by_kind(self._effects),
                "outcomes": _by_kind(self._outcomes),
            },
            failing=[[*key, code] for key, code in self._messages.failing.items()],
            depends_on_starter=self._dry_run.depends_on_initiator,
            finished_at=now,
        )
        insert_rows(PlannedMessages, _MESSAGE_COLUMNS, rows)
        self._plan.refresh_from_db()

    def _message_rows(self) -> list[tuple[Any, ...]]:
        """Return the values of `_MESSAGE_COLUMNS`, and add to the totals."""
        rooms = self._messages.rooms
        numbers = [
            (rooms.get(room, (_LAST_RECORD, None))[0], room, effect, code, messages)
            for (room, (effect, code)), messages in self._messages.counts.items()
        ]
        unreadable = ImportRecord.objects.of_kind(self._operation_id, Kind.MESSAGE)
        numbers += [
            (_LAST_RECORD + 1, "", _EFFECTS[Outcome(outcome)], code, messages)
            for outcome, code, messages in unreadable.unreadable_by_code()
        ]
        rows = []
        position, last = 0, None
        for record_id, room, effect, code, messages in sorted(numbers):
            position += room != last and last is not None
            last = room
            self._effects[Kind.MESSAGE, effect] += messages
            self._outcomes[Kind.MESSAGE, _MESSAGE_OUTCOMES[effect]] += messages
            is_staged = record_id < _LAST_RECORD
            rows.append(
                (
                    *(self._plan.pk, position, record_id if is_staged else None),
                    *(room, effect.value, code, messages),
                )
            )
        return rows


def _row_of(target: TargetUser | TargetRoom) -> Any:
    return target.user if isinstance(target, TargetUser) else target.room


def _shortened(changes: Changes) -> dict[str, Any]:
    """Return changes with at most a few values of a list, such as members."""
    return {
        name: [
            [*values[:_MOST_VALUES], f"+{len(values) - _MOST_VALUES}"]
            if isinstance(values, list) and len(values) > _MOST_VALUES
            else values
            for values in change
        ]
        for name, change in changes.items()
    }


def _fingerprint(row: Sequence[Any]) -> bytes:
    content = orjson.dumps(row)
    return blake2b(content, digest_size=_FINGERPRINT_BYTES).digest()


def _by_kind(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (kind, name), number in counts.items():
        found.setdefault(str(kind), {})[str(name)] = number
    return found
