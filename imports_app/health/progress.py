"""Progress, speed and stall detection of an operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from config.processes import has_ended
from imports_app.engine.lease import DURATION
from imports_app.models import ImportOperation, ImportPart, KindCount
from imports_app.statuses import IMPORTING, Status

SILENCE_LIMIT: Final = timedelta(seconds=60)
"""A running operation without a heartbeat for this long is stalled."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an operation at one time."""

    kinds: Sequence[KindCount]
    tried: int
    """Records with an outcome in the current run."""
    staged: int
    due: int
    """Records that the run processes; a trial run skips some."""
    records_per_second: float | None
    """Average of the run so far; `None` before it starts."""
    ends_at: datetime | None
    """Estimated end at this speed."""
    heartbeat_age: timedelta | None
    is_stalled: bool
    worker_ages: Sequence[timedelta]
    """Time since the last heartbeat of each worker that has a lease."""


def get_progress(operation: ImportOperation) -> Progress:
    """Return the operation's progress. One query, and one for workers on its parts."""
    kinds = list(operation.kind_counts.order_by("id"))
    staged = sum(kind.staged for kind in kinds)
    due = sum(kind.due for kind in kinds)
    tried = sum(kind.processed for kind in kinds)
    now = timezone.now()
    rate = _rate(operation, tried)
    is_importing = operation.is_running and operation.status in IMPORTING
    ends_at = None
    if is_importing and rate:
        ends_at = now + timedelta(seconds=(due - tried) / rate)
    heartbeat = operation.heartbeat_at
    return Progress(
        kinds=kinds,
        tried=tried,
        staged=staged,
        due=due,
        records_per_second=rate,
        ends_at=ends_at,
        heartbeat_age=None if heartbeat is None else now - heartbeat,
        is_stalled=is_stalled(operation),
        worker_ages=_worker_ages(operation, now),
    )


def is_stalled(operation: ImportOperation) -> bool:
    """Return whether a running operation has had no heartbeat for a minute.

    A heartbeat of an earlier status doesn't count: the operation may have waited for a
    user in between.
    """
    last = operation.heartbeat_at or operation.updated_at
    last = max(last, operation.status_since or last)
    return operation.is_running and timezone.now() - last > SILENCE_LIMIT


def silent_since(operation: ImportOperation) -> datetime:
    """Return the last heartbeat of a stalled operation, or the start of its status."""
    start = operation.status_since or operation.created_at
    return max(operation.heartbeat_at or start, start)


def _worker_ages(operation: ImportOperation, now: datetime) -> list[timedelta]:
    """Return the ages of valid leases, except those of processes that have ended."""
    if not operation.is_running:
        return []
    leases = [(operation.lease_owner, operation.lease_expires_at)]
    if operation.status == Status.IMPORTING_MESSAGES:
        claimed = ImportPart.objects.of_operation(operation.pk).claimed(now)
        leases += claimed.values_list("lease_owner", "lease_expires_at")
    ends: dict[str, datetime] = {}
    for owner, end in leases:
        if owner and end is not None and end >= now:
            ends[owner] = max(end, ends.get(owner, end))
    alive = sorted(end for owner, end in ends.items() if not has_ended(owner))
    return [now - (end - DURATION) for end in alive]


def _rate(operation: ImportOperation, tried: int) -> float | None:
    if operation.run_started_at is None or operation.heartbeat_at is None:
        return None
    seconds = (operation.heartbeat_at - operation.run_started_at).total_seconds()
    return tried / seconds if seconds > 0 else None
