"""Reporting of replies whose thread is missing (importers.md 3.6)."""

from __future__ import annotations

from imports_app.importers.base import Report
from imports_app.models import ImportOperation, ImportRecord, Message
from imports_app.records import Kind


def report_missing_threads(operation: ImportOperation, report: Report) -> None:
    """Report the number of replies without a first message in the operation's rooms.

    They keep the thread's ID, because a later import may add the first message.
    """
    rooms = ImportRecord.objects.of_kind(operation.pk, Kind.CHANNEL)
    targets = rooms.filter(target_id__isnull=False).values("target_id")
    alone = Message.objects.replies_without_root(targets.order_by()).count()
    report.warnings.pop(_CODE, None)
    if alone:
        report.warn(_CODE, _MESSAGE)
        report.warnings[_CODE]["count"] = alone


_CODE = "importer-thread-without-root"
_MESSAGE = (
    "Replies are shown as ordinary messages if the first message of their thread is"
    " not in the source. Import the missing messages to restore the threads."
)
