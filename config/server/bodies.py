"""Receiving of request bodies without a thread, in bounded memory and time."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, Final, Protocol

from django.conf import settings

from config.files.disk import has_free_space

KEY: Final = "import_server.body"
"""The key of the received body in the environ."""
LEAST_RATE: Final = 1000
"""Minimum average rate of a client in bytes per second."""
_IN_MEMORY: Final = 256 * 1024
"""Bytes of a body that are buffered in memory before they are written to disk."""
_DISK: Final = ThreadPoolExecutor(4, "body")


class Incoming(Protocol):
    """Asynchronous iterator over the received parts of a body."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the iterator."""


class BodyTooLargeError(Exception):
    """The body is larger than admitted."""


class BodyTooSlowError(Exception):
    """The client stopped sending or sends too slowly."""


class BodyStorageError(Exception):
    """The disk is full except for its reserve, or writing failed."""


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A body in a file that is owned by the caller of `take_file`."""

    path: Path
    size: int
    """Bytes."""
    digest: str
    """SHA-256 in hexadecimal."""


def uploads_folder() -> Path:
    """Return the folder of incoming and complete uploads."""
    return Path(settings.DATA_DIR) / "uploads"


class Body:
    """A request body, in memory while it is small, else in a file."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[bytes] = []
        self._buffered = 0
        self._file: BinaryIO | None = None
        self._path = Path()
        self._digest = hashlib.sha256()

    async def receive(
        self, incoming: Incoming, *, limit: int, idle_seconds: float
    ) -> None:
        """Receive the complete body.

        Args:
            incoming: The parts of the body.
            limit: The maximum size in bytes.
            idle_seconds: The maximum pause, and the grace period before `LEAST_RATE`
                applies.

        Raises:
            BodyTooLargeError: The body exceeds the limit.
            BodyTooSlowError: The client paused or was too slow.
            BodyStorageError: The body can't be stored.
        """
        started = monotonic()
        parts = aiter(incoming)
        while True:
            latest = started + idle_seconds + self.size / LEAST_RATE
            if (time_left := latest - monotonic()) <= 0:
                raise BodyTooSlowError
            try:
                async with asyncio.timeout(min(idle_seconds, time_left)):
                    # granian's awaitables can't be wrapped, as by `anext(parts, b"")`.
                    part = await anext(parts)
            except TimeoutError:
                raise BodyTooSlowError from None
            except StopAsyncIteration:
                break
            self.size += len(part)
            self._buffered += len(part)
            if self.size > limit:
                raise BodyTooLargeError
            self._parts.append(part)
            if self._buffered > _IN_MEMORY:
                await _on_disk(self._write)
        await self.finish()

    async def finish(self) -> None:
        """Write the rest of the received bytes to the file, if there is one.

        Raises:
            BodyStorageError: The bytes can't be stored.
        """
        if self._file is not None:
            await _on_disk(self._finish)

    @property
    def is_in_file(self) -> bool:
        """Whether the body is in a file."""
        return self._file is not None

    @property
    def digest(self) -> str:
        """SHA-256 of the complete body in hexadecimal."""
        if self._file is not None:
            return self._digest.hexdigest()
        return hashlib.sha256(b"".join(self._parts)).hexdigest()

    @property
    def stream(self) -> BinaryIO:
        """The body as a file object."""
        return self._file or BytesIO(b"".join(self._parts))

    def take_file(self) -> StoredBody:
        """Return the body's file and transfer its ownership to the caller."""
        if self._file is None:
            msg = "The body is not in a file."
            raise ValueError(msg)
        self._file.close()
        self._file = None
        return StoredBody(self._path, self.size, self._digest.hexdigest())

    def close(self) -> None:
        """Delete the file unless its ownership was transferred."""
        if (file := self._file) is not None:
            self._file = None
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                self._path.unlink()

    def _write(self) -> None:
        if not has_free_space(self._buffered):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._file is None:
            folder = uploads_folder()
            folder.mkdir(mode=0o700, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix="incoming-", dir=folder)
            self._file, self._path = os.fdopen(handle, "w+b"), Path(name)
        for part in self._parts:
            self._digest.update(part)
            self._file.write(part)
        self._parts.clear()
        self._buffered = 0

    def _finish(self) -> None:
        self._write()
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.seek(0)


async def _on_disk(act: Callable[[], None]) -> None:
    """Run a disk operation without blocking the event loop."""
    try:
        await asyncio.get_running_loop().run_in_executor(_DISK, act)
    except OSError as error:
        raise BodyStorageError from error


def received_body(request: Any) -> Body | None:
    """Return the received body, or `None` with other web servers."""
    body: Body | None = request.META.get(KEY)
    return body
