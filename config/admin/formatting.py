"""Formatting of list cells and read-only fields: times, durations, numbers, links."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def format_time(value: datetime | None, *, missing: str = "-") -> str:
    """Return a time in UTC to the minute, with the exact time in its title.

    `local_times.js` converts it to the viewer's time zone.
    """
    if value is None:
        return missing
    value = value.astimezone(UTC)
    return format_html(
        '<time class="moment" datetime="{}" title="{}">{} UTC</time>',
        value.isoformat(),
        _exact(value),
        f"{value:%Y-%m-%d %H:%M}",
    )


def format_milliseconds(value: int | None, *, missing: str = "-") -> str:
    """Return milliseconds since 1970 as a time, or as a number if no year has them."""
    if value is None:
        return missing
    try:
        return format_time(datetime.fromtimestamp(value / 1000, UTC))
    except (OverflowError, OSError, ValueError):
        return wrapped(str(value))


def format_clock(value: datetime | None, *, day: date, missing: str = "") -> str:
    """Return a time in UTC below a heading of its day. Other days add their date.

    It stays in UTC, as the heading does; `local_times.js` adds the time in the viewer's
    time zone to the title.
    """
    if value is None:
        return missing
    value = value.astimezone(UTC)
    return format_html(
        '<time class="clock" datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        _exact(value),
        f"{value:%H:%M}" if value.date() == day else f"{value:%Y-%m-%d %H:%M}",
    )


def format_time_text(text: str) -> str:
    """Return a date and time that Django has formatted as a `<time>` element."""
    try:
        value = datetime.strptime(text, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        return text
    return format_html(
        '<time class="moment to-the-second" datetime="{}" title="{}">{}</time>',
        *(value.isoformat(), text, text),
    )


def format_age(value: datetime | None, *, missing: str = "-") -> str:
    """Return how long ago a time was. A script updates it without announcements."""
    if value is None:
        return missing
    length = max(timezone.now() - value, timedelta())
    return format_html(
        '<time class="ago" aria-live="off" datetime="{}" title="{}" data-seconds="{}"'
        ' data-units="{}" data-pattern="{}">{}</time>',
        *(value.astimezone(UTC).isoformat(), _exact(value)),
        int(length.total_seconds()),
        "|".join((_("%d d"), _("%d h"), _("%d min"), _("%d s"))),
        *(_("%s ago"), _("%s ago") % format_duration(length)),
    )


def _exact(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def format_duration(length: timedelta) -> str:
    """Return a duration in its two largest units, such as `3 min 4 s`."""
    seconds = max(0, int(length.total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = (
        (days, _("%d d")),
        (hours, _("%d h")),
        (minutes, _("%d min")),
        (seconds, _("%d s")),
    )
    first = next((index for index, part in enumerate(parts) if part[0]), len(parts) - 1)
    return " ".join(
        text % amount
        for index, (amount, text) in enumerate(parts[first : first + 2])
        if amount or index == 0
    )


def days_until(value: datetime) -> str:
    """Return the number of days until a time."""
    days = (value - timezone.now()).days
    if days < 1:
        return _("within a day")
    return ngettext("in %d day", "in %d days", days) % days


def format_number(number: int) -> str:
    """Return a number with thousands separators."""
    return number_format(number, force_grouping=True)


def truncated(text: str) -> str:
    """Return a text that is truncated to its column, with the full text as title."""
    return format_html('<span class="cut" title="{}">{}</span>', text, text)


def wrapped(text: str) -> str:
    """Return a text that may wrap."""
    return format_html('<span class="wrapping">{}</span>', text)


def link(href: str, text: object) -> str:
    """Return a styled link."""
    return format_html('<a class="cell-link" href="{}">{}</a>', href, text)
