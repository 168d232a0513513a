"""Snapshots of an import's results, for comparing runs."""

from __future__ import annotations

from typing import Any

from accounts.models import EmailAddress, ImportId, User
from imports_app.models import (
    ImportOperation,
    ImportRecord,
    KindCount,
    Message,
    Room,
    RoomImportId,
)
from tests.archives.workspace import read_rooms, read_slack_rooms


def snapshot(operation: ImportOperation) -> dict[str, Any]:
    """Return the database's content, without keys and times."""
    records = ImportRecord.objects.filter(operation=operation)
    return {
        "rooms": read_rooms(),
        "slack rooms": read_slack_rooms(),
        "counted": sorted(
            (room.name or "", room.display_name, room.message_count)
            for room in Room.objects.all()
        ),
        "room ids": sorted(RoomImportId.objects.values_list("value", flat=True)),
        "messages": sorted(Message.objects.values_list("import_id", flat=True)),
        "users": sorted(
            User.objects.values_list("username", "name", "is_active", "kind")
        ),
        "addresses": sorted(EmailAddress.objects.values_list("address", flat=True)),
        "ids": sorted(ImportId.objects.values_list("user__username", "value")),
        "records": sorted(
            records.values_list("kind", "source_file", "source_line", "outcome", "code")
        ),
        "counts": sorted(
            KindCount.objects.filter(operation=operation).values_list(
                *("kind", "staged", "imported", "updated"),
                *("unchanged", "skipped", "failed", "unprocessed"),
            )
        ),
        "counters": operation.counters,
        "status": operation.status,
    }


def assert_outcomes_sum(operation: ImportOperation) -> None:
    """Check that every record is counted with exactly one outcome."""
    for count in KindCount.objects.filter(operation=operation):
        completed = count.imported + count.updated + count.unchanged
        tried = completed + count.skipped + count.failed
        assert count.staged == tried + count.unprocessed, count.kind


def wipe(keep: User) -> None:
    """Delete the results of all imports."""
    Message.objects.all().delete()
    Room.objects.all().delete()
    ImportOperation.objects.all().delete()
    User.objects.exclude(pk=keep.pk).delete()
