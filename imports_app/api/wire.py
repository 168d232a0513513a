"""JSON documents of import operations (wire-api.md 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.api.wire import JSONDict, drop_none, epoch_ms, iso_ms
from imports_app.downloads.addresses import redacted
from imports_app.importers.detection.kinds import DETECTED_KIND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imports_app.api.operation_rows import OperationRow
    from imports_app.engine.undo.preview import UndoPreview
    from imports_app.health.progress import Progress
    from imports_app.models import (
        ChangedRecord,
        FileDownload,
        ImportOperation,
        ImportPlan,
        LinkedFile,
        Message,
        MirroredOperation,
        OperationEvent,
        PartialUpload,
        PlannedRecord,
        SourceChanges,
    )
    from imports_app.reports.reconciliation import Counts, RoomLine


_COUNTS: Final = (
    *("total", "completed", "error"),
    *("users", "channels", "messages", "contacts"),
)
_NO_COUNTS: Final = (None,) * len(_COUNTS)


def operation(op: ImportOperation | OperationRow | MirroredOperation) -> JSONDict:
    """Return an operation in Rocket.Chat's key order, without empty fields."""
    document: JSONDict = {
        "_id": op.public_id,
        "type": op.importer_name,
        "importerKey": op.importer_key,
        "ts": epoch_ms(op.created_at),
        "status": op.status,
        "valid": op.is_valid,
        "user": op.user_id,
        "_updatedAt": iso_ms(op.updated_at),
    }
    if op.content_type:
        document["contentType"] = op.content_type
    if op.file_name:
        document["file"] = op.file_name
    if count := _count(op):
        document["count"] = count
    return document


def uploaded(op: ImportOperation) -> JSONDict:
    """Return the operation of an upload, with the kind of file if it was detected."""
    note = op.report.get("warnings", {}).get(DETECTED_KIND)
    return drop_none({"operation": operation(op), "detected": note and note["message"]})


def upload(one: PartialUpload) -> JSONDict:
    """Return a resumable upload."""
    return drop_none(
        {
            "_id": one.public_id,
            "fileName": one.file_name,
            "size": one.size,
            "offset": one.offset,
            "ts": epoch_ms(one.created_at),
            "expiresAt": iso_ms(one.expires_at),
            "operation": one.operation and one.operation.public_id,
        }
    )


def _count(op: ImportOperation | OperationRow | MirroredOperation) -> JSONDict:
    """Return the counters that have a value."""
    counts = (
        op.count_total,
        op.count_completed,
        op.count_error,
        op.count_users,
        op.count_channels,
        op.count_messages,
        op.count_contacts,
    )
    if counts == _NO_COUNTS:
        return {}
    return drop_none(dict(zip(_COUNTS, counts, strict=True)))


def operation_details(
    op: ImportOperation, progress: Progress, events: Iterable[OperationEvent]
) -> JSONDict:
    """Return an operation with its state, progress and timeline."""
    document = operation(op)
    document["state"] = op.state.value
    if op.file_size is not None:
        document["fileSize"] = op.file_size
    if op.file_digest:
        document["fileDigest"] = op.file_digest
    if op.parent is not None:
        document["undoOf" if op.is_undo else "retryOf"] = op.parent.public_id
    if op.undo_state:
        document["undoState"] = op.undo_state
    if op.rest_of is not None:
        document["restOf"] = op.rest_of.public_id
    if op.is_trial:
        document["trialMessages"] = op.trial_messages
    if op.heartbeat_at is not None:
        document["heartbeatAt"] = iso_ms(op.heartbeat_at)
    if op.finished_at is not None:
        document["finishedAt"] = iso_ms(op.finished_at)
    if op.running_time is not None:
        document["runningSeconds"] = round(op.running_time.total_seconds(), 3)
    document["progress"] = _progress(op, progress)
    if options := {
        name: value
        for name, value in op.reading_options.items()
        if name != "remembered"
    }:
        document["readingOptions"] = options
    if op.report:
        document["report"] = op.report
    if op.error_code:
        document["error"] = {"code": op.error_code, "message": op.error_message}
    document["timeline"] = [_event(event) for event in events]
    return document


def _progress(op: ImportOperation, progress: Progress) -> JSONDict:
    """Return the progress; rate and estimated end only if they are known."""
    rate, age = progress.records_per_second, progress.heartbeat_age
    return drop_none(
        {
            "phase": op.status.removeprefix("importer_"),
            "kinds": {
                count.kind: {
                    "staged": count.staged,
                    "imported": count.imported,
                    "updated": count.updated,
                    "unchanged": count.unchanged,
                    "skipped": count.skipped,
                    "failed": count.failed,
                    "notProcessed": count.unprocessed,
                    "guessed": count.guessed,
                }
                for count in progress.kinds
            },
            "recordsPerSecond": None if rate is None else round(rate, 1),
            "estimatedEnd": progress.ends_at and iso_ms(progress.ends_at),
            "heartbeatAge": None if age is None else round(age.total_seconds(), 1),
            "stalled": progress.is_stalled,
            "workers": [
                {"heartbeatAge": round(age.total_seconds(), 1)}
                for age in progress.worker_ages
            ],
        }
    )


