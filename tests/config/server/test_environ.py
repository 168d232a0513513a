"""Conversion of a request to the WSGI environ."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from config.server.environ import Environ, InvalidHeadersError
from config.server.environ import environ_of as environ_of_any
from tests.config.server.rsgi import Request


def environ_of(request: Request) -> Environ:
    """Return the environ of a request to localhost."""
    if all(name != "host" for name, _value in request.header_lines):
        request.header_lines.insert(0, ("host", "localhost"))
    return environ_of_any(request)


def test_uses_the_names_of_wsgi() -> None:
    environ = environ_of(
        Request(
            "POST",
            "/caf\xe9 \u65e5",
            [("content-type", "text/plain"), ("x-user-id", "abc"), ("x-odd", "1")],
            query_string="a=%20",
            client="[::1]:40000",
        )
    )

    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/caf\xe9 \u65e5"
    assert environ["QUERY_STRING"] == "a=%20"
    assert environ["REMOTE_ADDR"] == "::1"
    assert environ["SERVER_PORT"] == "3000"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["HTTP_X_USER_ID"] == "abc"
    assert environ["HTTP_X_ODD"] == "1"


@pytest.mark.parametrize("name", ["x_user_id", "x_forwarded_for", "content_length"])
def test_drops_names_with_underscores(name: str) -> None:
    environ = environ_of(Request(header_lines=[(name, "forged")]))

    assert "forged" not in environ.values()


def test_drops_the_proxy_header() -> None:
    assert "HTTP_PROXY" not in environ_of(Request(header_lines=[("proxy", "evil")]))


@pytest.mark.parametrize(
    "name",
    ["x-user-id", "x-auth-token", "x-forwarded-proto", "host", "content-type", "x-odd"],
)
def test_refuses_a_header_that_is_sent_twice(name: str) -> None:
    request = Request(header_lines=[(name, "one"), (name, "two")])

    with pytest.raises(InvalidHeadersError, match=f"{name} was sent more than once"):
        environ_of(request)


@pytest.mark.parametrize(
    ("name", "key", "joined"),
    [
        ("cookie", "HTTP_COOKIE", "one; two"),
        ("if-none-match", "HTTP_IF_NONE_MATCH", "one, two"),
        ("x-forwarded-for", "HTTP_X_FORWARDED_FOR", "one, two"),
    ],
)
def test_joins_headers_that_are_lists(name: str, key: str, joined: str) -> None:
    environ = environ_of(Request(header_lines=[(name, "one"), (name, "two")]))

    assert environ[key] == joined


@pytest.mark.parametrize(
    ("names", "host"),
    [
        (["*", ".example.org", "127.0.0.1"], "example.org"),
        (["localhost"], "localhost"),
        (["*"], None),
    ],
)
def test_uses_the_first_allowed_host_for_http_1_0_without_host(
    settings: Settings, names: list[str], host: str | None
) -> None:
    settings.ALLOWED_HOSTS = names

    assert environ_of_any(Request(http_version="1")).get("HTTP_HOST") == host


@pytest.mark.parametrize("version", ["1.1", "2"])
def test_refuses_later_versions_without_host(version: str) -> None:
    with pytest.raises(InvalidHeadersError, match="Host is missing"):
        environ_of_any(Request(http_version=version))
