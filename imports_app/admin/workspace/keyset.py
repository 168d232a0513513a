"""Keyset pagination of messages, without counts and offsets."""

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
class PagePosition:
    """Position of a page in a list; at most one field is set."""

    before: int | None = None
    after: int | None = None
    around: int | None = None
    day: date | None = None
    is_start: bool = False

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Parse a query string; ignore invalid values."""
        return cls(
            before=parse_key(query, "before"),
            after=parse_key(query, "after"),
            around=parse_key(query, "around"),
            day=parse_day(query, "date"),
            is_start="start" in query,
        )


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page of messages in order, and whether there are more before and after."""

    messages: list[Message]
    has_earlier: bool = False
    has_later: bool = False
    focus: Message | None = None
    """The message that the URL links to."""


def parse_key(query: QueryDict, name: str) -> int | None:
    """Return a primary key from a query string, or `None`."""
    text = query.get(name, "")
    is_key = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_KEY
    return int(text) if is_key else None


def parse_day(query: QueryDict, name: str) -> date | None:
    """Return a date from a query string, or `None`."""
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None


def start_of_day(day: date) -> datetime:
    """Return the start of a day in UTC."""
    return datetime.combine(day, time(), UTC)


def read_page(
    messages: MessageQuerySet, everything: MessageQuerySet, place: PagePosition
) -> ReadPage:
    """Return the page at a position; the last page by default.

    Args:
        messages: Messages of the list, oldest first.
        everything: Messages that `place` may refer to.
        place: The requested position.
    """
    if (key := place.around) is not None:
        return _around(messages, _find_anchor(everything, key))
    if (key := place.before) is not None:
        anchor = _find_anchor(everything, key)
        return replace(_last(messages.before_message(anchor)), has_later=True)
    if (key := place.after) is not None:
        anchor = _find_anchor(everything, key)
        return replace(_first(messages.after_message(anchor)), has_earlier=True)
    if place.day is not None:
        page = _first(messages.since(start_of_day(place.day)))
        if page.messages:
            earlier = messages.before_message(page.messages[0])
            return replace(page, has_earlier=earlier.exists())
    if place.is_start:
        return _first(messages)
    return _last(messages.reverse())


def _find_anchor(everything: MessageQuerySet, key: int) -> Message:
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
