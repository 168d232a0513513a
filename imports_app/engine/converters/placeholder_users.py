"""Report of placeholder users who have no record in the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from accounts.models import User
from imports_app.importers.base import Report
from imports_app.models import ImportOperation

_CREATED: Final = "importer-placeholders-created"
_MESSAGE: Final = (
    "Deactivated placeholder users were created for these members of direct messages,"
    " because the source does not list them as users."
)


def report_placeholders(operation_id: int, users: Mapping[str, User]) -> None:
    """Report new users in the transaction that creates them.

    Args:
        operation_id: The key of the operation.
        users: The users by their names in the source.
    """
    operation = ImportOperation.objects.only("report").get(pk=operation_id)
    report = Report(**(operation.report or {}))
    for name, user in users.items():
        place = f"{user.username} ({name[:60]})" if name != user.username else name
        report.warn(_CREATED, _MESSAGE, file=place)
    ImportOperation.objects.filter(pk=operation_id).update(report=report.as_json())
