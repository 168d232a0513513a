"""Valid inputs of the endpoints, and changes that make most of them invalid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

_TEXTS: Final = ("", "7", "true", "{}")
_VALUES: Final[tuple[Any, ...]] = (None, 7, 1.5, True, [], {}, *_TEXTS)


class Endpoint(NamedTuple):
    """An endpoint, the function that validates its input, and a valid input."""

    method: str
    path: str
    validator: str
    valid: dict[str, Any]


def inputs_of(endpoint: Endpoint) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the valid input and all its changes, each with a name."""
    yield "valid", endpoint.valid
    values = _VALUES if endpoint.method == "POST" else _TEXTS
    yield from _changes(endpoint.valid, values)


def _changes(value: Any, values: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the changes of one property or item, at any depth."""
    if isinstance(value, list):
        for name, changed in _variants(value[0], values):
            yield f"[]{name}", [changed]
    if not isinstance(value, dict):
        return
    yield ".additional", {**value, "additional": "x"}
    for key, inner in value.items():
        yield f".{key} missing", {k: v for k, v in value.items() if k != key}
        for name, changed in _variants(inner, values):
            yield f".{key}{name}", {**value, key: changed}


def _variants(value: Any, values: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for other in values:
        yield f" = {json.dumps(other)}", other
    yield from _changes(value, values)
