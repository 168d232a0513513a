"""Times as people write them into CSV files (importers.md 2.5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_DIGITS: Final = re.compile(r"\s*+([0-9]++)(?!-)")


class Time(NamedTuple):
    """A time, and whether it was taken for seconds."""

    milliseconds: int | None
    """Since 1970; `None` if it can't be read."""
    was_in_seconds: bool = False


def read_time(text: str) -> Time:
    """Read milliseconds since 1970, seconds since then, or ISO 8601.

    Milliseconds are read up to the first other letter, as upstream does; 9 to 11
    digits are seconds. Without an offset an ISO time is UTC.
    """
    if (match := _DIGITS.match(text)) is not None:
        digits = match[1]
        if 9 <= len(digits) <= 11:
            return Time(int(digits) * 1000, was_in_seconds=True)
        number = int(digits[:20])
        return Time(number if number <= _LAST else None)
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return Time((moment - _EPOCH) // _MILLISECOND)
    except (ValueError, OverflowError):
        return Time(None)
