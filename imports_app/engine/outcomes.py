"""What a conversion says of a record, and how that is written down."""

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
    """A record whose turn it is."""

    pk: int
    import_id: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """What came of a record."""

    outcome: Outcome
    code: str = ""
    message: str = ""
    target_id: int | None = None
    guess: str = ""
    """The code of a guess that the outcome rests on."""


NOT_SELECTED = RecordOutcome(
    Outcome.SKIPPED, "importer-not-selected", "It was not selected."
)


class Converter(Protocol):
    """Turns records of one kind into rows of the workspace."""

    def convert(self, page: Sequence[StagedRecord]) -> list[RecordOutcome]:
        """Write what the records say and return a verdict for each.

        Runs inside the page's transaction; the number of queries does not depend on
        the page.
        """


def write_outcomes(
    operation_id: int,
    kind: Kind,
    page: Sequence[StagedRecord],
    verdicts: Sequence[RecordOutcome],
) -> Counter[Outcome]:
    """Give each record its outcome, and return how many had which.

    Messages that came in are removed from the staging: they are in their rooms now.
    """
    pairs = list(zip(page, verdicts, strict=True))
    if kind is not Kind.MESSAGE:
        _update(pairs)
    else:
        came_in = (Outcome.IMPORTED, Outcome.UPDATED)
        _update([pair for pair in pairs if pair[1].outcome not in came_in])
        waiting = ImportRecord.objects.waiting(operation_id, kind, after=page[0].pk - 1)
        waiting.order_by().filter(id__lte=page[-1].pk).delete()
    return Counter(verdict.outcome for verdict in verdicts)


def write_guesses(
    page: Sequence[StagedRecord], verdicts: Sequence[RecordOutcome]
) -> int:
    """Store the guesses that outcomes rest on; return how many records are new to it.

    A record that was read by guessing is counted already.
    """
    rows = [
        (verdict.guess, record.pk)
        for record, verdict in zip(page, verdicts, strict=True)
        if verdict.guess
    ]
    if not rows:
        return 0
    guessed = ImportRecord.objects.filter(pk__in=[pk for _guess, pk in rows])
    number = guessed.filter(guess="").count()
    update_rows(ImportRecord, ("guess",), rows)
    return number


def wire_counters(outcomes: Counter[Outcome]) -> dict[str, CombinedExpression]:
    """Return the wire's counters, grown: what is skipped leaves the total."""
    done = outcomes[Outcome.IMPORTED] + outcomes[Outcome.UPDATED]
    return {
        "count_completed": F("count_completed") + done,
        "count_error": F("count_error") + outcomes[Outcome.FAILED],
        "count_total": F("count_total") - outcomes[Outcome.SKIPPED],
    }


def _update(pairs: Sequence[tuple[StagedRecord, RecordOutcome]]) -> None:
    rows = [
        (
            *(verdict.outcome.value, verdict.code, verdict.message),
            *(verdict.target_id, record.pk),
        )
        for record, verdict in pairs
    ]
    update_rows(ImportRecord, ("outcome", "code", "message", "target_id"), rows)
