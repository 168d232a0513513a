"""Reporting of users who are deactivated here but active in the source.

A user may be deactivated because of an earlier import, or manually. The two cannot be
distinguished, so imports never activate users and report them instead.
"""

from __future__ import annotations

from typing import Final

from imports_app.engine.matching.users import TargetUser
from imports_app.importers.base import Report
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind, UserRecord

STAYS_DEACTIVATED: Final = "importer-user-stays-deactivated"
"""Code of user records that match a deactivated user."""
NOTE: Final = (
    "The user is active in the source but stays deactivated here. Activate the user"
    " manually if needed."
)
_MESSAGE: Final = (
    "Deactivated users stay deactivated, although they are active in the source."
    " Activate them manually if needed."
)


def stays_deactivated(target: TargetUser, record: UserRecord) -> bool:
    """Return whether an existing user is deactivated but active in the source."""
    return record.is_deleted is False and not target.user.is_active


def report_deactivated(operation: ImportOperation, report: Report) -> None:
    """Report the records that match deactivated users."""
    report.warnings.pop(STAYS_DEACTIVATED, None)
    records = ImportRecord.objects.of_kind(operation.pk, Kind.USER)
    places = records.filter(code=STAYS_DEACTIVATED)
    for file, line in places.values_list("source_file", "source_line").iterator():
        report.warn(STAYS_DEACTIVATED, _MESSAGE, file=file, line=line)
