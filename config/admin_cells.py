"""What list cells and read-only fields show: moments, spans, sizes, links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def moment(value: datetime | None, *, missing: str = "-") -> str:
    """Return a moment in UTC, exact to the minute; the seconds are in its title."""
    if value is None:
        return missing
    value = value.astimezone(UTC)
    return format_html(
        '<time class="moment" datetime="{}" title="{}">{} UTC</time>',
        value.isoformat(),
        f"{value:%Y-%m-%d %H:%M:%S} UTC",
        f"{value:%Y-%m-%d %H:%M}",
    )


def span(length: timedelta) -> str:
    """Return a length of time in its two largest units, such as `3 min 4 s`."""
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
    """Say in how many days a moment comes."""
    days = (value - timezone.now()).days
    if days < 1:
        return _("within a day")
    return ngettext("in %d day", "in %d days", days) % days


def grouped(number: int) -> str:
    """Return a number with its thousands set apart."""
    return number_format(number, force_grouping=True)


def cut(text: str) -> str:
    """Return a text that is cut where its column ends; its title has all of it."""
    return format_html('<span class="cut" title="{}">{}</span>', text, text)


def wrapping(text: str) -> str:
    """Return a text that may take several lines."""
    return format_html('<span class="wrapping">{}</span>', text)


def link(href: str, text: object) -> str:
    """Return a link that looks like one in light and dark."""
    return format_html('<a class="cell-link" href="{}">{}</a>', href, text)
