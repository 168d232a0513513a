"""A lean HTTP client: keep-alive connections on raw sockets, from one process."""

from __future__ import annotations

import selectors
import socket
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a round of requests took."""

    per_second: float
    median_ms: float
    p99_ms: float


class _Connection:
    """Sends one request at a time and times the answers."""

    def __init__(self, port: int, request: bytes, status: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request, self._status = request, status
        self._buffer = b""
        self._sent_at = 0.0

    def send(self) -> None:
        """Send the request."""
        self._buffer = b""
        self._sent_at = time.perf_counter()
        self.socket.sendall(self._request)

    def receive(self) -> float | None:
        """Return the seconds of a complete answer, or `None` if more must come."""
        chunk = self.socket.recv(65536)
        if not chunk:
            msg = "The server closed the connection"
            raise ConnectionError(msg)
        self._buffer += chunk
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return None
        if not head.startswith(b"HTTP/1.1 " + self._status):
            raise ConnectionError(self._buffer[:300].decode(errors="replace"))
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
        if len(body) < int(length or b"0"):
            return None
        return time.perf_counter() - self._sent_at


def measure(
    port: int,
    path: str,
    headers: Mapping[str, str],
    *,
    status: int = 200,
    requests: int,
    connections: int,
) -> Measurement:
    """Send so many requests over so many connections, one at a time on each.

    Raises:
        ConnectionError: An answer has another status.
    """
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        *map(": ".join, headers.items()),
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = _Connection(port, request, str(status).encode())
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send()
    taken: list[float] = []
    started = time.perf_counter()
    while len(taken) < requests:
        for key, _events in selector.select():
            seconds = key.data.receive()
            if seconds is not None:
                taken.append(seconds)
                key.data.send()
    elapsed = time.perf_counter() - started
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    selector.close()
    taken.sort()
    return Measurement(
        per_second=round(len(taken) / elapsed, 1),
        median_ms=round(statistics.median(taken) * 1000, 3),
        p99_ms=round(taken[int(len(taken) * 0.99)] * 1000, 3),
    )
