"""Progress, speed and stall detection of an operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from imports_app.models import ImportOperation, KindCount
from imports_app.statuses import IMPORTING

SILENCE_LIMIT: Final = timedelta(seconds=60)
"""A running operation without a heartbeat for this long is stalled."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an operation at one time."""

    kinds: Sequence[KindCount]
    tried: int
    """Records with an outcome in the current run."""
    staged: int
    records_per_second: float | None
    """Average of the run so far; `None` before it starts."""
    ends_at: datetime | None
    """Estimated end at this speed."""
    heartbeat_age: timedelta | None
    is_stalled: bool


def get_progress(operation: ImportOperation) -> Progress:
    """Return the operation's progress. One query."""
    kinds = list(operation.kind_counts.order_by("id"))
    staged = sum(kind.staged for kind in kinds)
    tried = sum(
        kind.imported + kind.updated + kind.skipped + kind.failed for kind in kinds
    )
    now = timezone.now()
    rate = _rate(operation, tried)
    is_importing = operation.is_running and operation.status in IMPORTING
    ends_at = None
    if is_importing and rate:
        ends_at = now + timedelta(seconds=(staged - tried) / rate)
    heartbeat = operation.heartbeat_at
    return Progress(
        kinds=kinds,
        tried=tried,
        staged=staged,
        records_per_second=rate,
        ends_at=ends_at,
        heartbeat_age=None if heartbeat is None else now - heartbeat,
        is_stalled=is_stalled(operation),
    )


def is_stalled(operation: ImportOperation) -> bool:
    """Return whether a running operation has had no heartbeat for a minute."""
    last = operation.heartbeat_at or operation.updated_at
    return operation.is_running and timezone.now() - last > SILENCE_LIMIT


def _rate(operation: ImportOperation, tried: int) -> float | None:
    if operation.run_started_at is None or operation.heartbeat_at is None:
        return None
    seconds = (operation.heartbeat_at - operation.run_started_at).total_seconds()
    return tried / seconds if seconds > 0 else None
