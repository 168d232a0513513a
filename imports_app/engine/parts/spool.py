"""Parts of messages in an operation's spool (`uploads.spools`).

Each part is a compressed JSON array at its own position, so that workers read only the
parts that they convert. The database stores only the positions of the parts.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeAlias

import orjson

from imports_app.engine.planning.moments import is_moment
from imports_app.engine.retries import retry_on_outage, run_watched
from imports_app.errors import SourceError
from imports_app.models import ImportOperation, ImportPart
from imports_app.records import MessageRecord, SourceItem, data_of
from imports_app.uploads.spools import new_spool, read_spool

MOST_MESSAGES: Final = 5_000
"""Messages in a part."""
_MOST_BYTES: Final = 4_000_000
"""Bytes of a part before compression, unless it is a single message."""
_LEAST_MESSAGES: Final = 500
"""A part with fewer messages continues with the next room."""
_LEVEL: Final = 1
"""The fastest compression."""
_LONGEST_ENTRY: Final = 500
LONGEST_ROOM: Final = 255


_Line: TypeAlias = tuple[str, int | None, str, dict[str, Any]]
"""File, line, guess and data of a message."""
CountKey: TypeAlias = tuple[str, str, bool]
"""Room and author of messages, and whether their time is invalid."""


def count_key(record: MessageRecord) -> CountKey:
    """Return room and author of a message, and whether its time is invalid."""
    sent_at = record.sent_at
    return record.room, record.author, sent_at is None or not is_moment(sent_at)


MessagePlace: TypeAlias = tuple[str, int | None]
"""Room of a message, and its time in milliseconds since 1970."""


class Part(NamedTuple):
    """Place of a part: the columns of `ImportPart` that are known from reading."""

    position: int
    entry: str
    room: str
    offset: int
    size: int
    messages: int


class SpoolWriter:
    """Context manager that writes a new spool, part by part.

    Reading the same source again writes the same parts.
    """

    def __init__(self, operation: ImportOperation, watch: Callable[[], None]) -> None:
        """Begin a new spool.

        Args:
            operation: The operation.
            watch: Called about every second while a part is being stored.
        """
        self._counts: Counter[CountKey] = Counter()
        self._spool = new_spool(operation)
        self._watch = watch
        self._position = 0
        self._lines: list[bytes] = []
        self._bytes = 0
        self._entry = ""
        self._room = ""
        self._has_one_room = True
        self._complete: list[Part] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._spool.close()

    def add(self, found: SourceItem, record: MessageRecord) -> None:
        """Append a message.

        Raises:
            StorageFullError: The disk has no space for the part.
            StorageUnavailableError: The shared storage is unavailable.
        """
        room = record.room
        if self._lines and room != self._room:
            if len(self._lines) >= _LEAST_MESSAGES and found.file != self._entry:
                self._end_part()
            else:
                self._has_one_room = False
        if not self._lines:
            self._entry, self._has_one_room = found.file, True
        self._room = room
        self._counts[count_key(record)] += 1
        line = orjson.dumps((found.file, found.line, found.guess, data_of(record)))
        self._lines.append(line)
        self._bytes += len(line)
        if len(self._lines) >= MOST_MESSAGES or self._bytes >= _MOST_BYTES:
            self._end_part()

    def take_complete(self) -> list[Part]:
        """Return the parts that were completed since the last call."""
        complete, self._complete = self._complete, []
        return complete

    def take_counts(self, least: int = 0) -> list[tuple[CountKey, int]]:
        """Return and clear the numbers of messages since the last call.

        Args:
            least: Return nothing as long as there are fewer numbers.
        """
        if len(self._counts) < least:
            return []
        counts, self._counts = self._counts, Counter()
        return list(counts.items())

    def finish(self) -> list[Part]:
        """Complete the last part, and flush the file to the disk.

        Raises:
            StorageFullError: The disk has no space for the part.
            StorageUnavailableError: The shared storage is unavailable.
        """
        if self._lines:
            self._end_part()
        self._spool.finish()
        return self.take_complete()

    def _end_part(self) -> None:
        content = zlib.compress(b"[%b]" % b",".join(self._lines), _LEVEL)
        offset = self._spool.size
        append = partial(retry_on_outage, partial(self._spool.append, content))
        run_watched(append, self._watch)
        is_one_room = self._has_one_room and len(self._room) <= LONGEST_ROOM
        self._complete.append(
            Part(
                position=self._position,
                entry=self._entry[:_LONGEST_ENTRY],
                room=self._room if is_one_room else "",
                offset=offset,
                size=len(content),
                messages=len(self._lines),
            )
        )
        self._position += 1
        self._lines, self._bytes = [], 0


def read_part(operation: ImportOperation, part: ImportPart | Part) -> list[SourceItem]:
    """Return a part's messages with their places.

    Raises:
        OSError: The spool is missing or can't be read.
        SourceError: The part is damaged.
    """
    return [
        SourceItem(MessageRecord(**data), file, line, guess)
        for file, line, guess, data in _lines_of(operation, part)
    ]


def read_places(operation: ImportOperation, part: ImportPart) -> list[MessagePlace]:
    """Return room and time of a part's messages. Errors are those of `read_part`."""
    lines = _lines_of(operation, part)
    return [(data["room"], data["sent_at"]) for _file, _line, _guess, data in lines]


def _lines_of(operation: ImportOperation, part: ImportPart | Part) -> list[_Line]:
    content = read_spool(operation, part.offset, part.size)
    try:
        lines: list[_Line] = orjson.loads(zlib.decompress(content))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise prepared_data_lost() from error
    if len(lines) != part.messages:
        raise prepared_data_lost()
    return lines


def prepared_data_lost() -> SourceError:
    """Return the error of an operation whose messages are missing or damaged."""
    return SourceError(
        "importer-prepared-data-lost",
        "The messages that were read from the file are missing or damaged in the"
        " server's storage. Upload the file again. Records imported so far are not"
        " duplicated.",
    )
