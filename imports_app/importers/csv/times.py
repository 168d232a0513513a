"""Parsing of times in common formats (importers.md 2.5).

A time is read only if it is unambiguous, and guesses are reported. Not read are numbers
outside the plausible years, numbers that a spreadsheet has shortened, and dates whose
order of day and month cannot be determined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

from imports_app.importers.years import is_plausible_time

IN_SECONDS: Final = "importer-time-in-seconds"
WITHOUT_ZONE: Final = "importer-time-without-zone"
EXCEL_NUMBER: Final = "importer-time-excel"
DAY_ORDER: Final = "importer-time-day-order"
GUESSES: Final = {
    IN_SECONDS: "Times were read as seconds since 1970, because they have too few"
    " digits for milliseconds.",
    WITHOUT_ZONE: "Times without a time zone were read as UTC. To be sure, add the time"
    " zone, such as 2020-09-13T12:26:40+02:00.",
    EXCEL_NUMBER: "Numbers were read as Excel dates in UTC. To be sure, format the"
    " column as text and write ISO 8601.",
    DAY_ORDER: "Dates with an unclear order of day and month were read in the order of"
    " the file's other dates. To be sure, write ISO 8601.",
}
"""Message of each guess, by code."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_EPOCH: Final = datetime(1899, 12, 30, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MILLISECONDS_A_DAY: Final = 86_400_000
_NUMBER: Final = re.compile(r"([0-9]{1,18})(\.[0-9]{0,12})?")
_COMPACT: Final = re.compile(r"((?:19|20)[0-9]{6})T?([0-9]{6})")
_DATE: Final = re.compile(
    r"([0-9]{1,4})([./-])([0-9]{1,2})\2([0-9]{1,4})"
    r"(?:[T ,]{1,2}([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?)?"
)


class DayOrder(Enum):
    """Order of day and month in the dates of a file."""

    DAY = "day"
    MONTH = "month"


class Time(NamedTuple):
    """Time with the guess that it depends on."""

    milliseconds: int | None
    """Since 1970; `None` if it can't be read."""
    guess: str = ""
    """A key of `GUESSES`, or empty."""


UNREADABLE: Final = Time(None)


def read_time(text: str, order: DayOrder | None = None) -> Time:
    """Parse one time.

    Args:
        text: Milliseconds or seconds since 1970, ISO 8601 (extended or basic), a date
            with a time of day, or the number of a day in Excel.
        order: What `find_day_order` returns for the file.
    """
    if len(text) == 13 and text.isdecimal() and text.isascii():  # the most frequent
        return _if_plausible(int(text))
    text = text.strip()
    if (number := _NUMBER.fullmatch(text)) is not None:
        return _parse_number(number[1], number[2] or "")
    if (date := _DATE.fullmatch(text)) is not None:
        return _parse_date(date, order)
    try:
        return _convert_datetime(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return UNREADABLE


def find_day_order(texts: Iterable[str]) -> DayOrder | None:
    """Detect the order of day and month in the dates of a file.

    A day after the twelfth determines it. `None` if no date does, or if dates
    contradict each other.
    """
    found: set[DayOrder] = set()
    for text in texts:
        date = _DATE.fullmatch(text.strip())
        if date is not None and (proven := _order_of(date)) is not None:
            found.add(proven)
            if len(found) > 1:
                return None
    return found.pop() if found else None


def is_day_first_or_month_first(text: str) -> bool:
    """Return whether a date begins with a day or month, so that the order matters."""
    date = _DATE.fullmatch(text.strip())
    return date is not None and len(date[1]) <= 2


def describe_unreadable(text: str) -> str:
    """Return why a time was not read, and what to write."""
    if (date := _DATE.fullmatch(text.strip())) is not None and _is_unordered(date):
        return (
            f"The order of day and month in the timestamp {text[:40]!r} is not clear."
            " Write ISO 8601, such as 2020-09-13T12:26:40Z."
        )
    return (
        f"The timestamp {text[:40]!r} is not valid. Use milliseconds since 1970 or ISO"
        " 8601 with a time zone, such as 2020-09-13T12:26:40Z."
    )


def _is_unordered(date: re.Match[str]) -> bool:
    """Return whether a date can be read with the day or the month first."""
    return all(_parse_date(date, order).guess == DAY_ORDER for order in DayOrder)


def _parse_number(digits: str, fraction: str) -> Time:
    value = Decimal(digits + fraction.rstrip("."))
    milliseconds = _if_plausible(int(value))
    if milliseconds.milliseconds is not None:
        return milliseconds
    seconds = _if_plausible(int(value * 1000), IN_SECONDS)
    if seconds.milliseconds is not None:
        return seconds
    if not fraction and (compact := _COMPACT.fullmatch(digits)) is not None:
        return _parse_iso(f"{compact[1]}T{compact[2]}")
    if not fraction and len(digits) == 8:
        return _parse_iso(digits)
    if len(digits) == 5:
        # Rounded, because fractions of a day are not exact in binary.
        since = round(value * _MILLISECONDS_A_DAY)
        return _if_plausible(_in_milliseconds(_EXCEL_EPOCH) + since, EXCEL_NUMBER)
    return UNREADABLE


def _parse_date(date: re.Match[str], order: DayOrder | None) -> Time:
    first, _mark, second, third, hour, minute, seconds, fraction, half = date.groups()
    guess = WITHOUT_ZONE
    if len(first) == 4:
        year, month, day = first, second, third
    elif len(third) == 4 and len(first) <= 2:
        proven = _order_of(date)
        if proven is None and first != second:
            guess = DAY_ORDER
            proven = order
        elif proven is None:
            proven = DayOrder.DAY
        if proven is None:
            return UNREADABLE
        day, month = (first, second) if proven is DayOrder.DAY else (second, first)
        year = third
    else:
        return UNREADABLE
    hours = int(hour or 0)
    if half is not None:
        if not 1 <= hours <= 12:
            return UNREADABLE
        hours = hours % 12 + (12 if half in "pP" else 0)
    try:
        moment = datetime(
            *(int(year), int(month), int(day), hours),
            *(int(minute or 0), int(seconds or 0), int(f"{fraction or 0:0<6}")),
            tzinfo=UTC,
        )
    except ValueError:
        return UNREADABLE
    return _if_plausible(_in_milliseconds(moment), guess)


def _order_of(date: re.Match[str]) -> DayOrder | None:
    if len(date[1]) > 2 or len(date[4]) != 4:
        return None
    if int(date[1]) > 12:
        return DayOrder.DAY
    return DayOrder.MONTH if int(date[3]) > 12 else None


def _parse_iso(text: str) -> Time:
    try:
        return _convert_datetime(datetime.fromisoformat(text))
    except ValueError:
        return UNREADABLE


def _convert_datetime(moment: datetime) -> Time:
    guess = ""
    if moment.tzinfo is None:
        moment, guess = moment.replace(tzinfo=UTC), WITHOUT_ZONE
    return _if_plausible(_in_milliseconds(moment), guess)


def _if_plausible(milliseconds: int, guess: str = "") -> Time:
    """Return a time, or `UNREADABLE` if it is outside the plausible years."""
    return Time(milliseconds, guess) if is_plausible_time(milliseconds) else UNREADABLE


def _in_milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
