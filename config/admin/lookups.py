"""Allowed query parameters of admin lists and limits of their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import starmap
from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.filters import (
    BooleanFieldListFilter,
    ChoicesFieldListFilter,
    RelatedFieldListFilter,
)
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponseBadRequest
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import RangeDateFilter

MAX_SEARCH_LENGTH: Final = 200
MAX_SEARCH_WORDS: Final = 20
"""Each word adds a condition on every searched column."""
_MAX_VALUE_LENGTH: Final = 1_000
_MAX_QUERY_LENGTH: Final = 10_000
_MAX_VALUES: Final = 50
_PRESERVED_FILTERS: Final = "_changelist_filters"
"""A complete query string that pages pass on. The list validates it on use."""
_KEY: Final = re.compile(r"[0-9]{1,18}")
_YEAR: Final = re.compile(r"[12][0-9]{3}")
_PART_OF_YEAR: Final = re.compile(r"[0-9]{1,2}")
_DATE_PARTS: Final = {"year": _YEAR, "month": _PART_OF_YEAR, "day": _PART_OF_YEAR}


def is_key(text: str) -> bool:
    """Return whether a text is a valid primary key."""
    return _KEY.fullmatch(text) is not None


def parameters_of(list_filters: Iterable[Any]) -> Iterator[str]:
    """Yield the query parameters that a list's filters read.

    Raises:
        ImproperlyConfigured: The parameters of a filter class are unknown.
    """
    for item in list_filters:
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            yield str(item.parameter_name)
            continue
        path, filter_class = item if isinstance(item, (tuple, list)) else (item, object)
        yield from _field_parameters(path, filter_class)


def _field_parameters(path: str, filter_class: type) -> tuple[str, ...]:
    if issubclass(filter_class, (BooleanFieldListFilter, ChoicesFieldListFilter)):
        return (f"{path}__exact",)
    if issubclass(filter_class, RelatedFieldListFilter):
        return (f"{path}__id__exact",)
    if issubclass(filter_class, RangeDateFilter):
        return (f"{path}_from", f"{path}_to")
    msg = f"The query parameters of the filter for {path!r} are not declared."
    raise ImproperlyConfigured(msg)


def parameters_of_dates(field: str | None) -> Iterator[str]:
    """Yield the query parameters of a list's date hierarchy."""
    return (f"{field}__{part}" for part in _DATE_PARTS if field)


def is_lookup_value(lookup: str, value: Any) -> bool:
    """Return whether a declared parameter may have this value.

    Django's own checks accept keys and years out of range, which raise errors later.
    """
    if lookup.endswith("__id__exact"):
        return is_key(str(value))
    pattern = _DATE_PARTS.get(lookup.rpartition("__")[2])
    return pattern is None or pattern.fullmatch(str(value)) is not None


def is_searchable(text: str) -> bool:
    """Return whether the database can run a search."""
    is_short = len(text) <= MAX_SEARCH_LENGTH and "\0" not in text
    return is_short and len(text.split()) <= MAX_SEARCH_WORDS


def check_addresses(
    patterns: Iterable[URLPattern | URLResolver],
) -> list[URLPattern | URLResolver]:
    """Return URL patterns whose views validate keys and query parameters first."""
    checked = list(patterns)
    for pattern in checked:
        if isinstance(pattern, URLPattern):
            pattern.callback = _checked(pattern.callback)
    return checked


def _checked(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def checked_view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_key(str(kwargs.get("object_id", "0"))):
            raise Http404
        if not all(starmap(_is_valid, request.GET.lists())):
            return HttpResponseBadRequest(_("The URL has an invalid parameter."))
        return view(request, *args, **kwargs)

    return checked_view


def _is_valid(name: str, values: list[str]) -> bool:
    """Return whether a query parameter is within the limits.

    Anybody can send invalid ones, so they are rejected without an exception in the log.
    """
    longest = _MAX_QUERY_LENGTH if name == _PRESERVED_FILTERS else _MAX_VALUE_LENGTH
    return len(values) <= _MAX_VALUES and all(
        len(text) <= longest and "\0" not in text for text in (name, *values)
    )
