"""Validation of import operations of other servers.

`ts` and `_updatedAt` are numbers or ISO texts, `_id` has 17 or 24 characters, and
unknown keys are kept (rocketchat-live.md 6, wire-api.md 8.3).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from imports_app.remote.replies import Document

_LONGEST_ID: Final = 64
_LONGEST_NAME: Final = 255
_MOST_DOCUMENT_CHARACTERS: Final = 20_000
_DEEPEST: Final = 20
_LARGEST: Final = 2**31 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
COUNTS: Final = (
    *("total", "completed", "error"),
    *("users", "channels", "messages", "contacts"),
)
_WORKING: Final = (
    *("importer_uploading", "importer_downloading", "importer_preparing"),
    *("importer_importing", "importer_finishing"),
)


@dataclass(frozen=True, slots=True)
class ObservedOperation:
    """Import operation of another server."""

    public_id: str
    importer_name: str
    importer_key: str
    created_at: datetime
    status: str
    is_valid: bool
    user_id: str
    updated_at: datetime
    content_type: str
    file_name: str
    counts: dict[str, int]
    """The counters of `COUNTS` that have a value."""
    document: Document
    """The complete document; only the fields above if it is too large."""


def read_operation(document: Document) -> ObservedOperation | None:
    """Return an operation, or `None` without an ID, a status and a time."""
    key = document.get("_id")
    status = _text(document.get("status"), _LONGEST_ID)
    updated_at = read_moment(document.get("_updatedAt"))
    created_at = read_moment(document.get("ts")) or updated_at
    updated_at = updated_at or created_at
    if not isinstance(key, str) or not 0 < len(key) <= _LONGEST_ID:
        return None
    if not key.isalnum() or not status or created_at is None or updated_at is None:
        return None
    return ObservedOperation(
        public_id=key,
        importer_name=_text(document.get("type"), 100),
        importer_key=_text(document.get("importerKey"), 100),
        created_at=created_at,
        status=status,
        is_valid=document.get("valid") is True,
        user_id=_text(document.get("user"), _LONGEST_ID),
        updated_at=updated_at,
        content_type=_text(document.get("contentType"), _LONGEST_NAME),
        file_name=_text(document.get("file"), _LONGEST_NAME),
        counts=read_counts(document.get("count")),
        document=_limited(document),
    )


def read_counts(value: Any) -> dict[str, int]:
    """Return the counters that have a plausible value."""
    if not isinstance(value, dict):
        return {}
    return {
        name: number
        for name in COUNTS
        if isinstance(number := value.get(name), int)
        and not isinstance(number, bool)
        and 0 <= number <= _LARGEST
    }


def is_working(operation: ObservedOperation) -> bool:
    """Return whether the server is processing the operation."""
    return operation.is_valid and operation.status.startswith(_WORKING)


def read_moment(value: Any) -> datetime | None:
    """Return a time that is milliseconds since 1970, ISO 8601 or extended JSON."""
    if isinstance(value, dict):
        value = value.get("$date")
    try:
        if isinstance(value, str) and len(value) <= _LONGEST_ID:
            moment = datetime.fromisoformat(value)
            moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = _EPOCH + timedelta(milliseconds=int(value))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    if not _EPOCH <= moment < _LATEST:
        return None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _text(value: Any, length: int) -> str:
    return str(_clean(value[:length])) if isinstance(value, str) else ""


def _limited(document: Document) -> Document:
    """Return a document that can be stored, without values that are too large."""
    kept: Document = {}
    left = _MOST_DOCUMENT_CHARACTERS
    for name, value in document.items():
        cleaned = _clean(value)
        size = len(name) + len(json.dumps(cleaned))
        if size <= left:
            kept[str(_clean(name))] = cleaned
            left -= size
    return kept


def _clean(value: Any, depth: int = 0) -> Any:
    """Return a JSON value without characters and numbers that databases reject."""
    if isinstance(value, str):
        text = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        return text.encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if depth >= _DEEPEST and isinstance(value, dict | list):
        return None
    if isinstance(value, dict):
        return {str(_clean(k)): _clean(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean(one, depth + 1) for one in value]
    return value
