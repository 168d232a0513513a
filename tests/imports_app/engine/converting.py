"""Helpers that import records without a source."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.lease import Lease
from imports_app.engine.run_start import begin_run
from imports_app.engine.staging import stage_all
from imports_app.importers.base import Report
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import (
    ChannelRecord,
    MessageRecord,
    RoomType,
    SourceItem,
    UserRecord,
)
from imports_app.selection.rules import EVERYTHING, Selection
from imports_app.services.operations import create_operation
from imports_app.statuses import PREPARING, Status
from imports_app.transitions import Actor, move_operation


def user(import_id: str, **fields: Any) -> UserRecord:
    """Return a user record."""
    return UserRecord(import_ids=(import_id,), **fields)


def room(name: str, kind: RoomType = RoomType.PUBLIC, **fields: Any) -> ChannelRecord:
    """Return a room record."""
    return ChannelRecord(
        **{"import_ids": (f"{kind}-{name}",), "type": kind, "name": name, **fields}
    )


def direct(*people: str) -> ChannelRecord:
    """Return a direct room's record."""
    return ChannelRecord(
        import_ids=("/".join(people),), type=RoomType.DIRECT, members=people
    )


def message(room_id: str, author: str, text: str, number: int = 1) -> MessageRecord:
    """Return a message record."""
    return MessageRecord(
        import_id=f"m-{number}",
        room=room_id,
        author=author,
        text=text,
        sent_at=1_600_000_000_000 + number,
    )


def stage(initiator: User, *records: Any, importer: str = "csv") -> ImportOperation:
    """Stage the records and wait for the selection."""
    actor = Actor(initiator)
    operation = create_operation(
        actor=actor, importer_key=importer, importer_name=importer
    )
    move_operation(operation=operation, to=Status.PREPARING_STARTED, actor=actor)
    lease = Lease.take(operation.pk, PREPARING, jobs.no_op)
    assert lease is not None
    stage_all(operation, map(SourceItem, records), Report(), lease)
    assert operation.status == Status.USER_SELECTION
    return operation


def convert(
    initiator: User,
    *records: Any,
    importer: str = "csv",
    selection: Selection = EVERYTHING,
) -> ImportOperation:
    """Import the records, or those that are selected."""
    operation = stage(initiator, *records, importer=importer)
    run(operation, selection)
    return operation


def run(operation: ImportOperation, selection: Selection = EVERYTHING) -> None:
    """Import the selected records."""
    begin_run(operation=operation, selection=selection, actor=Actor(operation.user))
    jobs.run(operation.pk)
    operation.refresh_from_db()
    assert operation.status == Status.DONE


def outcomes(operation: ImportOperation) -> list[tuple[str, str]]:
    """Return outcome and code of the remaining records."""
    rows = ImportRecord.objects.filter(operation=operation).order_by("id")
    return list(rows.values_list("outcome", "code"))


def notes(operation: ImportOperation) -> str:
    """Return the messages of all records."""
    rows = ImportRecord.objects.filter(operation=operation).order_by("id")
    return " ".join(filter(None, rows.values_list("message", flat=True)))
