"""Forged and repeated headers against a running server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live import free_port, running_server
from tests.security.live import CREDENTIALS, LATEST, Server, request, status_of

USER, TOKEN = CREDENTIALS.values()
ADDRESSES = (f"203.0.113.{number}" for number in range(1, 255))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind a proxy, whose role the test plays."""
    data = tmp_path_factory.mktemp("server")
    port = free_port()
    settings = {
        "BEHIND_PROXY": "on",
        "HTTPS": "on",
        "LOGIN_FAILURE_LIMIT": "3",
        "RATE_LIMIT": "5/600s",
    }
    with running_server(data, port, "--workers", "1", demo=True, **settings):
        server = Server(port, data)
        yield server
        server.close()


@pytest.fixture
def own_address() -> str:
    """Return an address that no other test calls from."""
    return next(ADDRESSES)


def latest(*lines: str, **headers: str) -> bytes:
    """Return a call as the proxy passes it on: over HTTPS, and with an address.

    Args:
        lines: Header lines as they are.
        headers: Headers in the place of the usual ones, with `_` for `-`.
    """
    passed_on = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.1"}
    passed_on |= {name.replace("_", "-"): value for name, value in headers.items()}
    return request("GET", LATEST, *lines, headers=passed_on)


@pytest.mark.parametrize(
    ("lines", "headers", "status"),
    [
        ((), {}, 200),
        ((f"X_User_Id: {USER}",), {"X_User_Id": ""}, 401),
        ((f"X_Auth_Token: {TOKEN}",), {"X_Auth_Token": ""}, 401),
        ((f"x_auth-token: {TOKEN}",), {"X_Auth_Token": ""}, 401),
        ((f"X-User-Id: {USER}",), {}, 400),
        (("X-User-Id: somebody",), {}, 400),
        ((f"x-auth-token: {TOKEN}",), {}, 400),
        (("X-Forwarded-Proto: http",), {}, 400),
        (("Host: evil.example",), {}, 400),
        (("X_Forwarded_Proto: https",), {"X_Forwarded_Proto": ""}, 301),
        (("X_Forwarded_Proto: http",), {}, 200),
        (("Origin: a", "Origin: b"), {}, 400),
    ],
)
def test_no_header_replaces_another(
    server: Server,
    lines: tuple[str, ...],
    headers: dict[str, str],
    status: int,
    own_address: str,
) -> None:
    answer = server.ask(latest(*lines, X_Forwarded_For=own_address, **headers))

    # HTTPS redirects before anything else where the proxy's header is missing.
    assert status_of(answer) == status


def refused(server: Server, *lines: str, address: str) -> int:
    """Return the status of a call with a wrong token from an address."""
    call = latest(*lines, X_Auth_Token="wrong", X_Forwarded_For=address)
    return status_of(server.ask(call))


@pytest.mark.parametrize(
    "name", ["X_Forwarded_For", "Forwarded", "X-Real-IP", "Client-IP", "True-Client-IP"]
)
def test_no_header_changes_the_address(
    server: Server, name: str, own_address: str
) -> None:
    answers = [
        refused(server, f"{name}: 198.51.100.{number}", address=own_address)
        for number in range(8)
    ]

    assert answers == [401] * 5 + [429] * 3


def test_a_client_does_not_choose_its_address(server: Server, own_address: str) -> None:
    answers = [
        refused(server, address=f"198.51.100.{number}, {own_address}")
        for number in range(8)
    ]

    assert answers == [401] * 5 + [429] * 3


def test_the_last_of_repeated_headers_is_from_the_proxy(
    server: Server, own_address: str
) -> None:
    line = f"X-Forwarded-For: {own_address}"
    answers = [
        refused(server, line, address=f"198.51.100.{number}") for number in range(8)
    ]

    assert answers == [401] * 5 + [429] * 3


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Content-Length: 6\r\n\r\nabcdef",
        b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5, 5\r\n\r\nx",
        b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n"
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n X: folded\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET  /healthz HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=range(15),
)
def test_the_server_survives_malformed_requests(
    server: Server, raw: bytes, own_address: str
) -> None:
    answer = server.ask(raw)

    assert status_of(answer) in {0, 400, 413, 414, 431, 501, 505}
    assert status_of(server.ask(latest(X_Forwarded_For=own_address))) == 200
