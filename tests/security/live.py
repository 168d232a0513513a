"""Raw connections to a running server, for requests that HTTP clients can't send."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from imports_app.demo import SEED_TOKEN, SEED_USER_ID

CREDENTIALS: Final = {"X-User-Id": SEED_USER_ID, "X-Auth-Token": SEED_TOKEN}
LATEST: Final = "/api/v1/getLatestImportOperations"
UPLOAD: Final = "/api/v1/importOperations/file?importerKey=csv&fileName=x.zip"
PATIENCE_SECONDS: Final = 20.0


@dataclass
class Server:
    """A running server, and the connections that a test holds open."""

    port: int
    data: Path
    connections: list[socket.socket] = field(default_factory=list)

    def connect(self, sent: bytes = b"", receive_buffer: int = 0) -> socket.socket:
        """Open a connection that stays open, and send the first bytes.

        Args:
            sent: The bytes.
            receive_buffer: How many bytes the kernel receives for us; 0 is as many as
                usual.
        """
        connection = socket.socket()
        if receive_buffer:
            option = (socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            connection.setsockopt(*option)
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect(("127.0.0.1", self.port))
        self.connections.append(connection)
        connection.sendall(sent)
        return connection

    def ask(self, sent: bytes) -> bytes:
        """Return what the server answers to these bytes, until it closes."""
        connection = self.connect(sent)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass  # it had no use for the rest of what was sent
        return answer

    def get(self, path: str) -> bytes:
        """Return the answer to a GET with the demo's credentials."""
        return self.ask(request("GET", path))

    def slowest_answer(self, calls: int = 20) -> float:
        """Return the seconds of the slowest of many calls, but for two.

        Other processes of the test machine take the processor at times.
        """
        seconds = []
        for number in range(calls * 2):
            started = time.perf_counter()
            answer = self.get("/healthz" if number % 2 else LATEST)
            seconds.append(time.perf_counter() - started)
            assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
        return sorted(seconds)[-3]

    def stored(self) -> list[Path]:
        """Return the uploads that are stored, whole or in part."""
        folder = self.data / "uploads"
        return list(folder.iterdir()) if folder.exists() else []

    def close(self) -> None:
        """Close all connections."""
        while self.connections:
            self.connections.pop().close()


def request(
    method: str,
    path: str,
    *lines: str,
    length: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return the head of a request with the demo's credentials.

    Args:
        method: The method.
        path: The path.
        lines: Header lines as they are.
        length: The announced bytes of a body.
        headers: Headers in the place of the usual ones; empty ones are left out.
    """
    named = {"Host": "localhost", "Connection": "close", **CREDENTIALS}
    named |= headers or {}
    if length is not None:
        named["Content-Length"] = str(length)
    written = [f"{name}: {value}" for name, value in named.items() if value]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *written, *lines, "", ""]).encode()


def status_of(answer: bytes) -> int:
    """Return an answer's status; 0 if there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0
