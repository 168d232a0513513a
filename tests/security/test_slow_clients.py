"""Slow and stalled clients against a running server."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.live import free_port, running_server, wait_for
from tests.security.conftest import Attacks
from tests.security.live import UPLOAD, Server, request, status_of

IDLE_SECONDS = 6
"""Enough to measure the server meanwhile, on a slow machine as well."""
FAST_ENOUGH_SECONDS = 0.2
SLOWED_DOWN = 5
BUNDLE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests, with one web process."""
    data = tmp_path_factory.mktemp("server")
    port = free_port()
    settings = {
        "BODY_IDLE_SECONDS": str(IDLE_SECONDS),
        "BODIES_PER_ADDRESS": "80",
        "RATE_LIMIT": "off",
    }
    with running_server(data, port, "--workers", "1", demo=True, **settings):
        yield Server(port, data)


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The server; the test's connections are closed at its end."""
    yield running
    running.close()


@pytest.fixture
def limit(server: Server) -> float:
    """The seconds that no answer may take while the server is attacked.

    A machine on which others work takes some of them without an attack, too.
    """
    return max(FAST_ENOUGH_SECONDS, SLOWED_DOWN * server.slowest_answer(5))


def slowest_answer(server: Server, limit: float, calls: int = 20) -> float:
    """Return the seconds of the slowest answer; measures again what was too slow.

    Others take the machine for a moment only. An attack that holds the server goes on
    until the server ends it, and the first measurement with it.
    """
    retry_until = time.monotonic() + IDLE_SECONDS / 2
    slowest = server.slowest_answer(calls)
    while slowest > limit and time.monotonic() < retry_until:
        slowest = min(slowest, server.slowest_answer(calls))
    return slowest


def web_process(port: int) -> int:
    """Return the process that answers."""
    argument = f"--port\0{port}\0".encode()
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # a process that ended meanwhile
            if argument in command.read_bytes():
                found.append(int(command.parent.name))
    return found[-1]


def memory_of(pid: int) -> int:
    """Return the megabytes that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            request("POST", "/api/v1/login", JSON, length=2000) + b'{"user": "a',
            id="half a login",
        ),
        pytest.param(request("POST", "/api/v1/login", JSON, length=2000), id="no body"),
        pytest.param(
            request("POST", "/api/v1/login", "Transfer-Encoding: chunked") + b"5\r\nab",
            id="half a chunk",
        ),
        pytest.param(
            request(
                "POST",
                "/admin/login/",
                "Content-Type: multipart/form-data; boundary=x",
                length=100_000,
                headers={"X-User-Id": ""},
            )
            + b"--x\r\n",
            id="half a form",
        ),
        pytest.param(
            b"POST /api/v1/login HTTP/1.1\r\nHost: loc", id="half the headers"
        ),
        pytest.param(b"", id="no bytes"),
    ],
)
def test_64_connections_that_stop_sending(
    server: Server, attacks: Attacks, limit: float, sent: bytes
) -> None:
    connections = [server.connect(sent) for _ in range(64)]

    slowest = slowest_answer(server, limit)

    for connection in connections:
        connection.settimeout(0.001)
        with pytest.raises(TimeoutError):  # it is still waiting
            connection.recv(1)
        attacks.record(f"{slowest:.3f} s", got_through=slowest > limit)


def test_a_half_sent_body_is_refused_after_a_while(server: Server) -> None:
    started = time.perf_counter()

    answer = server.ask(request("POST", "/api/v1/login", JSON, length=2000) + b"{")

    assert status_of(answer) == 408
    assert time.perf_counter() - started < IDLE_SECONDS + 2


def test_twenty_uploads_over_slow_lines(
    server: Server, attacks: Attacks, limit: float
) -> None:
    head = request("PUT", UPLOAD, length=2_000_000_000)
    connections = [server.connect(head + bytes(100_000)) for _ in range(20)]

    def send_more() -> None:
        for connection in connections:
            connection.sendall(bytes(100_000))

    for _ in range(4):
        send_more()
        slowest = slowest_answer(server, limit, 5)
        attacks.record(f"{slowest:.3f} s", got_through=slowest > limit)
    wait_for(lambda: len(server.stored()) == 20)

    server.close()

    wait_for(lambda: not server.stored())


def test_60_readers_that_stop_reading(
    server: Server, attacks: Attacks, limit: float
) -> None:
    pid = web_process(server.port)
    server.get(BUNDLE)
    before = memory_of(pid)
    ask = request("GET", BUNDLE, headers={"Connection": "keep-alive"})
    for _ in range(60):
        server.connect(ask * 4, receive_buffer=4096)

    slowest = slowest_answer(server, limit)

    attacks.record(f"{slowest:.3f} s", got_through=slowest > limit)
    attacks.record("memory", got_through=memory_of(pid) - before > 100)


def test_1500_idle_connections(server: Server, attacks: Attacks, limit: float) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        for _ in range(1500):
            server.connect()
        slowest = slowest_answer(server, limit)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    attacks.record(f"{slowest:.3f} s", got_through=slowest > limit)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(
            request("PUT", UPLOAD, length=5 * 10**9, headers={"X-User-Id": "nobody"}),
            401,
            id="anonymous upload",
        ),
        pytest.param(
            request(
                "PUT",
                UPLOAD,
                "Transfer-Encoding: chunked",
                headers={"X-Auth-Token": ""},
            ),
            401,
            id="endless anonymous upload",
        ),
        pytest.param(request("PUT", UPLOAD, length=10**14), 413, id="too large"),
        pytest.param(
            request("PUT", UPLOAD.replace("csv", "none"), length=10**9),
            400,
            id="for no importer",
        ),
        pytest.param(
            request("POST", "/api/v1/login", JSON, length=10**9), 413, id="login"
        ),
        pytest.param(
            request("POST", "/api/v1/import.addUsers", JSON, length=10**9),
            413,
            id="list of users",
        ),
        pytest.param(
            request("POST", "/api/v1/nothing", JSON, length=10**9), 404, id="nowhere"
        ),
        pytest.param(
            request("DELETE", "/api/v1/me", JSON, length=10**9), 405, id="wrong method"
        ),
        pytest.param(
            request(
                "POST",
                "/admin/imports_app/importoperation/new/",
                "Content-Type: multipart/form-data; boundary=x",
                length=10**9,
            ),
            413,
            id="anonymous form",
        ),
    ],
)
def test_a_large_body_is_refused_before_it_is_sent(
    server: Server, head: bytes, status: int
) -> None:
    assert status_of(server.ask(head)) == status
    assert server.stored() == []


def test_concurrent_bodies_per_address_are_limited(server: Server) -> None:
    half = request("POST", "/api/v1/login", JSON, length=2000) + b"{"
    connections = [server.connect(half) for _ in range(100)]

    answers = [connection.recv(100) for connection in connections]

    assert [status_of(answer) for answer in answers].count(429) >= 20
    assert status_of(server.get("/healthz")) == 200
