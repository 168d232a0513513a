"""Paging by offset, as Rocket.Chat's lists have it (wire-api.md 7.2)."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.db.models import QuerySet

from config.api.input.fields import Number, Params
from config.api.wire import JSONDict
from config.errors import DomainError


class InvalidSortError(DomainError):
    """The `sort` is no object of field names and directions."""

    code: ClassVar[str] = "error-invalid-sort"


class InvalidFieldsError(DomainError):
    """The `fields` is no object of field names and ones, or zeros."""

    code: ClassVar[str] = "error-invalid-fields"


class OffsetParams(Params):
    """Where in a list to begin, and how far to go."""

    offset = Number(default=0, help_text="Rows to leave out.")
    count = Number(
        default=50,
        help_text="Rows in an answer; 0 asks for as many as API_COUNT_LIMIT allows.",
    )


def page_of(rows: QuerySet[Any], *, offset: int, count: int) -> list[Any]:
    """Return a page of the rows, of at most API_COUNT_LIMIT; so many for a count of 0.

    Upstream answers everything for 0 by default; a list of 40,000 users took 19 s.
    """
    limit: int = settings.API_COUNT_LIMIT
    return list(rows[offset : offset + min(count or limit, limit)])


def read_sort(text: str, known: dict[str, str]) -> list[str]:
    """Return the columns to order by, for `{"name": -1, "_id": 1}`.

    Args:
        text: What the caller sent.
        known: The columns, by their wire names.

    Raises:
        InvalidSortError: It names something else, or no direction.
    """
    sort = _object_of(text)
    if sort is None or not all(
        name in known and value in (1, -1) for name, value in sort.items()
    ):
        msg = f"Invalid sort parameter provided: {text!r}. Known: {', '.join(known)}"
        raise InvalidSortError(msg)
    return [("-" if value == -1 else "") + known[name] for name, value in sort.items()]


def read_fields(text: str) -> dict[str, bool]:
    """Return what to show, or what to leave out, for `{"name": 1}` or `{"name": 0}`.

    Raises:
        InvalidFieldsError: It is another thing, or a mixture of both.
    """
    fields = _object_of(text)
    if fields is None or len(set(map(repr, fields.values()))) > 1:
        raise _invalid_fields(text)
    if not all(type(value) is int and value in (0, 1) for value in fields.values()):
        raise _invalid_fields(text)
    return {name: bool(value) for name, value in fields.items()}


def project(document: JSONDict, fields: dict[str, bool]) -> JSONDict:
    """Return the part of a document that `fields` asks for; the `_id` always stays."""
    if not fields:
        return document
    shows = next(iter(fields.values()))
    return {
        name: value
        for name, value in document.items()
        if name == "_id" or (name in fields) == shows
    }


def _invalid_fields(text: str) -> InvalidFieldsError:
    return InvalidFieldsError(f"Invalid fields parameter provided: {text!r}")


def _object_of(text: str) -> JSONDict | None:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
