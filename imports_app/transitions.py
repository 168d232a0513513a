"""Every change of an operation's status: guarded, and told in its timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Case, F, TextField, Value, When

from accounts.models import ActivityEntry, User
from accounts.services import activity
from accounts.services.activity import Author
from imports_app.models import ImportOperation, KindCount, OperationEvent
from imports_app.statuses import FINISHED, Status, sources_of


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: a user, perhaps by a token; nobody is the server itself."""

    user: User | None = None
    token_id: int | None = None
    address: str = ""

    @property
    def public_id(self) -> str:
        """The user's public id; empty for the server."""
        return self.user.public_id if self.user else ""

    @property
    def author(self) -> Author:
        """The same for the activity log."""
        return Author(self.user, self.address)


SERVER: Final = Actor()


@dataclass(frozen=True, slots=True)
class EndReason:
    """Why an operation is ended before it is done."""

    code: str
    message: str


CANCELLED: Final = EndReason(
    "importer-cancelled", "It was cancelled. What came in by then stays."
)
REPLACED: Final = EndReason(
    "importer-replaced",
    "Another import was started before this one was done. What came in by then stays.",
)


@transaction.atomic
def move_operation(
    *, operation: ImportOperation, to: Status, actor: Actor, **values: Any
) -> bool:
    """Move the operation on, if its present status allows it, and write columns.

    Returns:
        Whether it moved; otherwise somebody else was first, or the move is not legal.
    """
    before = ImportOperation.objects.select_for_update().get(pk=operation.pk).status
    moved = ImportOperation.objects.move(
        operation.pk, to=to, allowed=sources_of(to) & {before}, **values
    )
    if moved:
        operation.refresh_from_db()
        record_event(operation, actor=actor, from_status=before)
    return moved


@transaction.atomic
def fail_operation(
    *, operation: ImportOperation, code: str, message: str, actor: Actor
) -> bool:
    """End the operation with a code and a sentence; what was not tried is skipped."""
    failed = move_operation(
        operation=operation,
        to=Status.FAILED,
        actor=actor,
        error_code=code[:100],
        error_message=message,
        **LEASE_ENDED,
    )
    if failed:
        skip_unprocessed([operation.pk])
    return failed


@transaction.atomic
def invalidate(
    *,
    operations: Iterable[ImportOperation],
    actor: Actor,
    ending: EndReason = CANCELLED,
) -> int:
    """Make these operations invalid, and return how many were valid.

    Whoever is at work on one stops at its next page. The status stays (wire-api.md
    3.2), and so does every outcome; records that were not tried count as skipped. One
    that was not over keeps the reason.
    """
    wanted = [operation.pk for operation in operations]
    valid = list(
        ImportOperation.objects.valid().filter(pk__in=wanted).select_for_update()
    )
    pks = [operation.pk for operation in valid]
    changed = ImportOperation.objects.filter(pk__in=pks).change(
        is_valid=False,
        error_code=_unless_over("error_code", ending.code),
        error_message=_unless_over("error_message", ending.message),
        **LEASE_ENDED,
    )
    skip_unprocessed(pks)
    for operation in valid:
        operation.refresh_from_db()
        record_event(operation, actor=actor, from_status=operation.status)
    return changed


def _unless_over(column: str, value: str) -> Case:
    """Return what a column holds of operations that are over, else the value."""
    is_over = When(status__in=FINISHED, then=F(column))
    return Case(is_over, default=Value(value), output_field=TextField())


LEASE_ENDED: Final[dict[str, Any]] = {"lease_owner": "", "lease_expires_at": None}


def skip_unprocessed(operation_ids: list[int]) -> None:
    """Count every record without an outcome as skipped, as those left out are."""
    KindCount.objects.filter(operation__in=operation_ids).update(
        skipped=F("staged") - F("imported") - F("updated") - F("failed")
    )


def record_event(operation: ImportOperation, *, actor: Actor, from_status: str) -> None:
    """Append what just happened to the operation's timeline."""
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
    action = _logged_action(operation, from_status)
    if actor.user is not None and action is not None:
        activity.record_event(
            action,
            ActivityEntry.Subject.IMPORT,
            str(operation),
            by=actor.author,
            details={"file": operation.file_name} if operation.file_name else None,
        )


def _logged_action(
    operation: ImportOperation, from_status: str
) -> ActivityEntry.Action | None:
    """Return what the activity log has of an event; its timeline has the rest."""
    if not from_status:
        return ActivityEntry.Action.CREATED
    if not operation.is_valid:
        is_over = operation.status in FINISHED
        return None if is_over else ActivityEntry.Action.CANCELLED
    if operation.status == Status.IMPORTING_STARTED:
        return ActivityEntry.Action.STARTED
    return None
