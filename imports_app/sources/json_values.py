"""Arrays of JSON from strangers: streamed, and read without trusting any value."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import ijson
import orjson

_WHOLE: Final = 1_000_000
"""Bytes up to which a file is parsed at once, which is faster."""
_LARGEST: Final = 16_000_000
"""Bytes of one element."""
_MOST_VALUES: Final = 500_000
"""Values of one element; an empty list takes two bytes in a file, and 56 here."""
_DEEPEST: Final = 100
_LARGEST_NUMBER: Final = 2**53
_STARTS: Final = frozenset({"start_map", "start_array"})
_ENDS: Final = frozenset({"end_map", "end_array"})
_MARK: Final = b"\xef\xbb\xbf"


class DamagedJsonError(Exception):
    """The rest of the file can't be read; the message says why."""


def read_array(stream: BinaryIO, size: int) -> Iterator[Any]:
    """Yield the elements of an array, as many as can be read.

    Args:
        stream: The file.
        size: Its bytes; a large one is never held as a whole.

    Raises:
        DamagedJsonError: It is no array, or breaks off.
    """
    if size <= _WHOLE:
        content = stream.read().removeprefix(_MARK)
        try:
            whole = orjson.loads(content)
        except orjson.JSONDecodeError:
            stream = io.BytesIO(content)  # what comes before the damage is fine
        else:
            if not isinstance(whole, list):
                raise DamagedJsonError(_NO_ARRAY)
            yield from whole
            return
    yield from _streamed(_Unmarked(stream))


_NO_ARRAY: Final = "it is no list"


def _streamed(raw: _Unmarked) -> Iterator[Any]:
    """Yield elements without ever holding two, however deep somebody nests them."""
    stream = io.BufferedReader(raw, 64 * 1024)
    if not stream.peek(1).lstrip().startswith(b"["):
        raise DamagedJsonError(_NO_ARRAY)
    depth = values = 0
    builder = ijson.ObjectBuilder()
    try:
        for event, value in ijson.basic_parse(stream, use_float=True):
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
                yield builder.value
                builder = ijson.ObjectBuilder()
                raw.read_since = values = 0
    except (ijson.JSONError, ValueError) as error:
        raise DamagedJsonError(str(error).partition("\n")[0]) from error


class _Unmarked(io.RawIOBase):
    """A stream without the mark that some editors put before UTF-8.

    It ends early where one element would fill the memory.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._head = stream.read(len(_MARK)).removeprefix(_MARK)
        self.read_since = 0
        """Bytes since the last element."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._head or self._stream.read(len(buffer))
        self._head = b""
        self.read_since += len(chunk)
        if self.read_since > _LARGEST:
            raise DamagedJsonError("one element is too large")
        buffer[: len(chunk)] = chunk
        return len(chunk)


def text_of(value: Any) -> str:
    """Return a text that every database takes; anything else is empty."""
    if not isinstance(value, str):
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


def number_of(value: Any) -> float | None:
    """Return a number that is exact in every language; `None` for anything else."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number and abs(value) < _LARGEST_NUMBER else None
