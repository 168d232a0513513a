"""Arrays of JSON from strangers: streamed, and read without trusting any value."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import ijson
import orjson

SHORT: Final = 40
"""Characters of an excerpt."""
_WHOLE: Final = 1_000_000
"""Bytes up to which a file is parsed at once, which is faster."""
_LARGEST: Final = 16_000_000
"""Bytes of one element."""
_MOST_VALUES: Final = 350_000
"""Values of one element, such as a room of 300,000 members. An empty list takes two
bytes in a file, and 56 here."""
_DEEPEST: Final = 100
_PIECE: Final = 64 * 1024
_SECONDS: Final = re.compile(r"\d{1,13}(?:\.\d{1,9})?", re.ASCII)
_LAST_SECOND: Final = 253_402_300_800
"""The beginning of the year 10000."""
_FIRST_IN_MILLISECONDS: Final = 100_000_000_000
"""As seconds, it would be in the year 5138."""
_LARGEST_NUMBER: Final = 2**53
_STARTS: Final = frozenset({"start_map", "start_array"})
_ENDS: Final = frozenset({"end_map", "end_array"})
_UNSET: Final = frozenset({"", "0", "false", "no", "none", "null"})
"""Words that stand for a flag that is not set."""
_MARK: Final = b"\xef\xbb\xbf"


class DamagedJsonError(Exception):
    """The rest of the file can't be read; the message says why, and where it begins."""


class DamagedElement(str):
    """The beginning of an element with bytes that are no UTF-8."""

    __slots__ = ()


def read_array(stream: BinaryIO, size: int) -> Iterator[Any]:
    """Yield the elements of an array, as many as can be read.

    Args:
        stream: The file.
        size: Its bytes; a large one is never held as a whole.

    Yields:
        The elements; a `DamagedElement` for one with bytes that are no UTF-8.

    Raises:
        DamagedJsonError: It is no array, or breaks off.
    """
    if size <= _WHOLE:
        content = stream.read().removeprefix(_MARK)
        if not content.strip():
            return
        try:
            yield from _elements_of(orjson.loads(content))
            return
        except orjson.JSONDecodeError:
            stream = io.BytesIO(content)  # what comes before the damage is fine
        if (mended := _without_bad_bytes(content)) is not None:
            yield from map(_checked, _elements_of(mended))
            return
    yield from _streamed(_Unmarked(stream))


_NO_ARRAY: Final = "it is no list"
_OK: Final = "ok"
_LISTS: Final = frozenset(
    {"messages", "members", "users", "channels", "groups", "ims", "mpims"}
)
"""The keys that objects hold a file's elements by, also without `ok`."""
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_EXCERPT: Final = 200
_REPLACED: Final = "\ufffd"


def _without_bad_bytes(content: bytes) -> Any | None:
    """Return what a file says if only bytes that are no UTF-8 are wrong with it."""
    try:
        content.decode()
    except UnicodeDecodeError:
        try:
            return orjson.loads(content.decode("utf-8", "replace"))
        except orjson.JSONDecodeError:
            return None
    return None


def _checked(element: Any) -> Any:
    """Return an element, or that its bytes are damaged."""
    text = orjson.dumps(element).decode()
    return DamagedElement(text[:_EXCERPT]) if _REPLACED in text else element


def _elements_of(whole: Any) -> list[Any]:
    """Return the elements of a file: an array, or an answer of Slack's API with one.

    `null` and `{}` stand for an empty array.

    Raises:
        DamagedJsonError: It is something else.
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
    raise DamagedJsonError(_no_array(excerpt_of(whole)))


def _are_elements(arrays: dict[str, list[Any]]) -> bool:
    """Tell whether an array is a file's list by its name and by what is in it."""
    [(key, values)] = arrays.items()
    return key in _LISTS and (not values or any(isinstance(v, dict) for v in values))


def _no_array(beginning: str) -> str:
    return f'{_NO_ARRAY}, and begins with "{beginning}"'


def excerpt_of(value: Any, length: int = SHORT) -> str:
    """Return the first characters of what people should find in a file."""
    if not isinstance(value, str):
        try:
            value = orjson.dumps(value).decode()
        except orjson.JSONEncodeError:  # nested too deeply
            value = "[" if isinstance(value, list) else "{"
    return "".join(one if one.isprintable() else _REPLACED for one in value[:length])


