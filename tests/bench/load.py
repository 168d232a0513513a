"""Minimal HTTP client with keep-alive connections in one process."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Complete response."""

    status: int
    headers: dict[str, str]
    """Headers by name in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """Repeated GET request with its expected status."""

    port: int
    path: str
    headers: Mapping[str, str]
    status: int = 200

    def encode(self) -> bytes:
        """Return the request's bytes."""
        lines = [f"GET {self.path} HTTP/1.1", "Host: localhost"]
        lines += map(": ".join, self.headers.items())
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


class _Connection:
    """Sends one request at a time and times the answers."""

    def __init__(self, call: Call) -> None:
        self.socket = socket.create_connection(("127.0.0.1", call.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = call.encode()
        self._status = b"HTTP/1.1 %d " % call.status
        self._sent_at = 0.0
        self.received = b""

    def send(self) -> None:
        """Send the request."""
        self.received = b""
        self._sent_at = time.perf_counter()
        self.socket.sendall(self._request)

    def receive(self) -> float | None:
        """Return the seconds to a complete answer, or `None` if more must come.

        Raises:
            ConnectionError: The answer has another status, or there is none.
        """
        chunk = self.socket.recv(65536)
        self.received += chunk
        if not chunk or not self.received.startswith(self._status):
            raise ConnectionError(self.received[:300].decode(errors="replace"))
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = head.partition(b"content-length: ")[2].partition(b"\r")[0]
        if len(body) < int(length or b"0"):
            return None
        return time.perf_counter() - self._sent_at


def fetch(call: Call) -> Answer:
    """Send one request, and return its answer."""
    connection = _Connection(call)
    with connection.socket:
        connection.send()
        while connection.receive() is None:
            pass
    head, _, body = connection.received.partition(b"\r\n\r\n")
    _, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(call.status, headers, body)


def requests_per_second(call: Call, *, seconds: float, connections: int = 4) -> float:
    """Return the responses per second, with one request at a time per connection.

    Continues until there is at least one, so that no rate is 0 on a busy machine.
    """
    answers = 0
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = _Connection(call)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send()
        started = time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds or not answers:
            for key, _events in selector.select():
                if key.data.receive() is not None:
                    answers += 1
                    key.data.send()
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return answers / elapsed


def latencies(call: Call, *, seconds: float) -> list[float]:
    """Return the latencies in milliseconds of requests on one connection."""
    connection = _Connection(call)
    taken: list[float] = []
    with connection.socket:
        deadline = time.perf_counter() + seconds
        while not taken or time.perf_counter() < deadline:
            connection.send()
            while (answered := connection.receive()) is None:
                pass
            taken.append(answered * 1000)
    return taken
