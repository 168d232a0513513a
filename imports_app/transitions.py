"""Guarded status transitions of operations, recorded in the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from accounts.models import ActivityEntry, User
from accounts.services import activity
from accounts.services.activity import Author
from config.db.clock import now_in_milliseconds
from imports_app.counters import sum_parts
from imports_app.models import (
    ImportOperation,
    ImportPart,
    KindCount,
    Notice,
    NoticeEvent,
    OperationEvent,
)
from imports_app.querysets.overall_status import OverallStatus
from imports_app.statuses import (
    CANCELLED_CODE,
    FINISHED,
    Status,
    UndoState,
    allowed_sources,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Author of a change: a user, optionally with a token, or the server itself."""

    user: User | None = None
    token_id: int | None = None
    address: str = ""

    @property
    def public_id(self) -> str:
        """Public ID of the user; empty for the server."""
        return self.user.public_id if self.user else ""

    @property
    def author(self) -> Author:
        """The actor as an author of the activity log."""
        return Author(self.user, self.address)


SERVER: Final = Actor()


@dataclass(frozen=True, slots=True)
class EndReason:
    """Reason why an operation ended before it was done."""

    code: str
    message: str


CANCELLED: Final = EndReason(
    CANCELLED_CODE, "The import was cancelled. Records imported so far are kept."
)
REPLACED: Final = EndReason(
    "importer-replaced",
    "Another import was started before this one finished. Records imported so far are"
    " kept.",
)


@transaction.atomic
def move_operation(
    *, operation: ImportOperation, to: Status, actor: Actor, **values: Any
) -> bool:
    """Change the status if the current one allows it, and update columns.

    Returns:
        Whether the status changed; `False` after a concurrent change or if the
        transition is not allowed.
    """
    row = ImportOperation.objects.select_for_update().get(pk=operation.pk)
    before = row.status
    moved = ImportOperation.objects.move(
        operation.pk,
        to=to,
        allowed=allowed_sources(to) & {before},
        **_times_at_change(row, is_finished=to in FINISHED),
        **values,
    )
    if moved:
        operation.refresh_from_db()
        record_event(operation, actor=actor, from_status=before)
    return moved


@transaction.atomic
def fail_operation(
    *, operation: ImportOperation, code: str, message: str, actor: Actor
) -> bool:
    """Fail the operation with a code and message; unprocessed records are counted."""
    failed = move_operation(
        operation=operation,
        to=Status.FAILED,
        actor=actor,
        error_code=code[:100],
        error_message=message,
        **LEASE_ENDED,
    )
    if failed:
        _end_parts(operation.pk)
        count_unprocessed([operation.pk])
        operation.refresh_from_db()
    return failed


@transaction.atomic
def invalidate(
    *,
    operations: Iterable[ImportOperation],
    actor: Actor,
    reason: EndReason = CANCELLED,
) -> int:
    """Invalidate these operations and return the number of valid ones.

    A worker that is processing one stops after its current page. Status and outcomes
    stay (wire-api.md 3.2), and unprocessed records are counted. Unfinished operations
    store the reason.
    """
    wanted = [operation.pk for operation in operations]
    valid = list(
        ImportOperation.objects.valid().filter(pk__in=wanted).select_for_update()
    )
    pks = [operation.pk for operation in valid]
    for pk in pks:
        _end_parts(pk)
    for operation in valid:
        values: dict[str, Any] = {"is_valid": False, **LEASE_ENDED}
        if operation.status not in FINISHED:
            values |= {"error_code": reason.code, "error_message": reason.message}
            values |= _times_at_change(operation, is_finished=True)
        ImportOperation.objects.filter(pk=operation.pk).change(**values)
    count_unprocessed(pks)
    for operation in valid:
        operation.refresh_from_db()
        record_event(operation, actor=actor, from_status=operation.status)
    return len(valid)


