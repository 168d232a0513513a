"""Conversion of a source's times to datetimes that the database can store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_FIRST: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def is_moment(milliseconds: int) -> bool:
    """Return whether a time in milliseconds since 1970 can be stored."""
    return _FIRST <= milliseconds <= _LAST


def moment_of(milliseconds: int | None) -> datetime | None:
    """Convert milliseconds to a datetime; `None` if it can't be stored."""
    if milliseconds is None or not is_moment(milliseconds):
        return None
    return _EPOCH + timedelta(milliseconds=milliseconds)
