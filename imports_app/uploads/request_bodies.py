"""Files that arrive as the body of a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from imports_app.errors import InvalidFileError

_CHUNK: Final = 1024 * 1024


class Stream(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes; none at the end."""


def body_chunks(stream: Stream, announced: str | None) -> Iterator[bytes]:
    """Yield a body as it arrives, without ever holding all of it.

    Args:
        stream: Where it arrives.
        announced: The header Content-Length.

    Raises:
        InvalidFileError: It is not as long as was announced.
    """
    if not announced:
        raise InvalidFileError("Send the file's size in the header Content-Length.")
    missing = int(announced)
    while chunk := stream.read(_CHUNK):
        missing -= len(chunk)
        yield chunk
    if missing:
        raise InvalidFileError("The file broke off: send it again.")
