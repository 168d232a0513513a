"""Outcomes of records, and how they are stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import F
from django.db.models.expressions import CombinedExpression

from config.db.bulk import update_rows
from imports_app.models import ImportRecord, Outcome
from imports_app.records import Kind


@dataclass(slots=True)  # not frozen: there are millions
class StagedRecord:
    """Record to convert."""

    pk: int
    import_id: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Outcome of a record."""

    outcome: Outcome
    code: str = ""
    message: str = ""
    target_id: int | None = None
    guess: str = ""
    """Code of the guess that the outcome depends on."""


NOT_SELECTED = RecordOutcome(
    Outcome.SKIPPED, "importer-not-selected", "The record was not selected."
)


class Converter(Protocol):
    """Converter of records of one kind to rows of the workspace."""

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Write a page of records and return the outcome of each.

        Runs in the page's transaction. The number of queries does not depend on the
        size of the page.
        """


def write_outcomes(
    operation_id: int,
    kind: Kind,
    page: Sequence[StagedRecord],
    results: Sequence[RecordOutcome],
) -> Counter[Outcome]:
    """Store the outcomes, and return their counts.

    Imported messages are deleted from staging, because they are in their rooms.
    """
    pairs = list(zip(page, results, strict=True))
    if kind is not Kind.MESSAGE:
        _update(pairs)
    else:
        came_in = (Outcome.IMPORTED, Outcome.UPDATED)
        _update([pair for pair in pairs if pair[1].outcome not in came_in])
        waiting = ImportRecord.objects.waiting(operation_id, kind, after=page[0].pk - 1)
        waiting.order_by().filter(id__lte=page[-1].pk).delete()
    return Counter(result.outcome for result in results)


def write_guesses(
    page: Sequence[StagedRecord], results: Sequence[RecordOutcome]
) -> int:
    """Store the guesses of outcomes; return the number of newly guessed records.

    Records with a guess from reading are already counted.
    """
    rows = [
        (result.guess, record.pk)
        for record, result in zip(page, results, strict=True)
        if result.guess
    ]
    if not rows:
        return 0
    guessed = ImportRecord.objects.filter(pk__in=[pk for _guess, pk in rows])
    number = guessed.filter(guess="").count()
    update_rows(ImportRecord, ("guess",), rows)
    return number


def wire_counters(outcomes: Counter[Outcome]) -> dict[str, CombinedExpression]:
    """Return increments of the wire's counters; skipped records leave the total."""
    done = outcomes[Outcome.IMPORTED] + outcomes[Outcome.UPDATED]
    return {
        "count_completed": F("count_completed") + done,
        "count_error": F("count_error") + outcomes[Outcome.FAILED],
        "count_total": F("count_total") - outcomes[Outcome.SKIPPED],
    }


def _update(pairs: Sequence[tuple[StagedRecord, RecordOutcome]]) -> None:
    rows = [
        (
            *(result.outcome.value, result.code, result.message),
            *(result.target_id, record.pk),
        )
        for record, result in pairs
    ]
    update_rows(ImportRecord, ("outcome", "code", "message", "target_id"), rows)
