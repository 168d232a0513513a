"""Records that can be corrected, by their keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from imports_app.engine.corrections.parts import read_corrected_part
from imports_app.errors import CorrectionInvalidError, SourceError
from imports_app.models import (
    Correction,
    ImportOperation,
    ImportPart,
    ImportRecord,
    Outcome,
)
from imports_app.records import Kind, MessageRecord, RoomType, data_of
from imports_app.services.corrections.rows import CSV, cells_of, columns_of
from imports_app.statuses import Status

Place: TypeAlias = tuple[int, int]
"""Position of a message's part, and place of the message in it."""
_KEY: Final = re.compile(r"([0-9]{1,18})|([0-9]{1,9})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class CorrectableRecord:
    """Record with its original and corrected values."""

    operation: ImportOperation
    record: ImportRecord
    """Not saved if it is a message of the spool that is not corrected yet."""
    correction: Correction | None = None
    place: Place | None = None
    """Place of a message in the spool."""

    @property
    def key(self) -> str:
        """Key in addresses."""
        if self.place is not None:
            return "{}-{}".format(*self.place)
        return key_of(self.record, self.correction)

    @property
    def original(self) -> ImportRecord:
        """The record as it was read, not saved."""
        values = None if self.correction is None else self.correction.original
        if values is None:
            return self.record
        return ImportRecord(operation=self.operation, pk=self.record.pk, **values)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return columns_of(self.operation, self.record)

    @property
    def original_cells(self) -> list[str]:
        """The values that were read."""
        return cells_of(self.operation, self.original)

    @property
    def cells(self) -> list[str]:
        """The corrected values, or else the original ones."""
        if self.correction is None:
            return self.original_cells
        return list(self.correction.cells)

    @property
    def revision(self) -> int:
        """Revision of the correction; 0 if there is none."""
        return 0 if self.correction is None else self.correction.revision


def key_of(record: ImportRecord, correction: Correction | None) -> str:
    """Return the key of a stored record in addresses."""
    if correction is not None and correction.item is not None:
        return f"{correction.part}-{correction.item}"
    return str(record.pk)


def is_reviewed(operation: ImportOperation) -> bool:
    """Return whether the import is waiting for its review."""
    return operation.is_in_progress and operation.status == Status.USER_SELECTION


def can_correct(operation: ImportOperation, record: ImportRecord) -> bool:
    """Return whether a record can be corrected, for the run or for a retry.

    Its row has a known layout, and it waits for the run, could not be read, or failed
    in a run that has ended.
    """
    if not columns_of(operation, record):
        return False
    if record.is_unreadable and operation.importer_key != CSV:
        return False
    if record.kind == Kind.CHANNEL and record.data.get("type") == RoomType.DIRECT:
        return False
    is_failed = record.outcome == Outcome.FAILED
    if is_reviewed(operation):
        is_read = record.outcome == Outcome.STAGED
        return is_read or (is_failed and record.is_unreadable)
    has_run = bool(operation.run_started_at) and not operation.is_in_progress
    return has_run and is_failed


def find_record(operation: ImportOperation, key: str) -> CorrectableRecord | None:
    """Return the record with a key, or `None`.

    Raises:
        CorrectionInvalidError: The storage of uploads is unavailable.
    """
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    if found[1] is None:
        return _find_message(operation, (int(found[2]), int(found[3])))
    records = ImportRecord.objects.filter(operation=operation)
    record = records.filter(pk=int(found[1])).first()
    return None if record is None else correctable(operation, record)


def correctable(operation: ImportOperation, record: ImportRecord) -> CorrectableRecord:
    """Return a stored record with its correction. One query."""
    correction = Correction.objects.filter(record_id=record.pk).first()
    place = None
    if correction is not None and correction.item is not None:
        place = (correction.part or 0, correction.item)
    return CorrectableRecord(operation, record, correction, place)


def _find_message(operation: ImportOperation, place: Place) -> CorrectableRecord | None:
    """Return a message of the spool."""
    position, item = place
    corrections = Correction.objects.of_part(operation.pk, position)
    correction = corrections.filter(item=item).first()
    if correction is not None:
        record = ImportRecord.objects.filter(pk=correction.record_id).first()
        if record is None:
            return None
        return CorrectableRecord(operation, record, correction, place)
    if not is_reviewed(operation):
        return None
    parts = ImportPart.objects.of_operation(operation.pk)
    part = parts.filter(position=position, size__gt=0).first()
    if part is None or item >= part.messages:
        return None
    try:
        found = read_corrected_part(operation, part).items[item]
    except (OSError, SourceError) as error:
        raise CorrectionInvalidError(
            "The messages of the import can't be read at the moment. Try again later."
        ) from error
    message = cast("MessageRecord", found.record)
    record = ImportRecord(
        operation=operation,
        kind=Kind.MESSAGE,
        import_id=message.import_id[:255],
        data=data_of(message),
        search_text="",
        guess=found.guess,
        source_file=found.file[:500],
        source_line=found.line,
    )
    return CorrectableRecord(operation, record, None, place)
