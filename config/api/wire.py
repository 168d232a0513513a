"""JSON types and date formats of the API (wire-api.md 1.1, 3.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

JSONValue: TypeAlias = Any
JSONDict: TypeAlias = dict[str, JSONValue]

_EPOCH: Final = datetime(1970, 1, 1)
_MILLISECOND: Final = timedelta(milliseconds=1)


def iso_ms(moment: datetime) -> str:
    """Return a datetime in JavaScript's format: `2021-10-27T11:26:24.430Z`."""
    return _naive_utc(moment).isoformat(timespec="milliseconds") + "Z"


def epoch_ms(moment: datetime) -> int:
    """Return a datetime in milliseconds since 1970."""
    return (_naive_utc(moment) - _EPOCH) // _MILLISECOND


def drop_none(document: JSONDict) -> JSONDict:
    """Remove properties without a value; the API omits them instead of `null`."""
    return {key: value for key, value in document.items() if value is not None}


def _naive_utc(moment: datetime) -> datetime:
    """Return a datetime in UTC without a time zone, as in SQLite's rows."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)
