"""Counters of an operation, summed from those of its parts.

Workers count messages in the parts that they convert, so that they do not wait for each
other. The sums are stored with the operation about once a second.
"""

from __future__ import annotations

from django.db.models import F, Sum

from imports_app.models import ImportPart, KindChoice, KindCount


def sum_parts(operation_id: int) -> dict[str, int]:
    """Update the counts of messages, and return the operation's new counters.

    The caller holds the operation's row lock, so that the sums never decrease.
    """
    outcomes = ImportPart.objects.filter(operation=operation_id).outcomes()
    counts = KindCount.objects.filter(operation=operation_id)
    counts.filter(kind=KindChoice.MESSAGE).update(
        imported=outcomes["imported"],
        updated=outcomes["updated"],
        unchanged=outcomes["unchanged"],
        skipped=F("omitted") + outcomes["skipped"],
        failed=F("unreadable") + outcomes["failed"],
    )
    return operation_counters(operation_id)


def operation_counters(operation_id: int) -> dict[str, int]:
    """Return the operation's counters during a run.

    The total excludes skipped records and records that a trial run does not process.
    """
    names = (
        *("staged", "imported", "updated", "unchanged"),
        *("skipped", "failed", "unprocessed"),
    )
    sums = KindCount.objects.filter(operation=operation_id).aggregate(
        **{f"sum_{name}": Sum(name, default=0) for name in names}
    )
    return {
        "count_total": sums["sum_staged"]
        - sums["sum_skipped"]
        - sums["sum_unprocessed"],
        "count_completed": sums["sum_imported"]
        + sums["sum_updated"]
        + sums["sum_unchanged"],
        "count_error": sums["sum_failed"],
    }
