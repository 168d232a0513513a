"""Fake RSGI scope and channel that record the response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from config.server.responses import Headers


@dataclass
class Request:
    """A request without its body."""

    method: str = "GET"
    path: str = "/healthz"
    header_lines: list[tuple[str, str]] = field(default_factory=list)
    query_string: str = ""
    http_version: str = "1.1"
    scheme: str = "http"
    client: str = "127.0.0.1:40000"
    server: str = "127.0.0.1:3000"

    @property
    def headers(self) -> Request:
        """The headers."""
        return self

    def items(self) -> list[tuple[str, str]]:
        """Return names and values."""
        return self.header_lines


@dataclass
class Channel:
    """A body in parts, and the recorded response."""

    parts: Iterable[bytes] = ()
    stalls: bool = False
    """Whether the client stalls after the parts instead of ending the body."""
    received: int = 0
    """Number of requested parts."""
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client disconnects."""

    def response_stream(self, status: int, headers: Headers) -> Channel:
        """Record the beginning of a stream."""
        self.response_bytes(status, headers, b"")
        return self

    async def send_bytes(self, data: bytes) -> None:
        """Record a part of a stream."""
        self.body += data

    async def client_disconnect(self) -> None:
        """Wait until the client disconnects."""
        await self.is_gone.wait()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the parts."""
        for part in self.parts:
            self.received += 1
            yield part
        if self.stalls:
            await asyncio.Event().wait()

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Record a response."""
        assert not self.status, "answered twice"
        self.status, self.body = status, body
        self.answer_headers = {name.lower(): value for name, value in headers}

    def response_file(self, status: int, headers: Headers, path: str) -> None:
        """Record a response from a file."""
        self.response_bytes(status, headers, Path(path).read_bytes())
