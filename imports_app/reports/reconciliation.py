"""Reconciliation of an import: selected records compared with the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import Exists, OuterRef, Sum

from accounts.models import User
from config.db.bulk import in_chunks
from imports_app.models import (
    COMPLETED,
    ImportOperation,
    ImportRecord,
    KindCount,
    Outcome,
    Room,
    RoomCount,
)
from imports_app.records import Kind
from imports_app.statuses import Status, UndoState

_RECONCILED: Final = (Kind.USER, Kind.CHANNEL, Kind.MESSAGE, Kind.CONTACT)


class Reason(StrEnum):
    """Reason why selected records are not in the workspace."""

    FAILED = "failed"
    NOT_PROCESSED = "notProcessed"
    TRIAL = "trial"
    """Not processed, because the run was a trial run."""
    REMOVED = "removed"
    """They were imported, and deleted since."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Selected records that are not in the workspace."""

    kind: Kind
    reason: Reason
    records: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of records by outcome."""

    found: int
    imported: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    not_processed: int
    in_workspace: int | None
    """Users, rooms or messages that are in the workspace now; of messages, all that are
    in the room, from any import. `None` if unknown."""

    @property
    def selected(self) -> int:
        """Records that were not skipped."""
        return self.found - self.skipped


@dataclass(frozen=True, slots=True)
class KindLine:
    """Counts of one kind of records."""

    kind: Kind
    counts: Counts


@dataclass(frozen=True, slots=True)
class RoomLine:
    """Counts of the messages of one room of the source."""

    pk: int
    """Key of the room's record."""
    import_id: str
    name: str
    """Name in the source; empty for direct messages."""
    type: str
    outcome: Outcome
    """Outcome of the room itself."""
    note: str
    room: Room | None
    """The room in the workspace, if it is there now."""
    counts: Counts

    @property
    def is_removed(self) -> bool:
        """Whether the room was imported and deleted since."""
        return self.outcome in COMPLETED and self.room is None


def is_reconciled(operation: ImportOperation) -> bool:
    """Return whether a run of the operation has ended, so that it can be reconciled."""
    has_run = operation.run_started_at is not None and not operation.is_in_progress
    return has_run and not operation.is_undo


def lines_by_kind(
    operation: ImportOperation, counts: Sequence[KindCount] | None = None
) -> list[KindLine]:
    """Return the counts of each kind. Three queries, and one for the counts."""
    if counts is None:
        counts = list(operation.kind_counts.all())
    records = ImportRecord.objects
    rooms = Room.objects.filter(pk__in=records.targets(operation.pk, Kind.CHANNEL))
    users = User.objects.filter(pk__in=records.targets(operation.pk, Kind.USER))
    there = rooms.aggregate(messages=Sum("message_count", default=0))
    present = {
        Kind.USER: users.count(),
        Kind.CHANNEL: rooms.count(),
        Kind.MESSAGE: int(there["messages"]),
    }
    by_kind = {Kind(count.kind): count for count in counts}
    return [
        KindLine(kind, _counts_of(by_kind[kind], present.get(kind)))
        for kind in _RECONCILED
        if kind in by_kind
    ]


def _counts_of(count: KindCount, in_workspace: int | None) -> Counts:
    return Counts(
        found=count.staged,
        imported=count.imported,
        updated=count.updated,
        unchanged=count.unchanged,
        skipped=count.skipped,
        failed=count.failed,
        not_processed=count.unprocessed,
        in_workspace=in_workspace,
    )


def differences_of(
    operation: ImportOperation, lines: Sequence[KindLine]
) -> list[Difference]:
    """Return the selected records that are not in the workspace. Two queries."""
    is_trial = operation.is_trial and operation.status == Status.DONE
    unprocessed = Reason.TRIAL if is_trial else Reason.NOT_PROCESSED
    removed = {
        Kind.USER: _count_removed(operation, Kind.USER),
        Kind.CHANNEL: _count_removed(operation, Kind.CHANNEL),
    }
    numbers = (
        (line.kind, reason, number)
        for line in lines
        for reason, number in (
            (Reason.FAILED, line.counts.failed),
            (unprocessed, line.counts.not_processed),
            (Reason.REMOVED, removed.get(line.kind, 0)),
        )
    )
    return [Difference(*one) for one in numbers if one[2]]


def _count_removed(operation: ImportOperation, kind: Kind) -> int:
    """Return how many users or rooms were imported and deleted since."""
    targets = ImportRecord.objects.targets(operation.pk, kind)
    model = User if kind is Kind.USER else Room
    there = model._base_manager.filter(pk=OuterRef("target_id"))
    return targets.filter(~Exists(there)).count()


def is_undone(operation: ImportOperation) -> bool:
    """Return whether the import was undone, completely or in part."""
    return operation.undo_state in {UndoState.UNDONE, UndoState.PARTLY}


def room_lines(
    operation: ImportOperation, rows: Sequence[dict[str, Any]]
) -> list[RoomLine]:
    """Return the counts of rooms. Two queries for 5,000 rooms.

    Args:
        operation: The operation.
        rows: Rows of `ImportRecordQuerySet.rooms_of`.
    """
    counted: dict[str, dict[str, int]] = {}
    for ids in in_chunks(row["import_id"] for row in rows):
        counted |= RoomCount.objects.by_room(operation.pk, ids)
    rooms: dict[int, Room] = {}
    for pks in in_chunks(row["target_id"] for row in rows if row["target_id"]):
        rooms |= Room.objects.in_bulk(pks)
    has_unprocessed = operation.kind_counts.filter(unprocessed__gt=0).exists()
    return [
        _room_line(
            row,
            counted.get(row["import_id"], {}),
            rooms.get(row["target_id"]),
            has_unprocessed=has_unprocessed,
        )
        for row in rows
    ]


def _room_line(
    row: dict[str, Any],
    outcomes: dict[str, int],
    room: Room | None,
    *,
    has_unprocessed: bool,
) -> RoomLine:
    found = max(row["message_count"] or 0, sum(outcomes.values()))
    rest = found - sum(outcomes.values())
    return RoomLine(
        pk=row["pk"],
        import_id=row["import_id"],
        name=row["source_name"] or "",
        type=row["room_type"] or "",
        outcome=Outcome(row["outcome"]),
        note=row["message"],
        room=room,
        counts=Counts(
            found=found,
            imported=outcomes.get("imported", 0),
            updated=outcomes.get("updated", 0),
            unchanged=outcomes.get("unchanged", 0),
            skipped=outcomes.get("skipped", 0),
            failed=outcomes.get("failed", 0),
            not_processed=rest if has_unprocessed else 0,
            in_workspace=room.message_count if room is not None else 0,
        ),
    )
