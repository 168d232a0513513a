"""Removal of staged records that no run will try."""

from __future__ import annotations

from imports_app.engine.endurance import check_stop, enduring
from imports_app.models import ImportOperation, ImportRecord, Outcome

_BATCH = 2_000


def discard_untried(operation_id: int) -> int:
    """Remove the untried records of an ended operation; return how many there were."""
    if ImportOperation.objects.valid().filter(pk=operation_id).exists():
        return 0
    removed = 0
    while batch := enduring(lambda: _discard_batch(operation_id)):
        removed += batch
        check_stop()
    return removed


def _discard_batch(operation_id: int) -> int:
    untried = ImportRecord.objects.filter(
        operation=operation_id, outcome=Outcome.STAGED
    ).order_by("id")
    pks = list(untried.values_list("pk", flat=True)[:_BATCH])
    return ImportRecord.objects.filter(pk__in=pks).delete()[0] if pks else 0
