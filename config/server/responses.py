"""Buffered responses, so that slow clients occupy no thread and little memory."""

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
"""Maximum size in bytes of a response that is kept in memory until the client has read
it. Longer responses are sent from a file."""
_WITHOUT_CONTENT: Final = frozenset({204, 304})
"""Statuses without content. A Content-Length of 304 would have to be that of the 200
response, and 204 must not have one (RFC 9110 8.6)."""
_OPEN_SECONDS: Final = 5.0
"""How long a file stays open until the web server has opened it."""


class Sender(Protocol):
    """The web server's side of one request."""

    def response_bytes(self, status: int, headers: Headers, body: bytes, /) -> None:
        """Send a complete response."""

    def response_file(self, status: int, headers: Headers, path: str, /) -> None:
        """Send a file."""


@dataclass(frozen=True, slots=True)
class BufferedResponse:
    """A complete response that is not sent yet."""

    status: int
    headers: Headers
    content: bytes | int
    """Bytes or the descriptor of an open file."""

    def send_bytes(self, to: Sender) -> bool:
        """Send the response from any thread and return True, unless it is a file."""
        if not isinstance(self.content, bytes):
            return False
        to.response_bytes(self.status, self.headers, self.content)
        return True

    def send(self, to: Sender) -> None:
        """Send the response from the event loop."""
        if isinstance(self.content, bytes):
            self.send_bytes(to)
            return
        # The web server opens files by name; an unlinked temporary file has only this.
        asyncio.get_running_loop().call_later(_OPEN_SECONDS, os.close, self.content)
        to.response_file(self.status, self.headers, f"/dev/fd/{self.content}")


def buffer_response(
    response: HttpResponseBase, more: Headers | None = None
) -> BufferedResponse:
    """Return a Django response as a buffered response.

    Streamed content is written to a temporary file first, so that slow clients don't
    keep database cursors open.

    Args:
        response: The response. The caller closes it.
        more: Additional headers.
    """
    headers = [*response.items(), *(more or ())]
    headers += [
        ("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values()
    ]
    if response.status_code in _WITHOUT_CONTENT:
        headers = [entry for entry in headers if entry[0].lower() != "content-length"]
        return BufferedResponse(response.status_code, headers, b"")
    if isinstance(response, HttpResponse):
        content = response.content
        if len(content) <= _AT_ONCE:
            return BufferedResponse(response.status_code, headers, content)
        descriptor = _temporary_file([content])
    else:
        descriptor = _file_of(response)
    if "Content-Length" not in response.headers:
        headers.append(("Content-Length", str(os.fstat(descriptor).st_size)))
    return BufferedResponse(response.status_code, headers, descriptor)


def _file_of(response: Any) -> int:
    """Return the descriptor of a file with the streamed content."""
    source = getattr(response, "file_to_stream", None)
    try:
        if source is not None and source.tell() == 0:
            return os.dup(source.fileno())
    except (AttributeError, OSError):
        pass  # a part of a file, or a file in remote storage
    return _temporary_file(response)


def _temporary_file(parts: Any) -> int:
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
        for part in parts:
            file.write(part)
        file.flush()
        return os.dup(file.fileno())


def error_response(
    status: int, text: str, *, path: str, retry_seconds: int | None = None
) -> BufferedResponse:
    """Return an error response of the web server, as JSON for the API, else as text.

    Args:
        status: The HTTP status.
        text: The error message.
        path: The request's path; the API has its envelope (wire-api.md 1.2).
        retry_seconds: The value of Retry-After.
    """
    headers = [("Connection", "close"), ("X-Content-Type-Options", "nosniff")]
    if retry_seconds is not None:
        headers.append(("Retry-After", str(retry_seconds)))
    if is_api_path(path):
        return buffer_response(failure(status, text), headers)
    headers.append(("Content-Type", "text/plain; charset=utf-8"))
    return BufferedResponse(status, headers, text.encode())
