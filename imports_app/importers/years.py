"""The years that chats are from: a time outside of them is misread or made up."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from time import gmtime
from typing import Final


def is_of_chats(milliseconds: int) -> bool:
    """Tell whether a time is from 1990 to the end of the next year."""
    if _FIRST <= milliseconds < _SURE_END:  # nearly all
        return True
    return _FIRST <= milliseconds < _end_of(gmtime().tm_year)


def _in_milliseconds(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000


@cache
def _end_of(year: int) -> int:
    """Return the first millisecond after the year that follows."""
    return _in_milliseconds(year + 2)


_FIRST: Final = _in_milliseconds(1990)
"""Before it, nobody chatted in what exports come from."""
_SURE_END: Final = _end_of(gmtime().tm_year)
"""The end when the process started: it can only be later now."""
