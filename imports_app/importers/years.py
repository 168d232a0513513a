"""Plausible years of messages: other times are misread or invalid."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from time import gmtime
from typing import Final


def is_plausible_time(milliseconds: int) -> bool:
    """Return whether a time is from 1990 to the end of next year."""
    if _FIRST <= milliseconds < _SURE_END:  # nearly all
        return True
    return _FIRST <= milliseconds < _end_of(gmtime().tm_year)


def _in_milliseconds(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000


@cache
def _end_of(year: int) -> int:
    """Return the first millisecond after the following year."""
    return _in_milliseconds(year + 2)


_FIRST: Final = _in_milliseconds(1990)
"""Earliest plausible time of a message."""
_SURE_END: Final = _end_of(gmtime().tm_year)
"""Latest plausible time at process start; the real limit is the same or later."""
