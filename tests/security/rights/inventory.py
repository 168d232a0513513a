"""All addresses of the server that take more than reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from config.api.views import ApiView

_SAFE: Final = {"GET", "HEAD", "OPTIONS"}


class Address(NamedTuple):
    """A pattern of addresses, and what answers it."""

    route: str
    name: str
    converters: dict[str, Any]
    method: str
    """The method to try."""


def addresses() -> dict[str, Address]:
    """Return every address, but those of the API that only read, by its pattern.

    Pages of the admin take a POST unless they refuse it.
    """
    return {address.route: address for address in _walk(get_resolver().url_patterns)}


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str = "", spaces: str = ""
) -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _walk(pattern.url_patterns, route, spaces + space)
            continue
        methods = _methods(pattern.callback)
        if methods:
            name = f"{spaces}{pattern.name}" if pattern.name else ""
            yield Address(route, name, pattern.pattern.converters, methods[0])


def _methods(view: Any) -> list[str]:
    cls = getattr(view, "cls", None)
    if cls is None or not issubclass(cls, ApiView):
        return ["POST"]
    return sorted(set(cls().allowed_methods) - _SAFE)
