"""Spool: the file that keeps an operation's messages between reading and the run.

Each part is a compressed JSON array at its own position, so that workers read the parts
that they convert, and no others. The database only stores where the parts are.
"""

from __future__ import annotations

import os
import zlib
from collections import Counter
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self

import orjson

from imports_app.errors import SourceError
from imports_app.models import ImportOperation, ImportPart
from imports_app.records import MessageRecord, SourceItem, data_of
from imports_app.uploads.storage import spool_path, storing

MOST_MESSAGES: Final = 5_000
"""Messages in a part."""
_MOST_BYTES: Final = 4_000_000
"""Bytes of a part before compression, unless it is a single message."""
_LEAST_MESSAGES: Final = 500
"""A part with fewer messages continues with the next room."""
_LEVEL: Final = 1
"""The fastest compression."""
_LONGEST_ENTRY: Final = 500
_LONGEST_ROOM: Final = 255


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

    def __init__(self, operation: ImportOperation) -> None:
        self.messages_of: Counter[str] = Counter()
        """Number of messages by import ID of their room, truncated."""
        self._path = spool_path(operation)
        self._file: BinaryIO | None = None
        self._position = 0
        self._offset = 0
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
        if self._file is not None:
            self._file.close()

    def add(self, found: SourceItem, record: MessageRecord) -> None:
        """Append a message.

        Raises:
            StorageFullError: The part can't be stored.
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
        self.messages_of[room[:_LONGEST_ROOM]] += 1
        line = orjson.dumps((found.file, found.line, found.guess, data_of(record)))
        self._lines.append(line)
        self._bytes += len(line)
        if len(self._lines) >= MOST_MESSAGES or self._bytes >= _MOST_BYTES:
            self._end_part()

    def take_complete(self) -> list[Part]:
        """Return the parts that were completed since the last call."""
        complete, self._complete = self._complete, []
        return complete

    def finish(self) -> list[Part]:
        """Complete the last part, and flush the file to the disk.

        Raises:
            StorageFullError: The part can't be stored.
        """
        if self._lines:
            self._end_part()
        if self._file is not None:
            with storing():
                self._file.flush()
                os.fsync(self._file.fileno())
        return self.take_complete()

    def _end_part(self) -> None:
        content = zlib.compress(b"[%b]" % b",".join(self._lines), _LEVEL)
        with storing():
            if self._file is None:
                self._file = self._opened()
            self._file.write(content)
        is_one_room = self._has_one_room and len(self._room) <= _LONGEST_ROOM
        self._complete.append(
            Part(
                position=self._position,
                entry=self._entry[:_LONGEST_ENTRY],
                room=self._room if is_one_room else "",
                offset=self._offset,
                size=len(content),
                messages=len(self._lines),
            )
        )
        self._position += 1
        self._offset += len(content)
        self._lines, self._bytes = [], 0

    def _opened(self) -> BinaryIO:
        """Open an empty file that only this user can read."""
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        return os.fdopen(os.open(self._path, flags, 0o600), "wb")


def read_part(operation: ImportOperation, part: ImportPart | Part) -> list[SourceItem]:
    """Return a part's messages with their places.

    Raises:
        OSError: The spool is missing or can't be read.
        SourceError: The part is damaged.
    """
    with spool_path(operation).open("rb") as file:
        file.seek(part.offset)
        content = file.read(part.size)
    try:
        lines = orjson.loads(zlib.decompress(content))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise prepared_data_lost() from error
    if len(lines) != part.messages:
        raise prepared_data_lost()
    return [
        SourceItem(MessageRecord(**data), file, line, guess)
        for file, line, guess, data in lines
    ]


def delete_spool(operation: ImportOperation) -> None:
    """Delete the operation's spool, if there is one."""
    spool_path(operation).unlink(missing_ok=True)


def prepared_data_lost() -> SourceError:
    """Return the error of an operation whose messages are missing or damaged."""
    return SourceError(
        "importer-prepared-data-lost",
        "The messages that were read from the file are missing or damaged in the"
        " server's storage. Upload the file again. Records imported so far are not"
        " duplicated.",
    )