def _streamed(raw: _Unmarked) -> Iterator[Any]:
    """Yield elements without ever holding two, however deep somebody nests them."""
    is_array = raw.starts_with("[")
    if not is_array and not raw.starts_with("{"):
        raise DamagedJsonError(_no_array(raw.beginning))
    depth = values = number = 0
    builder = ijson.ObjectBuilder()
    events = ijson.basic_parse(raw, use_float=True)
    try:
        for event, value in events if is_array else _within(events):
            raw.read_since_value = 0
            values += 1
            if values > _MOST_VALUES:
                raise DamagedJsonError("one element has too many values")
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
                yield _checked(builder.value) if raw.is_damaged else builder.value
                builder = ijson.ObjectBuilder()
                raw.read_since = values = 0
    except (ijson.JSONError, ValueError) as error:
        begun = getattr(builder, "value", None)
        beginning = excerpt_of(begun) if begun else "" if number else raw.beginning
        where = f' within "{beginning}"' if beginning else ""
        raise DamagedJsonError(f"it is damaged, or breaks off{where}") from error
    if not (is_array or number):
        raise DamagedJsonError(_no_array(raw.beginning))


def _within(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield the events of the array in an answer of Slack's API, and no others."""
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
            raise DamagedJsonError('it is an answer of Slack\'s API with "ok": false')
        if is_inside:
            yield event, value
            is_over = depth == 1
            is_inside = not is_over
        if event in _STARTS:
            depth += 1


class _Unmarked:
    """A stream in UTF-8 without a mark, from UTF-8 or UTF-16 with or without one.

    Other bytes are replaced, for the parser would stop there. The stream ends early
    where one element would fill the memory. The parser reads a long value from its
    beginning with each piece, so pieces grow with the value: else the time would grow
    with the square of its length.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._head = stream.read(_PIECE).removeprefix(_MARK)
        encoding = _MARKS.get(self._head[:2], "utf-8")
        self._start = self._head.decode(encoding, "replace").lstrip()
        self.beginning = excerpt_of(self._start.rstrip())
        """The first characters, for people."""
        self._decoder_for = codecs.getincrementaldecoder(encoding)
        self._decoder = self._decoder_for("strict")
        self.is_damaged = False
        """Whether something was replaced so far."""
        self.read_since = 0
        """Bytes since the last element."""
        self.read_since_value = 0
        """Bytes since the last value."""

    def starts_with(self, start: str) -> bool:
        """Tell whether the first characters that are not blank are these."""
        return self._start.startswith(start)

    def read(self, size: int) -> bytes:
        """Return the next bytes; more than asked for within a long value.

        Without a size, none: the parser asks so for the type.
        """
        if not size:
            return b""
        while True:
            chunk = self._head or self._stream.read(max(size, self.read_since_value))
            self._head = b""
            self.read_since += len(chunk)
            self.read_since_value += len(chunk)
            if self.read_since > _LARGEST:
                raise DamagedJsonError("one element is too large")
            mended = self._mended(chunk)
            if mended or not chunk:  # an empty piece would be the end
                return mended

    def _mended(self, chunk: bytes) -> bytes:
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
    """Return a text that every database takes; anything else is empty."""
    if not value or not isinstance(value, str):
        return ""
    text: str = value.replace("\0", "") if "\0" in value else value
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half a character
            text = text.encode("utf-8", "replace").decode()
    return text


def texts_of(value: Any) -> list[str]:
    """Return the texts of a list that are not empty; anything else is none."""
    return list(filter(None, map(text_of, value))) if isinstance(value, list) else []


def dicts_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; anything else is none."""
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, dict)]


def dict_of(value: Any) -> dict[str, Any]:
    """Return an object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def flag_of(value: Any) -> bool:
    """Tell whether a flag is set, also if a tool wrote it as a number or a word."""
    if isinstance(value, str):
        return value.strip().casefold() not in _UNSET
    return bool(value)


def number_of(value: Any) -> float | None:
    """Return a number that is exact in every language; `None` for anything else."""
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
