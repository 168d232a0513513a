"""Untrusted JSON arrays: streamed, with checks of every value."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO, Final

import ijson
import orjson

from imports_app.sources.surrogates import (
    REPLACED,
    mark_halves,
    replace_marks,
    split_at_escape,
)

SHORT: Final = 40
"""Maximum characters of an excerpt."""
_WHOLE: Final = 1_000_000
"""Maximum bytes of a file that is parsed at once, which is faster."""
_LARGEST: Final = 16_000_000
"""Maximum bytes of one element."""
_MOST_VALUES: Final = 350_000
"""Maximum number of values in one element, enough for a room of 300,000 members. An
empty list has two bytes in the file, but 56 in memory."""
_DEEPEST: Final = 100
_PIECE: Final = 64 * 1024
_SECONDS: Final = re.compile(r"\d{1,13}(?:\.\d{1,9})?", re.ASCII)
_LAST_SECOND: Final = 253_402_300_800
"""Start of the year 10000, in seconds since 1970."""
_FIRST_IN_MILLISECONDS: Final = 100_000_000_000
"""As seconds, it would be in the year 5138."""
_LARGEST_NUMBER: Final = 2**53
_STARTS: Final = frozenset({"start_map", "start_array"})
_ENDS: Final = frozenset({"end_map", "end_array"})
_UNSET: Final = frozenset({"", "0", "false", "no", "none", "null"})
"""Words that mean an unset flag."""
_MARK: Final = b"\xef\xbb\xbf"


class DamagedJsonError(Exception):
    """The rest of the file can't be read; the message says why and where."""


class DamagedElement(str):
    """Beginning of an element with invalid UTF-8."""

    __slots__ = ()


def read_array(stream: BinaryIO, size: int) -> Iterator[Any]:
    """Yield the readable elements of an array.

    Args:
        stream: The file.
        size: Its size in bytes; a large file is never loaded as a whole.

    Yields:
        The elements; a `DamagedElement` for each one with invalid UTF-8, and a
        `MendedElement` for each one with half of a surrogate pair.

    Raises:
        DamagedJsonError: The file is not an array, or is incomplete.
    """
    if size <= _WHOLE:
        content = stream.read().removeprefix(_MARK)
        if not content.strip():
            return
        try:
            yield from _elements_of(orjson.loads(content))
            return
        except orjson.JSONDecodeError:
            stream = io.BytesIO(content)  # to read the elements before the damage
        if (marked := mark_halves(content)) is not content:
            with suppress(orjson.JSONDecodeError):
                yield from map(replace_marks, _elements_of(orjson.loads(marked)))
                return
        if (mended := _without_bad_bytes(content)) is not None:
            yield from map(_checked, _elements_of(mended))
            return
    yield from _streamed(_LimitedStream(stream))


_NOT_AN_ARRAY: Final = "it is not a JSON array"
_OK: Final = "ok"
_LISTS: Final = frozenset(
    {"messages", "members", "users", "channels", "groups", "ims", "mpims"}
)
"""Keys of the elements in files that are objects, also without `ok`."""
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_EXCERPT: Final = 200


def _without_bad_bytes(content: bytes) -> Any | None:
    """Parse a file with invalid UTF-8 replaced; `None` if it has other errors."""
    try:
        content.decode()
    except UnicodeDecodeError:
        try:
            return orjson.loads(content.decode("utf-8", "replace"))
        except orjson.JSONDecodeError:
            return None
    return None


def _checked(element: Any) -> Any:
    """Return an element, or a `DamagedElement` if bytes were replaced in it."""
    text = orjson.dumps(element).decode()
    return DamagedElement(text[:_EXCERPT]) if REPLACED in text else element


