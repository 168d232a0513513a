"""Import operations as the wire shows them (wire-api.md 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.api.wire import JSONDict, drop_none, epoch_ms, iso_ms

if TYPE_CHECKING:
    from imports_app.latest import LatestOperation
    from imports_app.models import ImportOperation


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
