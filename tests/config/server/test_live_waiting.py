"""Waiting calls, streams and repeated calls on a server with two web processes."""

from __future__ import annotations

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson

from tests.live import free_port, running_server
from tests.security.live import LATEST, Server, request, status_of

EVENTS = "/api/v1/importOperations/events"
NEW = "/api/v1/import.new"
PARALLEL = 50
_NEVER = rb"(?!)"
SOON_SECONDS = 15
"""Less than the calls would wait, also on a busy machine."""


def read_until(connection: socket.socket, pattern: bytes) -> bytes:
    """Return what a connection receives, up to a pattern or its end."""
    received = b""
    while not re.search(pattern, received):
        if not (part := connection.recv(65536)):
            break
        received += part
    return received


def test_waits_streams_and_repeated_calls(tmp_path: Path) -> None:
    port = free_port()
    options = ("--workers", "2", "--no-worker")
    with running_server(
        tmp_path, port, *options, demo=True, RATE_LIMIT="off"
    ) as process:
        server = Server(port, tmp_path)
        stream = server.connect(request("GET", EVENTS))
        begun = read_until(stream, rb"id: \d+\n\n")
        assert status_of(begun) == 200
        assert b"content-type: text/event-stream" in begun
        head = server.ask(request("HEAD", EVENTS))
        assert status_of(head) == 200
        assert head.endswith(b"\r\n\r\n")

        waits = [server.connect(_wait(server)) for _ in range(4)]
        repeated = request("POST", NEW, "Idempotency-Key: a-key", length=0)
        with ThreadPoolExecutor(PARALLEL) as pool:
            answers = list(pool.map(server.ask, [repeated] * PARALLEL))

        assert {status_of(answer) for answer in answers} <= {200, 409}
        bodies = {_body(answer) for answer in answers if status_of(answer) == 200}
        [operation] = [orjson.loads(body)["operation"]["_id"] for body in bodies]
        events = read_until(stream, rb"event: timeline\ndata: [^\n]+\n\n")
        assert operation.encode() in events
        for connection in waits:
            answer = read_until(connection, _NEVER)
            assert status_of(answer) == 200
            assert b"preference-applied: wait=60" in answer
            created = [one["_id"] for one in orjson.loads(_body(answer))]
            assert created.count(operation) == 1

        waits = [server.connect(_wait(server)) for _ in range(4)]
        server.slowest_answer(5)  # those that were sent before have arrived
        stopped_at = time.monotonic()
        process.terminate()
        for connection in waits:
            assert status_of(read_until(connection, rb"\r\n\r\n")) == 304
        read_until(stream, _NEVER)
        assert time.monotonic() - stopped_at < SOON_SECONDS
        server.close()


def _wait(server: Server) -> bytes:
    """Return a request that waits for another list than the current one."""
    found = re.search(rb'etag: ("[^"]+")', server.get(LATEST))
    assert found is not None
    lines = (f"If-None-Match: {found[1].decode()}", "Prefer: wait=60")
    return request("GET", LATEST, *lines)


def _body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]
