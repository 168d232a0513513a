"""Atomic receiving of files in the folder of uploads."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from config.errors import TooLargeError
from config.files.disk import has_free_space
from config.server.bodies import Body, uploads_folder
from config.units import format_bytes
from imports_app.errors import StorageFullError

Content: TypeAlias = Iterable[bytes] | Body

HEAD: Final = 64
"""Number of first bytes that are kept in memory."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """Complete file that does not belong to an operation yet."""

    path: Path
    size: int
    digest: str
    """SHA-256 in hex."""
    head: bytes
    """The first bytes."""


class Incoming:
    """File that is being written, and removed unless it is completed."""

    def __init__(self, limit: int) -> None:
        """Open the file under a unique name.

        Args:
            limit: Maximum size in bytes.

        Raises:
            StorageFullError: The file can't be stored.
        """
        self._limit = limit
        self._size = 0
        self._digest = hashlib.sha256()
        self._head = b""
        folder = uploads_folder()
        with storing():
            folder.mkdir(mode=0o700, exist_ok=True)
            self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - see close
                dir=folder, prefix="incoming-", delete=False
            )
        self._path: Path | None = Path(self._file.name)

    def write(self, chunk: bytes) -> None:
        """Append a chunk.

        Raises:
            TooLargeError: The file exceeds the limit.
            StorageFullError: The chunk can't be stored.
        """
        self._size += len(chunk)
        if self._size > self._limit:
            raise TooLargeError(_too_large(self._limit))
        self._digest.update(chunk)
        self._head += chunk[: HEAD - len(self._head)]
        with storing():
            check_free_space(len(chunk))
            self._file.write(chunk)

    def complete(self) -> Received:
        """Return the complete file, which the caller now owns.

        Raises:
            StorageFullError: The file can't be stored.
        """
        with storing():
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()
        path, self._path = Path(self._file.name), None
        return Received(path, self._size, self._digest.hexdigest(), self._head)

    def close(self) -> None:
        """Remove the file unless it was completed."""
        with suppress(OSError):
            self._file.close()
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()
            self._path = None


def receive(content: Content, limit: int) -> Received:
    """Store a stream as a file; a body that already is a file is moved.

    Raises:
        TooLargeError: The content exceeds the limit.
        StorageFullError: The content can't be stored.
    """
    if isinstance(content, Body):
        return _move_file(content, limit)
    with closing(Incoming(limit)) as incoming:
        for chunk in content:
            incoming.write(chunk)
        return incoming.complete()


def _move_file(body: Body, limit: int) -> Received:
    if body.size > limit:
        raise TooLargeError(_too_large(limit))
    head = body.stream.read(HEAD)
    stored = body.take_file()
    return Received(stored.path, stored.size, stored.digest, head)


def check_upload_size(size: int, limit: int | None = None) -> None:
    """Check whether a file of this size can be stored, before its upload.

    Args:
        size: Bytes.
        limit: Maximum size in bytes; `None` for no maximum.

    Raises:
        TooLargeError: The size exceeds the limit.
        StorageFullError: The disk does not have enough space.
    """
    if limit is not None and size > limit:
        raise TooLargeError(_too_large(limit))
    with storing():
        check_free_space(size)


def check_free_space(size: int) -> None:
    if not has_free_space(size):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def storing() -> Iterator[None]:
    """Convert storage errors to `StorageFullError`."""
    try:
        yield
    except OSError as error:
        logger.exception("A file can't be stored")
        raise StorageFullError from error


def _too_large(limit: int) -> str:
    return f"The file is larger than {format_bytes(limit)}, the maximum upload size."