def _times_at_change(row: ImportOperation, *, is_finished: bool) -> dict[str, Any]:
    """Return the columns that measure how long an operation runs and waits."""
    now = now_in_milliseconds()
    ran = row.running_ms
    if ran is not None and row.is_running and row.status_since is not None:
        ran += max((now - row.status_since) // timedelta(milliseconds=1), 0)
    return {
        "status_since": now,
        "running_ms": ran,
        "finished_at": now if is_finished else None,
    }


def _end_parts(operation_id: int) -> None:
    """Stop all workers after their current page, and sum their counts."""
    parts = ImportPart.objects.of_operation(operation_id)
    if parts.started().exists():
        parts.revoke()
        counters = sum_parts(operation_id)
        ImportOperation.objects.filter(pk=operation_id).change(**counters)


_NOTICE_OF: Final = {
    OverallStatus.WAITING: NoticeEvent.NEEDS_REVIEW,
    OverallStatus.COMPLETED: NoticeEvent.COMPLETED,
    OverallStatus.WITH_FAILURES: NoticeEvent.WITH_FAILURES,
    OverallStatus.FAILED: NoticeEvent.FAILED,
}
LEASE_ENDED: Final[dict[str, Any]] = {"lease_owner": "", "lease_expires_at": None}


def count_unprocessed(operation_ids: list[int]) -> None:
    """Count the records without an outcome."""
    KindCount.objects.filter(operation__in=operation_ids).update(
        unprocessed=F("staged")
        - F("imported")
        - F("updated")
        - F("unchanged")
        - F("skipped")
        - F("failed")
    )


def record_event(operation: ImportOperation, *, actor: Actor, from_status: str) -> None:
    """Append an event to the operation's timeline, and a notice if its status has one.

    Notices are sent later, by a worker.
    """
    OperationEvent.objects.create(
        operation=operation,
        created_at=operation.updated_at,
        actor=actor.user,
        token_id=actor.token_id,
        from_status=from_status,
        to_status=operation.status,
        is_valid=operation.is_valid,
        counters=operation.counters,
    )
    if operation.status != from_status:
        _write_notice(operation)
    action = _logged_action(operation, from_status)
    if actor.user is not None and action is not None:
        activity.record_event(
            action,
            ActivityEntry.Subject.IMPORT,
            str(operation),
            by=actor.author,
            details=_logged_details(operation),
        )


def _write_notice(operation: ImportOperation) -> None:
    """Write a notice if the new status has one.

    An operation that becomes ready while a worker keeps its lease is a retry: it
    continues in the same transaction and waits for no review.
    """
    event = _NOTICE_OF.get(operation.overall_status)
    if event is None or (event is NoticeEvent.NEEDS_REVIEW and operation.lease_owner):
        return
    Notice.objects.create(
        operation=operation,
        event=event,
        created_at=operation.updated_at,
        failed_records=operation.count_error or 0,
    )


@transaction.atomic
def mark_undone(*, operation: ImportOperation, state: UndoState, actor: Actor) -> None:
    """Store the undo state of an operation, and append it to the timeline."""
    ImportOperation.objects.filter(pk=operation.pk).update(undo_state=state)
    operation.refresh_from_db()
    OperationEvent.objects.create(
        operation=operation,
        created_at=now_in_milliseconds(),
        actor=actor.user,
        token_id=actor.token_id,
        from_status=operation.status,
        to_status=operation.status,
        is_valid=operation.is_valid,
        undo_state=state,
    )


def _logged_details(operation: ImportOperation) -> dict[str, str] | None:
    if operation.is_undo and operation.parent is not None:
        return {"undone import": str(operation.parent)}
    return {"file": operation.file_name} if operation.file_name else None


def _logged_action(
    operation: ImportOperation, from_status: str
) -> ActivityEntry.Action | None:
    """Return the activity log action of an event; `None` if it is not logged."""
    if not from_status:
        return ActivityEntry.Action.CREATED
    if not operation.is_valid:
        is_finished = operation.status in FINISHED
        return None if is_finished else ActivityEntry.Action.CANCELLED
    if operation.status == Status.IMPORTING_STARTED:
        return ActivityEntry.Action.STARTED
    return None
