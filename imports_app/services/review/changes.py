"""Changes of a source since its last import, displayed in the review."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from imports_app import tasks
from imports_app.engine.changes.comparison import NotWantedError
from imports_app.engine.changes.earlier_imports import find_earlier_imports
from imports_app.engine.changes.jobs import comparison_basis, compute_changes
from imports_app.engine.retries import check_stop
from imports_app.errors import SourceError, StorageUnavailableError
from imports_app.models import ImportOperation, SourceChanges
from imports_app.services.review.time_limits import (
    TooSlowError,
    is_small,
    time_limit,
)
from imports_app.statuses import Status

_FEW_MESSAGES: Final = 10_000
"""Maximum number of messages that a request compares itself."""
_STALLED: Final = timedelta(seconds=60)


def get_changes(operation: ImportOperation) -> SourceChanges | None:
    """Return the comparison with the last import, complete or being computed.

    While the import waits for the review, it is computed if there is none for the
    current decisions; a worker compares large files. Afterwards, it stays.

    Returns:
        `None` if there is no earlier import of the same source.
    """
    changes = SourceChanges.objects.of_operation(operation.pk)
    if operation.is_valid and operation.status == Status.USER_SELECTION:
        if changes is None or not _is_current(changes, operation):
            changes = _new_changes(operation)
            if not changes.is_complete and not _compute_at_once(changes, operation):
                tasks.enqueue_changes(changes)
    elif changes is not None and not changes.is_complete:
        return None
    return None if changes is None or changes.is_first_import else changes


def compute_now(operation: ImportOperation) -> SourceChanges | None:
    """Return the comparison, computed in this process without a time limit.

    Returns:
        `None` if there is no earlier import of the same source.

    Raises:
        SourceError: The messages are missing or damaged.
        OSError: The storage of uploads is unavailable.
    """
    changes = _new_changes(operation)
    if not changes.is_complete:
        compute_changes(changes, check_stop)
        changes.refresh_from_db()
    return None if changes.is_first_import else changes


def _is_current(changes: SourceChanges, operation: ImportOperation) -> bool:
    """Return whether a comparison has the current decisions, and is not stalled."""
    if changes.is_first_import:
        return True
    if changes.basis != comparison_basis(operation):
        return False
    return changes.is_complete or changes.heartbeat_at > timezone.now() - _STALLED


def _new_changes(operation: ImportOperation) -> SourceChanges:
    """Create a comparison in place of an outdated one."""
    earlier = next(iter(find_earlier_imports(operation)), None)
    try:
        with transaction.atomic():
            SourceChanges.objects.filter(operation=operation).delete()
            return SourceChanges.objects.create(
                operation=operation,
                earlier=earlier,
                basis=comparison_basis(operation),
                finished_at=timezone.now() if earlier is None else None,
            )
    except IntegrityError:  # another request was faster
        return SourceChanges.objects.get(operation=operation)


def _compute_at_once(changes: SourceChanges, operation: ImportOperation) -> bool:
    """Compute a small comparison within the request; return whether it was possible.

    If not, a worker starts the comparison from the beginning.
    """
    has_few = (operation.count_messages or 0) <= _FEW_MESSAGES
    if not (is_small(operation) and has_few):
        return False
    try:
        compute_changes(changes, time_limit())
    except (TooSlowError, NotWantedError, OperationalError):
        return False
    except (SourceError, StorageUnavailableError, OSError):
        return False
    changes.refresh_from_db()
    return True