def file_download(row: FileDownload | None) -> JSONDict:
    """Return the state and the numbers of a download of linked files."""
    if row is None:
        return {"state": "none"}
    return drop_none(
        {
            "state": row.state,
            "found": row.found,
            "stored": row.stored,
            "gone": row.gone,
            "failed": row.failed,
            "waiting": row.waiting,
            "startedAt": iso_ms(row.started_at),
            "finishedAt": row.finished_at and iso_ms(row.finished_at),
            "error": row.error or None,
        }
    )


def linked_file(row: LinkedFile) -> JSONDict:
    """Return a linked file with the result of its download."""
    return drop_none(
        {
            "id": row.source_id,
            "name": row.name or None,
            "size": row.size,
            "address": redacted(row.url),
            "state": row.state,
            "code": row.code or None,
            "message": row.reason or None,
            "room": row.room,
            "messageId": row.message,
            "file": row.source_file or None,
            "line": row.source_line,
        }
    )


def undo_preview(preview: UndoPreview) -> JSONDict:
    """Return the numbers of removed, restored and kept rows, without zeros."""
    rows = preview.rows
    return {
        "removed": {kind.value: removed for kind, removed, _r, _k in rows if removed},
        "restored": {kind.value: back for kind, _r, back, _k in rows if back},
        "kept": [
            {
                "kind": kind.value,
                "number": number,
                "code": reason.code,
                "message": reason.message,
            }
            for (kind, reason), number in preview.kept.items()
        ],
        "unchecked": {kind.value: number for kind, number in preview.unchecked.items()},
    }


def plan(row: ImportPlan) -> JSONDict:
    """Return a preview; totals and digest once it is complete."""
    if not row.is_complete:
        return {"state": "computing", "planned": row.planned}
    return drop_none(
        {
            "state": "complete",
            "planned": row.planned,
            "digest": row.digest,
            "computedAt": row.finished_at and iso_ms(row.finished_at),
            **row.totals,
        }
    )


def changes(row: SourceChanges) -> JSONDict:
    """Return a comparison; numbers once it is complete."""
    return drop_none(
        {
            "state": "complete" if row.is_complete else "computing",
            "compared": row.compared,
            "since": row.earlier and row.earlier.public_id,
            "sinceTs": row.earlier and epoch_ms(row.earlier.created_at),
            "computedAt": row.finished_at and iso_ms(row.finished_at),
            "numbers": row.numbers or None,
        }
    )


def changed_record(row: ChangedRecord, message: Message | None) -> JSONDict:
    """Return a new, changed or gone record.

    Args:
        row: The record.
        message: The message, if it is one that still exists.
    """
    return drop_none(
        {
            "kind": row.kind,
            "effect": row.effect,
            "name": row.name,
            "fields": row.field_names or None,
            "roomId": message and message.room.public_id,
            "ts": message and epoch_ms(message.sent_at),
        }
    )


def reconciled(counts: Counts) -> JSONDict:
    """Return the counts of a kind, or of the messages of a room."""
    return drop_none(
        {
            "found": counts.found,
            "selected": counts.selected,
            "imported": counts.imported,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
            "skipped": counts.skipped,
            "failed": counts.failed,
            "notProcessed": counts.not_processed,
            "inWorkspace": counts.in_workspace,
        }
    )


def planned_record(row: PlannedRecord, *, may_view: bool) -> JSONDict:
    """Return the planned effect of an import on a user or room.

    Args:
        row: The planned record.
        may_view: Whether the caller may view all users or rooms.
    """
    return drop_none(
        {
            "key": str(row.record_id),
            "kind": row.kind,
            "importId": row.record.import_id,
            "effect": row.effect,
            "outcome": row.outcome,
            "code": row.code or None,
            "message": row.message_for(may_view=may_view) or None,
            "matchedBy": row.matched_by or None,
            "target": row.target_for(may_view=may_view) or None,
            "changes": row.changes_for(may_view=may_view) or None,
            "file": row.record.source_file or None,
            "line": row.record.source_line,
        }
    )


def reconciled_room(line: RoomLine) -> JSONDict:
    """Return a room with the counts of its messages."""
    return drop_none(
        {
            "importId": line.import_id,
            "name": line.name or None,
            "type": line.type,
            "outcome": line.outcome.value,
            "message": line.note or None,
            "roomId": line.room.public_id if line.room is not None else None,
            "messages": reconciled(line.counts),
        }
    )


def stream_event(event: OperationEvent, operation: str) -> JSONDict:
    """Return a timeline event with the ID of its operation."""
    return {"operation": operation, **_event(event)}


def progress_event(op: ImportOperation, progress: Progress) -> JSONDict:
    """Return the progress of an operation."""
    return drop_none(
        {
            "operation": op.public_id,
            "status": op.status,
            "count": _count(op) or None,
            "progress": _progress(op, progress),
        }
    )


def _event(event: OperationEvent) -> JSONDict:
    """Return a timeline event; `user` is absent for changes by the server."""
    return drop_none(
        {
            "ts": epoch_ms(event.created_at),
            "user": event.actor.public_id if event.actor else None,
            "from": event.from_status or None,
            "to": event.to_status,
            "valid": event.is_valid,
            "count": event.counters or None,
            "undo": event.undo_state or None,
            "corrected": event.corrected or None,
            "correctionRemoved": event.is_correction_removed or None,
        }
    )
