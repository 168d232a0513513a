"""Reconciliation of an import as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Final

from config.files.csv_cells import safe_cell
from imports_app.models import ImportOperation, ImportRecord
from imports_app.reports.reconciliation import Counts, lines_by_kind, room_lines

HEADER: Final = (
    *("section", "name", "id", "type", "outcome", "found", "selected", "imported"),
    *("updated", "unchanged", "skipped", "failed", "not processed"),
    *("in the workspace", "note"),
)


def write_reconciliation(operation: ImportOperation) -> str:
    """Return a table with a line for each kind, then one for each room's messages."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    for line in lines_by_kind(operation):
        writer.writerow(
            ["kind", line.kind.value, "", "", "", *_numbers(line.counts), ""]
        )
    rows = list(ImportRecord.objects.rooms_of(operation.pk))
    for room in room_lines(operation, rows):
        cells = (room.name, room.import_id, room.type, room.outcome.value)
        writer.writerow(
            [
                *("room", *map(safe_cell, cells)),
                *(*_numbers(room.counts), safe_cell(room.note)),
            ]
        )
    return text.getvalue()


def _numbers(counts: Counts) -> list[str]:
    numbers = (
        *(counts.found, counts.selected, counts.imported, counts.updated),
        *(counts.unchanged, counts.skipped, counts.failed, counts.not_processed),
        counts.in_workspace,
    )
    return ["" if number is None else str(number) for number in numbers]
