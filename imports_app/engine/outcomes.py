"""Outcomes of records, and how they are stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.db import DataError, IntegrityError, transaction
from django.db.models import F
from django.db.models.expressions import CombinedExpression

from config.db.bulk import update_rows
from imports_app.models import COMPLETED, ImportRecord, Outcome

T = TypeVar("T")


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


def convert_page(
    convert: Callable[[Sequence[T]], list[RecordOutcome]], page: Sequence[T]
) -> list[RecordOutcome]:
    """Convert a page; if the database rejects it, convert records one by one."""
    try:
        with transaction.atomic():
            return convert(page)
    except (IntegrityError, DataError) as error:
        if len(page) == 1:
            return [_rejected(error)]
    middle = len(page) // 2
    return [
        *convert_page(convert, page[:middle]),
        *convert_page(convert, page[middle:]),
    ]


def _rejected(error: Exception) -> RecordOutcome:
    reason = str(error).strip().partition("\n")[0]
    return RecordOutcome(
        Outcome.FAILED,
        "importer-record-rejected",
        f"The database rejected the record: {reason}",
    )


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
    page: Sequence[StagedRecord], results: Sequence[RecordOutcome]
) -> Counter[Outcome]:
    """Store the outcomes, and return their counts."""
    rows = [
        (
            *(result.outcome.value, result.code, result.message),
            *(result.target_id, record.pk),
        )
        for record, result in zip(page, results, strict=True)
    ]
    update_rows(ImportRecord, ("outcome", "code", "message", "target_id"), rows)
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
    done = sum(outcomes[outcome] for outcome in COMPLETED)
    return {
        "count_completed": F("count_completed") + done,
        "count_error": F("count_error") + outcomes[Outcome.FAILED],
        "count_total": F("count_total") - outcomes[Outcome.SKIPPED],
    }
