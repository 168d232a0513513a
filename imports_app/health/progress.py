"""How far an operation has come, how fast it goes, and whether it still moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from imports_app.models import ImportOperation, KindCount
from imports_app.statuses import IMPORTING

SILENCE_LIMIT: Final = timedelta(seconds=60)
"""A running operation without a sign of life for so long is stalled."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A picture of one moment."""

    kinds: Sequence[KindCount]
    tried: int
    """Records with an outcome, in the present run."""
    staged: int
    records_per_second: float | None
    """Over the run so far; `None` before it starts."""
    ends_at: datetime | None
    """When it will be done at this speed."""
    heartbeat_age: timedelta | None
    is_stalled: bool


def progress_of(operation: ImportOperation) -> Progress:
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
    """Tell whether nobody has worked on a running operation for a while."""
    last = operation.heartbeat_at or operation.updated_at
    return operation.is_running and timezone.now() - last > SILENCE_LIMIT


def _rate(operation: ImportOperation, tried: int) -> float | None:
    if operation.run_started_at is None or operation.heartbeat_at is None:
        return None
    seconds = (operation.heartbeat_at - operation.run_started_at).total_seconds()
    return tried / seconds if seconds > 0 else None
