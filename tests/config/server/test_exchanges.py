"""Requests and responses of a running server, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live import free_port, running_server
from tests.security.live import LATEST, Server, request, status_of

ORIGIN = "https://chat.example.org"
STATIC = "/static/imports_app/icon.svg"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a name that is not its address."""
    data = tmp_path_factory.mktemp("server")
    port = free_port()
    names = {"ALLOWED_HOSTS": "import.example.org", "CORS_ORIGINS": ORIGIN}
    options = ("--workers", "1", "--no-worker")
    with running_server(data, port, *options, demo=True, **names):
        server = Server(port, data)
        yield server
        server.close()


def call(method: str, path: str, **headers: str) -> bytes:
    """Return a request to the server by its name."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return request(method, path, headers={"Host": "import.example.org", **named})


def headers_of(answer: bytes) -> dict[str, str]:
    """Return the headers, with names in lower case."""
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _colon, value in map(_parts, lines)}


def _parts(line: str) -> tuple[str, str, str]:
    return line.partition(": ")


@pytest.mark.parametrize("path", [LATEST, STATIC])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_304_has_no_content_length(server: Server, path: str, method: str) -> None:
    complete = headers_of(server.ask(call("GET", path)))
    answer = server.ask(call(method, path, If_None_Match=complete["etag"]))

    assert status_of(answer) == 304
    assert int(complete["content-length"]) > 0
    assert not {"content-length", "transfer-encoding"} & headers_of(answer).keys()
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("path", [LATEST, STATIC])
def test_head_has_the_headers_of_get(server: Server, path: str) -> None:
    whole, head = (server.ask(call(method, path)) for method in ("GET", "HEAD"))
    sent, announced = headers_of(whole), headers_of(head)

    assert announced["content-length"] == sent["content-length"]
    assert announced["etag"] == sent["etag"]
    assert head.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /api/info HTTP/1.0\r\n\r\n", 200),
        (b"GET /admin/login/ HTTP/1.0\r\n\r\n", 200),
        (b"HEAD /healthz HTTP/1.0\r\n\r\n", 200),
        (b"GET /api/info HTTP/1.0\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET /api/info HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    ],
)
def test_only_http_1_0_needs_no_host(server: Server, raw: bytes, status: int) -> None:
    assert status_of(server.ask(raw)) == status


@pytest.mark.parametrize("path", ["/api/info", "/admin/"])
def test_a_refused_host_leaves_one_line_in_the_log(server: Server, path: str) -> None:
    log = server.data / "log"
    before = len(log.read_text())

    answer = server.ask(call("GET", path, Host=f"evil.example{path}{'x' * 1000}"))

    written = log.read_text()[before:]
    assert status_of(answer) == 400
    assert written.count("\n") == 1
    assert "WARNING django.security.DisallowedHost: Invalid HTTP_HOST" in written
    assert len(written) < 450


def test_pages_of_a_listed_origin_may_use_all_headers_of_the_api(
    server: Server,
) -> None:
    asked = {"Origin": ORIGIN, "Access_Control_Request_Method": "GET"}
    preflight = headers_of(server.ask(call("OPTIONS", LATEST, **asked)))
    answer = headers_of(server.ask(call("GET", LATEST, Origin=ORIGIN)))

    allowed = set(preflight["access-control-allow-headers"].split(", "))
    assert allowed >= {
        *("X-User-Id", "X-Auth-Token", "Content-Type", "x-2fa-code", "x-2fa-method"),
        *("If-None-Match", "Idempotency-Key", "Prefer", "Last-Event-ID"),
    }
    assert int(preflight["access-control-max-age"]) > 0
    assert set(answer["access-control-expose-headers"].split(", ")) == {
        *("ETag", "Retry-After", "Content-Disposition", "X-Accepted-Permissions"),
        *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
        *("Preference-Applied", "Idempotent-Replayed"),
    }


def test_pages_of_other_origins_learn_nothing_about_headers(server: Server) -> None:
    headers = headers_of(server.ask(call("GET", LATEST, Origin="https://evil.example")))

    assert (
        not {
            "access-control-allow-origin",
            "access-control-expose-headers",
        }
        & headers.keys()
    )
