"""Report of an operation as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from config.files.csv_cells import safe_cell
from imports_app.models import ImportOperation
from imports_app.reports.operation_report import (
    OUTCOMES,
    KindRow,
    Row,
    Value,
    report_of,
)

HEADER: Final = ("section", "name", "value", "code", "place", "details")


def write_report(operation: ImportOperation) -> str:
    """Return the report as CSV: one table, with the section in the first column."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    for section, row in _rows(operation):
        cells = (row.name, _text(row.value), row.code, row.place, row.details)
        writer.writerow([section, *map(safe_cell, cells)])
    return text.getvalue()


def _rows(operation: ImportOperation) -> Iterator[tuple[str, Row]]:
    """Yield the section and the content of each line."""
    report = report_of(operation)
    sections = {
        "import": report.facts,
        "records": [row for kind in report.kinds for row in _counts(kind)],
        "contents": report.contents,
        "findings": report.findings,
        "guesses": report.guesses,
        "failures": report.failures,
    }
    for section, rows in sections.items():
        for row in rows:
            yield section, row
    if report.other_reasons:
        yield "failures", Row("Other reasons", report.other_reasons)


def _counts(kind: KindRow) -> Iterator[Row]:
    """Yield a line for each count of a kind."""
    yield Row(f"{kind.name}: found", kind.found, code=f"{kind.kind}.found")
    for outcome, number in zip(OUTCOMES, kind.numbers, strict=True):
        name = f"{kind.name}: {outcome.label}"
        yield Row(name, number, code=f"{kind.kind}.{outcome.value}")
    name = f"{kind.name}: not processed"
    yield Row(name, kind.unprocessed, code=f"{kind.kind}.not_processed")
    yield Row(f"{kind.name}: guessed", kind.guessed, code=f"{kind.kind}.guessed")


def _text(value: Value) -> str:
    """Return a value for a cell; times in ISO 8601 and UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return str(value)
