"""Moments: the present as exact as the wire tells it, and what databases return."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.utils import timezone


def now_in_milliseconds() -> datetime:
    """Return the present in UTC, cut to whole milliseconds.

    What is stored then reads the same as an ISO text and as epoch milliseconds.
    """
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def in_utc(moment: datetime) -> datetime:
    """Return an aware datetime; one without a time zone is UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins in UTC."""
    return datetime.combine(day, time.min, UTC)
