"""Import operations as the wire shows them (wire-api.md 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.api.wire import JSONDict, drop_none, epoch_ms, iso_ms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imports_app.latest import LatestOperation
    from imports_app.models import ImportOperation, OperationEvent


def operation(op: ImportOperation | LatestOperation) -> JSONDict:
    """One import operation, in the seed's key order; absent fields are absent."""
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


def _count(op: ImportOperation | LatestOperation) -> JSONDict:
    """Return the counters written so far."""
    return drop_none(
        {
            "total": op.count_total,
            "completed": op.count_completed,
            "error": op.count_error,
            "users": op.count_users,
            "channels": op.count_channels,
            "messages": op.count_messages,
            "contacts": op.count_contacts,
        }
    )


def operation_details(
    op: ImportOperation, events: Iterable[OperationEvent]
) -> JSONDict:
    """One import operation with its state, its error and its timeline."""
    document = operation(op)
    document["state"] = op.state.value
    if op.file_size is not None:
        document["fileSize"] = op.file_size
    if op.heartbeat_at is not None:
        document["heartbeatAt"] = iso_ms(op.heartbeat_at)
    if op.error_code:
        document["error"] = {"code": op.error_code, "message": op.error_message}
    document["timeline"] = [_event(event) for event in events]
    return document


def _event(event: OperationEvent) -> JSONDict:
    """One change: `user` is absent when the server itself made it."""
    return drop_none(
        {
            "ts": epoch_ms(event.created_at),
            "user": event.actor.public_id if event.actor else None,
            "from": event.from_status or None,
            "to": event.to_status,
            "valid": event.is_valid,
            "count": event.counters or None,
        }
    )
