"""Dates and times in UTC with the precision of the API."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.utils import timezone


def now_in_milliseconds() -> datetime:
    """Return the current time in UTC, truncated to milliseconds.

    Stored values are then equal as ISO text and as epoch milliseconds.
    """
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def in_utc(moment: datetime) -> datetime:
    """Return an aware datetime; a naive one is in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def midnight(day: date) -> datetime:
    """Return the start of a day in UTC."""
    return datetime.combine(day, time.min, UTC)
