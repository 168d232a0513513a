"""Where in a long list of messages a page is, by keys: no counting, no skipping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Final, Self

from django.http import Http404, QueryDict

from imports_app.models import Message
from imports_app.querysets.workspace import MessageQuerySet

PAGE: Final = 50
_LONGEST_KEY: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What an address asks for; at most one of these is given."""

    before: int | None = None
    after: int | None = None
    around: int | None = None
    day: date | None = None
    is_start: bool = False

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Read the address; what can't be read is not asked for."""
        return cls(
            before=key_in(query, "before"),
            after=key_in(query, "after"),
            around=key_in(query, "around"),
            day=day_in(query, "date"),
            is_start="start" in query,
        )


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Messages in the order of time, and whether there are more on each side."""

    messages: list[Message]
    has_earlier: bool = False
    has_later: bool = False
    focus: Message | None = None
    """The message that the address leads to."""


def key_in(query: QueryDict, name: str) -> int | None:
    """Return a row's key in an address."""
    text = query.get(name, "")
    is_key = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_KEY
    return int(text) if is_key else None


def day_in(query: QueryDict, name: str) -> date | None:
    """Return a day in an address."""
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None


def beginning_of(day: date) -> datetime:
    """Return the first moment of a day in UTC."""
    return datetime.combine(day, time(), UTC)


def read_page(
    messages: MessageQuerySet, everything: MessageQuerySet, place: Place
) -> ReadPage:
    """Read the page that an address asks for; the last one if it asks for none.

    Args:
        messages: What the list shows, the oldest first.
        everything: Where the message is that the address names.
        place: The address.
    """
    if (key := place.around) is not None:
        return _around(messages, _named(everything, key))
    if (key := place.before) is not None:
        anchor = _named(everything, key)
        return replace(_last(messages.before_message(anchor)), has_later=True)
    if (key := place.after) is not None:
        anchor = _named(everything, key)
        return replace(_first(messages.after_message(anchor)), has_earlier=True)
    if place.day is not None:
        page = _first(messages.since(beginning_of(place.day)))
        if page.messages:
            earlier = messages.before_message(page.messages[0])
            return replace(page, has_earlier=earlier.exists())
    if place.is_start:
        return _first(messages)
    return _last(messages.reverse())


def _named(everything: MessageQuerySet, key: int) -> Message:
    anchor = everything.find_by_key(key)
    if anchor is None:
        raise Http404
    return anchor


def _first(messages: MessageQuerySet) -> ReadPage:
    rows = list(messages.with_authors()[: PAGE + 1])
    return ReadPage(rows[:PAGE], has_later=len(rows) > PAGE)


def _last(backwards: MessageQuerySet) -> ReadPage:
    rows = list(backwards.with_authors()[: PAGE + 1])
    return ReadPage(rows[:PAGE][::-1], has_earlier=len(rows) > PAGE)


def _around(messages: MessageQuerySet, focus: Message) -> ReadPage:
    half = PAGE // 2
    earlier = list(messages.before_message(focus).with_authors()[: half + 1])
    later = list(messages.after_message(focus).with_authors()[: half + 1])
    return ReadPage(
        [*earlier[:half][::-1], focus, *later[:half]],
        has_earlier=len(earlier) > half,
        has_later=len(later) > half,
        focus=focus,
    )
