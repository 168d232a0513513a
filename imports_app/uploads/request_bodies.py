"""Uploads as raw request bodies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from imports_app.errors import InvalidFileError

_CHUNK: Final = 1024 * 1024


class Stream(Protocol):
    """Readable stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


def body_chunks(stream: Stream, announced: str | None) -> Iterator[bytes]:
    """Yield a request body in chunks.

    Args:
        stream: The request's stream.
        announced: The Content-Length header.

    Raises:
        InvalidFileError: The body's size differs from Content-Length.
    """
    if not announced:
        raise InvalidFileError("Send the file's size in the Content-Length header.")
    missing = int(announced)
    while chunk := stream.read(_CHUNK):
        missing -= len(chunk)
        yield chunk
    if missing:
        raise InvalidFileError("The upload is incomplete. Send the file again.")