def _elements_of(whole: Any) -> list[Any]:
    """Return the elements of a file: an array, or a response of Slack's API with one.

    `null` and `{}` count as an empty array.

    Raises:
        DamagedJsonError: The file is neither.
    """
    if isinstance(whole, list):
        return whole
    if not whole and (whole is None or isinstance(whole, dict)):
        return []
    if isinstance(whole, dict):
        arrays = {k: value for k, value in whole.items() if isinstance(value, list)}
        is_fine = whole.get(_OK, True) is True
        if is_fine and len(arrays) == 1 and (_OK in whole or _are_elements(arrays)):
            return next(iter(arrays.values()))
    raise DamagedJsonError(_not_an_array(excerpt_of(whole)))


def _are_elements(arrays: dict[str, list[Any]]) -> bool:
    """Return whether an array holds the elements of a file, by key and content."""
    [(key, values)] = arrays.items()
    return key in _LISTS and (not values or any(isinstance(v, dict) for v in values))


def _not_an_array(beginning: str) -> str:
    return f'{_NOT_AN_ARRAY} but begins with "{beginning}"'


def excerpt_of(value: Any, length: int = SHORT) -> str:
    """Return the first characters of a value, to find it in a file."""
    if not isinstance(value, str):
        try:
            value = orjson.dumps(value).decode()
        except orjson.JSONEncodeError:  # nested too deeply
            value = "[" if isinstance(value, list) else "{"
    return "".join(one if one.isprintable() else REPLACED for one in value[:length])


def _streamed(raw: _LimitedStream) -> Iterator[Any]:
    """Yield elements one at a time, within limits of size and depth."""
    is_array = raw.starts_with("[")
    if not is_array and not raw.starts_with("{"):
        raise DamagedJsonError(_not_an_array(raw.beginning))
    depth = values = number = 0
    builder = ijson.ObjectBuilder()
    events = ijson.basic_parse(raw, use_float=True)
    try:
        for event, value in events if is_array else _within(events):
            raw.read_since_value = 0
            values += 1
            if values > _MOST_VALUES:
                raise DamagedJsonError("a record has too many values")
            if event in _ENDS:
                depth -= 1
            if depth > 0:
                builder.event(event, value)
            if event in _STARTS:
                depth += 1
            if depth > _DEEPEST:
                raise DamagedJsonError("it is nested too deeply")
            if depth == 1 and event not in _STARTS:
                number += 1
                element = builder.value
                if raw.is_damaged:
                    element = _checked(element)
                if raw.has_halves and not isinstance(element, DamagedElement):
                    element = replace_marks(element)
                yield element
                builder = ijson.ObjectBuilder()
                raw.read_since = values = 0
    except (ijson.JSONError, ValueError) as error:
        begun = getattr(builder, "value", None)
        beginning = excerpt_of(begun) if begun else "" if number else raw.beginning
        where = f' within "{beginning}"' if beginning else ""
        raise DamagedJsonError(f"it is damaged or incomplete{where}") from error
    if not (is_array or number):
        raise DamagedJsonError(_not_an_array(raw.beginning))


