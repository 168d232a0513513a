"""Content of the report of an operation, for printing and for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.admin.formatting import format_number
from imports_app.error_catalog import explanation_of
from imports_app.error_catalog.fact_labels import fact_label, sort_facts
from imports_app.models import (
    FileDownload,
    ImportOperation,
    ImportRecord,
    KindChoice,
    Outcome,
)
from imports_app.records import Kind
from imports_app.reports.importer_labels import importer_of

Value: TypeAlias = str | int | datetime

MOST_REASONS: Final = 100
"""Reasons of failures that are listed, the most frequent ones."""
OUTCOMES: Final = tuple(one for one in Outcome if one is not Outcome.STAGED)
_ORDER: Final = list(Kind)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the report."""

    name: str
    value: Value
    code: str = ""
    """Stable name of the subject."""
    place: str = ""
    """First places in the source, as `file:line`."""
    details: str = ""

    @property
    def text(self) -> str:
        """Formatted value."""
        if isinstance(self.value, datetime):
            return f"{self.value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        return format_number(self.value) if isinstance(self.value, int) else self.value


@dataclass(frozen=True, slots=True)
class KindRow:
    """Counts of one kind of records."""

    name: str
    kind: str
    found: int
    numbers: tuple[int, ...]
    """Numbers of records by outcome, in the order of `OUTCOMES`."""
    unprocessed: int
    guessed: int


@dataclass(frozen=True, slots=True)
class OperationReport:
    """The report of an operation."""

    facts: list[Row]
    kinds: list[KindRow]
    contents: list[Row]
    findings: list[Row]
    guesses: list[Row]
    failures: list[Row]
    other_reasons: int
    """Number of reasons that are not listed."""


def report_of(operation: ImportOperation) -> OperationReport:
    """Return the report of an operation in its present state. Four queries."""
    report = operation.report
    counted = ImportRecord.objects.failures_by_code(operation.pk)
    listed = counted[:MOST_REASONS]
    examples = ImportRecord.objects.defer("data").in_bulk(row.first for row in listed)
    kinds = sorted(
        operation.kind_counts.all(), key=lambda count: _ORDER.index(Kind(count.kind))
    )
    return OperationReport(
        facts=list(_facts(operation)),
        kinds=[
            KindRow(
                capfirst(str(KindChoice(count.kind).label)),
                count.kind,
                count.staged,
                tuple(getattr(count, outcome) for outcome in OUTCOMES),
                count.unprocessed,
                count.guessed,
            )
            for count in kinds
        ],
        contents=[
            Row(fact_label(fact), report["facts"][fact], code=fact)
            for fact in sort_facts(report.get("facts", {}))
        ],
        findings=_notes(report.get("warnings", {})),
        guesses=_notes(report.get("guesses", {})),
        failures=[
            _failure(row.code, row.records, examples[row.first])
            for row in listed
            if row.first in examples
        ],
        other_reasons=len(counted) - len(listed),
    )


def _facts(operation: ImportOperation) -> Iterator[Row]:
    """Yield the known facts about the operation."""
    trial = operation.trial_messages if operation.is_trial else None
    running, waiting = operation.running_time, operation.waiting_time
    rows: tuple[tuple[str, str, Value | None], ...] = (
        ("id", _("ID"), operation.public_id),
        ("importer", _("Importer"), importer_of(operation)),
        ("status", _("Status"), str(operation.overall_status.label)),
        ("file", _("File"), operation.file_name),
        ("size", _("File size in bytes"), operation.file_size),
        ("sha256", _("SHA-256"), operation.file_digest),
        ("started_by", _("Started by"), str(operation.user or operation.user_id or "")),
        ("started", _("Started"), operation.created_at),
        ("run_started", _("Run started"), operation.run_started_at),
        ("finished", _("Finished"), operation.finished_at),
        (
            "running_seconds",
            _("Running time in seconds"),
            None if running is None else round(running.total_seconds()),
        ),
        (
            "waiting_seconds",
            _("Waiting time in seconds"),
            None if waiting is None else round(waiting.total_seconds()),
        ),
        (
            "retry_of",
            _("Retry of"),
            operation.parent.public_id if operation.parent else "",
        ),
        (
            "rest_of",
            _("Rest of"),
            operation.rest_of.public_id if operation.rest_of else "",
        ),
        ("trial_run", _("Messages of each room in the trial run"), trial),
        ("linked_files", _("Linked files downloaded"), _coverage_of(operation)),
        ("error_code", _("Error code"), operation.error_code),
        ("error", _("Error"), operation.error_message),
    )
    for code, name, value in rows:
        if value is not None and value != "":
            yield Row(name, value, code=code)


def _coverage_of(operation: ImportOperation) -> str:
    """Return how many linked files were downloaded before the run, if any."""
    download: FileDownload | None = getattr(operation, "file_download", None)
    return "" if download is None else download.coverage


def _notes(notes: dict[str, dict[str, Any]]) -> list[Row]:
    """Return findings or guesses, with the number of occurrences."""
    return [
        Row(
            str(explanation_of(code).title),
            note["count"],
            code=code,
            place="; ".join(map(_place_of_example, note["examples"])),
            details=_(note["message"]),
        )
        for code, note in notes.items()
    ]


def _failure(code: str, records: int, example: ImportRecord) -> Row:
    """Return a reason with the number of records, and the first one as example."""
    explanation = explanation_of(code)
    shown = _("Example: %s") % example.message if example.message else ""
    details = (str(explanation.meaning), str(explanation.hint), shown)
    return Row(
        str(explanation.title),
        records,
        code=code,
        place=_place(example.source_file, example.source_line),
        details=" ".join(filter(None, details)),
    )


def _place_of_example(example: dict[str, Any]) -> str:
    return _place(str(example["file"]), example["line"])


def _place(file: str, line: int | None) -> str:
    return f"{file}:{line}" if line else file
