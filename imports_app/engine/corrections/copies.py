"""Corrections of an import, for the import of its rest."""

from __future__ import annotations

from typing import Final

from imports_app.engine.corrections.staged import (
    messages_part,
    original_of,
    update_messages_part,
    write_corrected,
)
from imports_app.errors import SourceError
from imports_app.models import Correction, ImportRecord
from imports_app.records import Kind, record_of

CORRECTIONS_LOST: Final = "importer-corrections-not-applied"


def copy_corrections(earlier_id: int, operation_id: int) -> None:
    """Correct the records of an import like those of an earlier one of the same file.

    Raises:
        SourceError: The file was read differently.
    """
    for one in Correction.objects.before_run(earlier_id):
        record = _record_for(operation_id, one)
        original = original_of(record)
        write_corrected(record, record_of(Kind(record.kind), one.data))
        part, is_in_spool = one.part, one.item is not None
        if part is not None and not is_in_spool:
            part = messages_part(operation_id)
        Correction.objects.create(
            operation_id=operation_id,
            record_id=record.pk,
            cells=one.cells,
            data=one.data,
            original=original,
            part=part,
            item=one.item,
            made_by=one.made_by,
            made_at=one.made_at,
        )
        if part is not None and not is_in_spool:
            update_messages_part(operation_id)


def _record_for(operation_id: int, correction: Correction) -> ImportRecord:
    """Return the record that was read like the one of a correction."""
    original = correction.original
    record = ImportRecord(
        operation_id=operation_id,
        **{
            name: original[name]
            for name in (
                *("kind", "import_id", "data", "search_text", "guess"),
                *("source_file", "source_line"),
            )
        },
    )
    if correction.item is not None:
        return record
    same = ImportRecord.objects.of_kind(operation_id, record.kind).filter(
        import_id=record.import_id,
        source_file=record.source_file,
        source_line=record.source_line,
    )
    for found in same:
        if found.data == record.data:
            return found
    raise SourceError(
        CORRECTIONS_LOST,
        "The file was read differently than before, so that the corrections of records"
        " can't be applied. Import the file again and correct the records.",
    )
