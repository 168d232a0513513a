"""Times as people and spreadsheets write them (importers.md 2.5).

A time is read if it can mean one moment only. What rests on a guess says so, and
everything else is not read: numbers outside the years that chats are from, numbers that
a spreadsheet has shortened, dates whose order of day and month nothing proves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

from imports_app.importers.years import is_of_chats

IN_SECONDS: Final = "importer-time-in-seconds"
WITHOUT_ZONE: Final = "importer-time-without-zone"
EXCEL_NUMBER: Final = "importer-time-excel"
DAY_ORDER: Final = "importer-time-day-order"
GUESSES: Final = {
    IN_SECONDS: "Times were read as seconds since 1970: they have too few digits for"
    " milliseconds.",
    WITHOUT_ZONE: "Times without a time zone were read as UTC. Add the zone, as in"
    " 2020-09-13T12:26:40+02:00, to be sure.",
    EXCEL_NUMBER: "Numbers were read as the days that Excel counts, in UTC. Format the"
    " column as text and write ISO 8601 to be sure.",
    DAY_ORDER: "Dates whose order of day and month is unclear were read in the order of"
    " the other dates of the file. Write ISO 8601 to be sure.",
}
"""What the report says of each guess, by its code."""

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
    """What comes first in the dates of a file."""

    DAY = "day"
    MONTH = "month"


class Time(NamedTuple):
    """A time, and the guess that it rests on."""

    milliseconds: int | None
    """Since 1970; `None` if it can't be read."""
    guess: str = ""
    """A key of `GUESSES`, or empty."""


UNREADABLE: Final = Time(None)


def read_time(text: str, order: DayOrder | None = None) -> Time:
    """Read one time.

    Args:
        text: Milliseconds or seconds since 1970, ISO 8601 (extended or basic), a date
            with a time of day, or the number of a day in Excel.
        order: What `find_day_order` returns for the file.
    """
    if len(text) == 13 and text.isdecimal() and text.isascii():  # by far the most
        return _checked(int(text))
    text = text.strip()
    if (number := _NUMBER.fullmatch(text)) is not None:
        return _of_number(number[1], number[2] or "")
    if (date := _DATE.fullmatch(text)) is not None:
        return _of_date(date, order)
    try:
        return _of_moment(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return UNREADABLE


def find_day_order(texts: Iterable[str]) -> DayOrder | None:
    """Return which order of day and month the dates of a file prove.

    A day after the twelfth proves it. `None` if nothing does, or if both are proven.
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
    """Tell whether a date begins with a day or a month, so that the order matters."""
    date = _DATE.fullmatch(text.strip())
    return date is not None and len(date[1]) <= 2


def _of_number(digits: str, fraction: str) -> Time:
    value = Decimal(digits + fraction.rstrip("."))
    milliseconds = _checked(int(value))
    if milliseconds.milliseconds is not None:
        return milliseconds
    seconds = _checked(int(value * 1000), IN_SECONDS)
    if seconds.milliseconds is not None:
        return seconds
    if not fraction and (compact := _COMPACT.fullmatch(digits)) is not None:
        return _parsed(f"{compact[1]}T{compact[2]}")
    if not fraction and len(digits) == 8:
        return _parsed(digits)
    if len(digits) == 5:
        # Rounded, as 0.1 of a day is no number of the binary system.
        since = round(value * _MILLISECONDS_A_DAY)
        return _checked(_in_milliseconds(_EXCEL_EPOCH) + since, EXCEL_NUMBER)
    return UNREADABLE


def _of_date(date: re.Match[str], order: DayOrder | None) -> Time:
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
    return _checked(_in_milliseconds(moment), guess)


def _order_of(date: re.Match[str]) -> DayOrder | None:
    if len(date[1]) > 2 or len(date[4]) != 4:
        return None
    if int(date[1]) > 12:
        return DayOrder.DAY
    return DayOrder.MONTH if int(date[3]) > 12 else None


def _parsed(text: str) -> Time:
    try:
        return _of_moment(datetime.fromisoformat(text))
    except ValueError:
        return UNREADABLE


def _of_moment(moment: datetime) -> Time:
    guess = ""
    if moment.tzinfo is None:
        moment, guess = moment.replace(tzinfo=UTC), WITHOUT_ZONE
    return _checked(_in_milliseconds(moment), guess)


def _checked(milliseconds: int, guess: str = "") -> Time:
    """Return a time, unless it is out of the years that chats are from."""
    return Time(milliseconds, guess) if is_of_chats(milliseconds) else UNREADABLE


def _in_milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
