"""Tables of outcomes and records that `import_file` prints after a run."""

from __future__ import annotations

from typing import Final

from rich.table import Table

from imports_app.health.progress import get_progress
from imports_app.models import ImportOperation, ImportRecord, KindChoice

MOST_FAILED: Final = 50
MOST_NOTED: Final = 10


def outcomes(operation: ImportOperation) -> tuple[Table, int]:
    """Return the outcomes by kind, and the number of failed records."""
    table = Table(
        *("Kind", "Found", "Imported", "Updated", "Unchanged"),
        *("Skipped", "Failed", "Not processed", "Guessed"),
    )
    failures = 0
    for count in get_progress(operation).kinds:
        numbers = (
            *(count.staged, count.imported, count.updated, count.unchanged),
            *(count.skipped, count.failed, count.unprocessed, count.guessed),
        )
        table.add_row(str(KindChoice(count.kind).label), *map(str, numbers))
        failures += count.failed
    return table, failures


def failed_records(operation: ImportOperation) -> Table:
    """Return the first failed records with place and reason."""
    table = Table("Failed record", "File", "Line", "Reason")
    for record in ImportRecord.objects.failed(operation.pk)[:MOST_FAILED]:
        table.add_row(
            str(record),
            record.source_file,
            str(record.source_line or ""),
            f"{record.message} [{record.code}]",
        )
    return table


def noted_records(operation: ImportOperation) -> tuple[Table, int]:
    """Return the first notes on imported records, and the number of all notes.

    Notes describe differences from the source, such as a renamed room.
    """
    noted = ImportRecord.objects.noted(operation.pk)
    table = Table("Imported record", "Note")
    for record in noted[:MOST_NOTED]:
        table.add_row(str(record), record.message)
    return table, noted.count()
