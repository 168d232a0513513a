"""Replies to messages that are not there (importers.md 3.6)."""

from __future__ import annotations

from imports_app.importers.base import Report
from imports_app.models import ImportOperation, ImportRecord, Message
from imports_app.records import Kind


def note_rootless_replies(operation: ImportOperation, report: Report) -> None:
    """Note in a report how many replies stand alone in the operation's rooms.

    They keep the id of what they reply to: a later import may bring it.
    """
    rooms = ImportRecord.objects.of_kind(operation.pk, Kind.CHANNEL)
    targets = rooms.filter(target_id__isnull=False).values("target_id")
    alone = Message.objects.rootless_replies(targets.order_by()).count()
    report.warnings.pop(_CODE, None)
    if alone:
        report.warn(_CODE, _MESSAGE)
        report.warnings[_CODE]["count"] = alone


_CODE = "importer-thread-without-root"
_MESSAGE = (
    "Replies whose thread begins with a message that is not in the export are shown as"
    " ordinary messages."
)
