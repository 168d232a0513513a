"""Reporting of existing rooms that are archived in the source only.

A room that was archived in the source may still be in use. So an import archives
existing rooms only if its initiator selects this.
"""

from __future__ import annotations

from typing import Final

from imports_app.importers.base import Report
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind

STAYS_ACTIVE: Final = "importer-room-stays-active"
"""Code of room records that match a room that is not archived."""
STAYS_ACTIVE_NOTE: Final = (
    "The room is archived in the source but stays active here. Archive it manually if"
    " needed."
)
_MESSAGE: Final = (
    "Existing rooms stay active, although they are archived in the source. To archive"
    " them, select the option before the start, or archive them manually."
)


def report_active_rooms(operation: ImportOperation, report: Report) -> None:
    """Report the records of existing rooms that were not archived."""
    report.warnings.pop(STAYS_ACTIVE, None)
    records = ImportRecord.objects.of_kind(operation.pk, Kind.CHANNEL)
    places = records.filter(code=STAYS_ACTIVE)
    for file, line in places.values_list("source_file", "source_line").iterator():
        report.warn(STAYS_ACTIVE, _MESSAGE, file=file, line=line)
