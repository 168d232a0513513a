"""Dates in query strings."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_moment(text: str) -> datetime:
    """Return a date or date and time in ISO 8601 form, in UTC.

    Raises:
        ValueError: The text is neither, or out of range.
    """
    try:
        # A plus sign in a query string is decoded as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
