"""People who are active in the source and deactivated here.

An account may be deactivated because an earlier export said so, or because somebody
deactivated it by hand; nothing tells the two apart for certain, so an import activates
nobody, and says whom it did not.
"""

from __future__ import annotations

from typing import Final

from imports_app.engine.matching.users import Account
from imports_app.importers.base import Report
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind, UserRecord

STAYS_DEACTIVATED: Final = "importer-user-stays-deactivated"
"""The code of user records that match a deactivated account."""
NOTE: Final = (
    "The user is active in the source, and stays deactivated here: activate the account"
    " by hand if it should be used again."
)
_MESSAGE: Final = (
    "Accounts that are deactivated here stay so, although the source has them as"
    " active: activate them by hand if they should be used again."
)


def stays_deactivated(account: Account, record: UserRecord) -> bool:
    """Tell whether somebody should know that an account is not activated."""
    return record.is_deleted is False and not account.user.is_active


def note_deactivated(operation: ImportOperation, report: Report) -> None:
    """Note in a report which records stand for deactivated accounts."""
    report.warnings.pop(STAYS_DEACTIVATED, None)
    records = ImportRecord.objects.of_kind(operation.pk, Kind.USER)
    places = records.filter(code=STAYS_DEACTIVATED)
    for file, line in places.values_list("source_file", "source_line").iterator():
        report.warn(STAYS_DEACTIVATED, _MESSAGE, file=file, line=line)
