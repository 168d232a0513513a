"""Start of a run: selection and new counters."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from imports_app.engine.lease import DURATION
from imports_app.models import (
    Correction,
    ImportOperation,
    ImportPart,
    ImportRecord,
    KindChoice,
    KindCount,
    Outcome,
    RoomCount,
)
from imports_app.selection.rules import Selection
from imports_app.statuses import Status, UndoState
from imports_app.transitions import Actor, move_operation


@transaction.atomic
def begin_run(
    *,
    operation: ImportOperation,
    selection: Selection,
    actor: Actor,
    fails_existing: bool = False,
    plan_digest: str = "",
    trial_messages: int | None = None,
) -> bool:
    """Start converting the staged records; return False if already started.

    Records that an earlier run processed are processed again, except unreadable rows.
    """
    now = timezone.now()
    is_repeated = operation.run_started_at is not None
    moved = move_operation(
        operation=operation,
        to=Status.IMPORTING_STARTED,
        actor=actor,
        selection=selection.as_json(),
        fails_existing=fails_existing,
        plan_digest=plan_digest,
        trial_messages=trial_messages,
        run_started_at=now,
        # The server itself starts retries, on behalf of the requesting user.
        run_started_by=actor.public_id or operation.user_id or "",
        checkpoint=0,
        error_code="",
        error_message="",
        **({} if is_repeated else {"undo_state": UndoState.AVAILABLE}),
        **({} if operation.lease_owner else {"lease_expires_at": now + DURATION}),
    )
    if not moved:
        return False
    if is_repeated:
        _reset_counts(operation)
    counts = KindCount.objects.filter(operation=operation)
    counts.update(imported=0, updated=0, unchanged=0, unprocessed=0)
    numbers = list(counts.values_list("staged", "skipped", "failed"))
    ImportOperation.objects.filter(pk=operation.pk).change(
        count_total=sum(staged - skipped for staged, skipped, _failed in numbers),
        count_completed=0,
        count_error=sum(failed for _staged, _skipped, failed in numbers),
    )
    operation.refresh_from_db()
    return True


def _reset_counts(operation: ImportOperation) -> None:
    """Reset the outcomes of records and parts, and recount the records."""
    ImportPart.objects.of_operation(operation.pk).update(
        **{"checkpoint": 0, "trial": None},
        **{"imported": 0, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0},
    )
    RoomCount.objects.filter(operation=operation).delete()
    counts = KindCount.objects.filter(operation=operation)
    counts.filter(kind=KindChoice.MESSAGE).update(
        failed=F("unreadable"), skipped=F("omitted")
    )
    everything = ImportRecord.objects.filter(operation=operation)
    messages = everything.filter(kind=KindChoice.MESSAGE)
    corrected = Correction.objects.of_messages(operation.pk).values("record_id")
    read = messages.filter(is_unreadable=False)
    read.exclude(pk__in=corrected).delete()  # the run converts them again
    read.update(outcome=Outcome.STAGED, code="", message="")
    records = everything.exclude(kind=KindChoice.MESSAGE)
    tried = [outcome for outcome in Outcome if outcome is not Outcome.STAGED]
    records.filter(outcome__in=tried, is_unreadable=False).update(
        outcome=Outcome.STAGED, code="", message=""
    )
    counted = records.count_by_outcome()
    guessed = records.guessed().count_by_kind()
    for kind_count in counts.exclude(kind=KindChoice.MESSAGE):
        waiting = counted.get((kind_count.kind, Outcome.STAGED), 0)
        kind_count.failed = counted.get((kind_count.kind, Outcome.FAILED), 0)
        kind_count.skipped = counted.get((kind_count.kind, Outcome.SKIPPED), 0)
        kind_count.staged = waiting + kind_count.failed + kind_count.skipped
        kind_count.guessed = guessed.get(kind_count.kind, 0)
        kind_count.save(update_fields=["staged", "failed", "skipped", "guessed"])
