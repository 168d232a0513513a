"""Undo of imports."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.utils import timezone

from imports_app import tasks
from imports_app.engine.lease import DURATION
from imports_app.engine.undo.preview import UndoPreview, count_rows, preview_undo
from imports_app.errors import OperationRunningError, UndoUnavailableError
from imports_app.importers.undo import UndoImporter
from imports_app.models import ImportOperation, KindCount
from imports_app.services.operations import create_operation
from imports_app.statuses import Status, UndoState
from imports_app.transitions import Actor, mark_undone, move_operation

_UNAVAILABLE: Final = {
    UndoState.NONE: "The import has no changes that can be undone: it has not run,"
    " it only downloaded files, or an older release ran it without a"
    " journal.",
    UndoState.EXPIRED: (
        "The journal of the import was deleted after its retention period, so the"
        " import can no longer be undone."
    ),
    UndoState.UNDONE: "The import was already undone.",
}


def why_not_undoable(operation: ImportOperation) -> str:
    """Return why an operation can't be undone; empty if it can."""
    if operation.is_in_progress:
        return OperationRunningError.default_message
    state = UndoState(operation.undo_state)
    if state is UndoState.PARTLY and not operation.journal.exists():
        state = UndoState.EXPIRED
    return _UNAVAILABLE.get(state, "")


PREVIEW_SECONDS: Final = 1.0
"""Maximum seconds that a request checks rows for a preview."""


def preview_of(
    *, operation: ImportOperation, actor: Actor, is_complete: bool = False
) -> UndoPreview:
    """Return the preview of an undo by the actor.

    Args:
        operation: The import.
        actor: Who would undo it.
        is_complete: Check all rows, which may take minutes.

    Raises:
        OperationRunningError: The operation has not finished.
        UndoUnavailableError: There is nothing to undo, or no journal.
    """
    _check(operation)
    seconds = math.inf if is_complete else PREVIEW_SECONDS
    return preview_undo(operation, actor.author, seconds=seconds)


def _check(operation: ImportOperation) -> None:
    if operation.is_in_progress:
        raise OperationRunningError
    if reason := why_not_undoable(operation):
        raise UndoUnavailableError(reason)


@transaction.atomic
def start_undo(
    *,
    operation: ImportOperation,
    actor: Actor,
    may_replace: Collection[int] | None = (),
) -> ImportOperation:
    """Enqueue undoing an operation, in a separate operation.

    An undo that is in progress is returned, so that two requests start one. An undo
    that was stopped, or that kept rows, continues with the remaining rows.

    Args:
        operation: The operation to undo.
        actor: Who undoes it, and whose rights limit what is removed.
        may_replace: As for `create_operation`; by default, no active import.

    Raises:
        OperationRunningError: The operation has not finished.
        UndoUnavailableError: There is nothing to undo, or no journal.
        OperationInProgressError: Another import is active.
    """
    locked = ImportOperation.objects.select_for_update().get(pk=operation.pk)
    active = locked.retries.undos().in_progress()
    if active is not None:
        return active
    _check(locked)
    undo = create_operation(
        actor=actor,
        importer_key=UndoImporter.key,
        importer_name=UndoImporter.name,
        parent=locked,
        may_replace=may_replace,
    )
    counts = count_rows(locked.pk)
    KindCount.objects.bulk_create(
        KindCount(operation=undo, kind=kind.value, staged=number)
        for kind, number in counts.items()
    )
    now = timezone.now()
    move_operation(
        operation=undo,
        to=Status.IMPORTING_STARTED,
        actor=actor,
        is_prepared=True,
        count_total=sum(counts.values()),
        count_completed=0,
        count_error=0,
        run_started_at=now,
        run_started_by=actor.public_id,
        lease_expires_at=now + DURATION,
    )
    if locked.journal.exists():  # otherwise nothing is undone before the end
        mark_undone(operation=locked, state=UndoState.PARTLY, actor=actor)
    operation.refresh_from_db()
    tasks.enqueue(undo)
    return undo