def _within(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield the events of the array in a response of Slack's API, and no others."""
    depth = 0
    key = ""
    is_begun = is_inside = is_over = False
    for event, value in events:
        if is_begun:
            is_begun = False
            if is_inside := event in ("start_map", "end_array", "null"):
                yield "start_array", None
        if event in _ENDS:
            depth -= 1
        elif event == "map_key" and depth == 1:
            key = value
        elif event == "start_array" and depth == 1 and key in _LISTS:
            is_begun = not is_over
        elif event == "boolean" and depth == 1 and key == _OK and not value:
            raise DamagedJsonError('it is a response of Slack\'s API with "ok": false')
        if is_inside:
            yield event, value
            is_over = depth == 1
            is_inside = not is_over
        if event in _STARTS:
            depth += 1


class _LimitedStream:
    """Stream in UTF-8 without byte order mark, with limits for the parser.

    UTF-16 is recoded; invalid bytes are replaced because the parser would stop there.
    The stream ends early if one element becomes too large. The parser rereads a long
    value from its beginning with each chunk. So chunks grow with the value; otherwise
    the time would be quadratic.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._head = stream.read(_PIECE).removeprefix(_MARK)
        encoding = _MARKS.get(self._head[:2], "utf-8")
        self._start = self._head.decode(encoding, "replace").lstrip()
        self.beginning = excerpt_of(self._start.rstrip())
        """First characters, for messages."""
        self._decoder_for = codecs.getincrementaldecoder(encoding)
        self._decoder = self._decoder_for("strict")
        self.is_damaged = False
        """Whether bytes were replaced so far."""
        self.has_halves = False
        """Whether halves of surrogate pairs were marked so far."""
        self._held = b""
        """End of the last chunk, with an escape that may continue."""
        self.read_since = 0
        """Bytes since the last element."""
        self.read_since_value = 0
        """Bytes since the last value."""

    def starts_with(self, start: str) -> bool:
        """Return whether the content begins with this text, after white space."""
        return self._start.startswith(start)

    def read(self, size: int) -> bytes:
        """Return the next bytes, possibly more than `size` within a long value.

        A size of 0 returns none: the parser determines the type of the stream this way.
        """
        if not size:
            return b""
        while True:
            chunk = self._head or self._stream.read(max(size, self.read_since_value))
            self._head = b""
            self.read_since += len(chunk)
            self.read_since_value += len(chunk)
            if self.read_since > _LARGEST:
                raise DamagedJsonError("a record is too large")
            mended = self._mark_halves(self._replace_invalid(chunk), not chunk)
            if mended or not chunk:  # an empty chunk would mean the end
                return mended

    def _mark_halves(self, chunk: bytes, is_end: bool) -> bytes:
        content = self._held + chunk
        self._held = b""
        if not is_end:
            content, self._held = split_at_escape(content)
        marked = mark_halves(content)
        if marked is not content:
            self.has_halves = True
        return marked

    def _replace_invalid(self, chunk: bytes) -> bytes:
        try:
            text = self._decoder.decode(chunk, not chunk)
        except UnicodeDecodeError:
            self.is_damaged = True
            lenient = self._decoder_for("replace")
            lenient.setstate(self._decoder.getstate())
            self._decoder = lenient
            text = lenient.decode(chunk, not chunk)
        return text.encode()


def text_of(value: Any) -> str:
    """Return a text that databases accept; empty for other values."""
    if not value or not isinstance(value, str):
        return ""
    text: str = value.replace("\0", "") if "\0" in value else value
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def texts_of(value: Any) -> list[str]:
    """Return the texts of a list that are not empty; none for other values."""
    return list(filter(None, map(text_of, value))) if isinstance(value, list) else []


def dicts_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, or a single object; none for other values."""
    if not isinstance(value, list):
        return [value] if value and isinstance(value, dict) else []
    return [one for one in value if isinstance(one, dict)]


def dict_of(value: Any) -> dict[str, Any]:
    """Return an object; an empty one for other values."""
    return value if isinstance(value, dict) else {}


def flag_of(value: Any) -> bool:
    """Return whether a flag is set, also if a tool wrote it as a number or a word."""
    if isinstance(value, str):
        return value.strip().casefold() not in _UNSET
    return bool(value)


def number_of(value: Any) -> float | None:
    """Return a number within the exact range of JSON; `None` for other values."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number and abs(value) < _LARGEST_NUMBER else None


def seconds_of(value: Any) -> float | None:
    """Return seconds since 1970, written as a number or as a text of one.

    Tools write milliseconds as well, which have more digits.
    """
    if isinstance(value, str) and _SECONDS.fullmatch(value):
        value = float(value)
    number = number_of(value)
    if number is not None and number >= _FIRST_IN_MILLISECONDS:
        number /= 1000
    return number if number is not None and 0 < number < _LAST_SECOND else None
