"""Halves of surrogate pairs in JSON, such as `\\ud83d` of a truncated emoji.

Parsers reject the file, stop there, or read `?`. Halves are replaced before parsing, so
that the elements that contain them can be named.
"""

from __future__ import annotations

import re
from typing import Any, Final

REPLACED: Final = "\ufffd"
_MARK: Final = "\ufdd1"
"""Noncharacter that represents a half while a file is parsed."""
_MARK_ESCAPE: Final = rb"\ufdd1"
_HIGH: Final = rb"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW: Final = rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_STARTS: Final = (rb"\ud", rb"\uD")
_POSSIBLE: Final = {
    start: re.compile(
        re.escape(start) + rb"(?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
        rb"|[c-fC-F](?<![^\\]" + _HIGH + rb"\\u[dD].))"
    )
    for start in _STARTS
}
"""Halves, and texts that look like one after an escaped backslash.

One pattern for each start, because literal starts are found faster.
"""
_ESCAPE: Final = re.compile(
    rb"(" + _HIGH + _LOW + rb")|(" + _HIGH + rb"|" + _LOW + rb")|\\.", re.DOTALL
)
_LONGEST_PAIR: Final = 12
_ENDS_WITH_HIGH: Final = re.compile(_HIGH + rb"\Z")


class MendedElement(dict[str, Any]):
    """Element in which halves of surrogate pairs were replaced by U+FFFD."""

    __slots__ = ()


def mark_halves(json: bytes) -> bytes:
    """Return JSON with a mark in place of each half; the same object without halves."""
    if not any(s in json and _POSSIBLE[s].search(json) for s in _STARTS):
        return json
    marked = _ESCAPE.sub(_marked, json)
    return json if marked == json else marked


def _marked(match: re.Match[bytes]) -> bytes:
    return _MARK_ESCAPE if match[2] else match[0]


def split_at_escape(json: bytes) -> tuple[bytes, bytes]:
    """Split a chunk before an escape that may continue in the next chunk."""
    at = json.find(b"\\", max(len(json) - _LONGEST_PAIR + 1, 0))
    if at < 0:
        return json, b""
    at = _start_of_backslashes(json, at)
    if _ENDS_WITH_HIGH.search(json, max(at - _LONGEST_PAIR // 2, 0), at):
        at = _start_of_backslashes(json, at - _LONGEST_PAIR // 2)
    return json[:at], json[at:]


def _start_of_backslashes(json: bytes, at: int) -> int:
    """Return the start of the backslashes around a position.

    The text before it cannot change the meaning of the first one.
    """
    return len(json[:at].rstrip(b"\\"))


def replace_marks(element: Any) -> Any:
    """Return an element with U+FFFD in place of marks.

    An object with marks becomes a `MendedElement`.
    """
    mended = _without_marks(element)
    if isinstance(mended, dict) and mended != element:
        return MendedElement(mended)
    return mended


def _without_marks(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_MARK, REPLACED)
    if isinstance(value, list):
        return [_without_marks(one) for one in value]
    if isinstance(value, dict):
        return {_without_marks(key): _without_marks(one) for key, one in value.items()}
    return value
