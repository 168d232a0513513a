"""Answers on their way out: a slow client holds neither a thread nor much memory."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from config.api.envelope import failure
from config.api.paths import is_api_path

Headers: TypeAlias = list[tuple[str, str]]

_AT_ONCE: Final = 64 * 1024
"""Bytes that are handed to the web server in one piece, which keeps them in memory
until the client has read them. Longer answers are files, of which it keeps a part."""
_OPEN_SECONDS: Final = 5.0
"""How long a file stays open for the web server to open it as well."""


class Sender(Protocol):
    """The web server's side of one request."""

    def response_bytes(self, status: int, headers: Headers, body: bytes, /) -> None:
        """Send an answer as a whole."""

    def response_file(self, status: int, headers: Headers, path: str, /) -> None:
        """Send a file."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is complete and not sent yet."""

    status: int
    headers: Headers
    content: bytes | int
    """Bytes, or the descriptor of an open file."""

    def send_bytes(self, to: Sender) -> bool:
        """Send the answer, from any thread, unless it is a file; tell which."""
        if not isinstance(self.content, bytes):
            return False
        to.response_bytes(self.status, self.headers, self.content)
        return True

    def send(self, to: Sender) -> None:
        """Send the answer, from the event loop."""
        if isinstance(self.content, bytes):
            self.send_bytes(to)
            return
        # The web server opens files by name, and a temporary one has no other.
        asyncio.get_running_loop().call_later(_OPEN_SECONDS, os.close, self.content)
        to.response_file(self.status, self.headers, f"/dev/fd/{self.content}")


def answer_of(response: HttpResponseBase, more: Headers | None = None) -> Answer:
    """Return Django's response as an answer that needs Django no longer.

    What a response generates goes to a temporary file first. So a client that reads
    slowly holds no database cursor, either.

    Args:
        response: The response; closing it is left to the caller.
        more: Headers to add.
    """
    headers = [*response.items(), *(more or ())]
    headers += [
        ("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values()
    ]
    if isinstance(response, HttpResponse):
        content = response.content
        if len(content) <= _AT_ONCE:
            return Answer(response.status_code, headers, content)
        descriptor = _temporary_file([content])
    else:
        descriptor = _file_of(response)
    if "Content-Length" not in response.headers:
        headers.append(("Content-Length", str(os.fstat(descriptor).st_size)))
    return Answer(response.status_code, headers, descriptor)


def _file_of(response: Any) -> int:
    """Return the descriptor of a file with what the response streams."""
    source = getattr(response, "file_to_stream", None)
    try:
        if source is not None and source.tell() == 0:
            return os.dup(source.fileno())
    except (AttributeError, OSError):
        pass  # it is part of a file, or on another machine
    return _temporary_file(response)


def _temporary_file(parts: Any) -> int:
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
        for part in parts:
            file.write(part)
        file.flush()
        return os.dup(file.fileno())


def refusal(
    status: int, text: str, *, path: str, retry_seconds: int | None = None
) -> Answer:
    """Return what the web server itself answers, in the caller's language.

    Args:
        status: The HTTP status.
        text: A sentence that says what to do.
        path: The request's path; the API has its envelope (wire-api.md 1.2).
        retry_seconds: When to try again.
    """
    headers = [("Connection", "close"), ("X-Content-Type-Options", "nosniff")]
    if retry_seconds is not None:
        headers.append(("Retry-After", str(retry_seconds)))
    if is_api_path(path):
        return answer_of(failure(status, text), headers)
    headers.append(("Content-Type", "text/plain; charset=utf-8"))
    return Answer(status, headers, text.encode())
