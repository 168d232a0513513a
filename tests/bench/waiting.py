"""Benchmark of requests that wait for changes, and of streams of events."""

from __future__ import annotations

import os
import selectors
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from tests.bench.addresses import OURS
from tests.bench.databases import temporary_database
from tests.bench.latest import prepare
from tests.bench.load import Call, fetch, latencies
from tests.bench.options import Options
from tests.bench.server import serving
from tests.bench.targets import at_least, at_most

_OPERATIONS: Final = 1_000
_EVENTS: Final = "/api/v1/importOperations/events"
_CHANGE: Final = "/api/v1/import.new"
_SETTLE_SECONDS: Final = 3.0
"""After which all requests wait."""
_AT_ONCE: Final = 20
"""Requests that are sent before one of them is answered."""
_CHANGE_SECONDS: Final = 30.0
_WEB_PROCESSES: Final = 2


def measure(options: Options, say: Callable[[str], None]) -> dict[str, Any]:
    """Open all connections, call the endpoint, change something, and poll."""
    number = options.waiting
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(temporary_database(folder, "waiting"))
        environment = {
            "DATABASE_URL": url,
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "RATE_LIMIT": "off",
        }
        facts = prepare(_OPERATIONS, environment)
        port = stack.enter_context(serving(environment, processes=_WEB_PROCESSES))
        call = Call(port, OURS, facts["headers"])
        latencies(call, seconds=options.idle_seconds)
        idle = statistics.median(latencies(call, seconds=options.idle_seconds))
        say(f"Opening {number} waiting requests and {number} streams")
        connections = stack.enter_context(_connections(call, number))
        busy = statistics.median(latencies(call, seconds=options.idle_seconds))
        memory = _memory(port)
        say("Changing the list")
        delays = _change(call, connections)
        say("Polling")
        not_modified = _poll(call)
    waits, streams = delays[:number], delays[number:]
    return {
        "database": facts["database"],
        "connections": {"waiting": number, "streams": number},
        "milliseconds_to_all": {
            "waiting": round(max(waits)),
            "streams": round(max(streams)),
        },
        "milliseconds_to_half": {
            "waiting": round(statistics.median(waits)),
            "streams": round(statistics.median(streams)),
        },
        "targets": {
            "memory_megabytes": at_most(memory / 1e6, 300),
            "milliseconds_to_all": at_most(max(delays), 300),
            "latency_to_idle": at_most(busy / idle, 1.5),
            "not_modified_of_1000": at_least(not_modified, 999),
        },
    }


@contextmanager
def _connections(call: Call, number: int) -> Iterator[list[socket.socket]]:
    """Open waiting requests and streams, and wait until all of them wait."""
    etag = fetch(call).headers["etag"]
    waiting = {**call.headers, "If-None-Match": etag, "Prefer": "wait=60"}
    requests = [Call(call.port, OURS, waiting)] * number
    requests += [Call(call.port, _EVENTS, call.headers)] * number
    opened: list[socket.socket] = []
    try:
        for index, request in enumerate(requests):
            connection = socket.create_connection(("127.0.0.1", call.port), timeout=30)
            opened.append(connection)
            connection.sendall(request.encode())
            if request.path == _EVENTS:
                _read_until(connection, b"id: ")
            elif index % _AT_ONCE == 0:
                fetch(call)  # more would be refused while they are queued
        time.sleep(_SETTLE_SECONDS)
        yield opened
    finally:
        for connection in opened:
            connection.close()


def _read_until(connection: socket.socket, text: bytes) -> None:
    received = b""
    while text not in received:
        part = connection.recv(65536)
        received += part
        if not part:
            raise ConnectionError(received[:300].decode(errors="replace"))


def _change(call: Call, connections: list[socket.socket]) -> list[float]:
    """Create an operation; return the milliseconds until each connection has it."""
    changed: dict[int, float] = {}
    with selectors.DefaultSelector() as selector:
        for index, connection in enumerate(connections):
            selector.register(connection, selectors.EVENT_READ, index)
        started = time.perf_counter()
        _post(call.port, _CHANGE, call.headers)
        while len(changed) < len(connections):
            if time.perf_counter() - started > _CHANGE_SECONDS:
                msg = f"Only {len(changed)} of {len(connections)} learned of a change"
                raise RuntimeError(msg)
            for key, _events in selector.select(1):
                received = key.fileobj.recv(65536)  # type: ignore[union-attr] # a socket
                if b"200 OK" in received or b"event: timeline" in received:
                    changed[key.data] = (time.perf_counter() - started) * 1000
                    selector.unregister(key.fileobj)
    return [changed[index] for index in range(len(connections))]


def _post(port: int, path: str, headers: Mapping[str, str]) -> None:
    """POST without a body, and read the beginning of the response."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Length: 0"]
    lines += map(": ".join, headers.items())
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        received = connection.recv(65536)
    if b" 200 OK" not in received.split(b"\r\n", 1)[0]:
        raise ConnectionError(received[:300].decode(errors="replace"))


def _poll(call: Call) -> int:
    """Poll a thousand times; return the number of responses without a body."""
    headers = dict(call.headers)
    not_modified = 0
    for _ in range(1_000):
        is_known = "If-None-Match" in headers
        answer = fetch(Call(call.port, OURS, headers, status=304 if is_known else 200))
        headers["If-None-Match"] = answer.headers["etag"]
        not_modified += answer.status == 304
    return not_modified


def _memory(port: int) -> int:
    """Return the bytes of memory of all web processes; shared memory counts once."""
    total = 0
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if entry.name == str(os.getpid()) or not _serves(words, port):
                continue
            lines = (entry / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(
            int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")
        )
    return total


def _serves(words: list[bytes], port: int) -> bool:
    """Return whether a command line is one of the web server on this port."""
    return b"granian" in words and str(port).encode() in words
