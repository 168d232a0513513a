"""Conversion of the web server's request to the WSGI environ for Django.

`X_Forwarded_For` and `X-Forwarded-For` have the same name in the environ. To prevent
forged headers, names with underscores are dropped, and repeated headers are rejected
unless their values form a list.
"""

from __future__ import annotations

import sys
from typing import Any, Final, Protocol, TypeAlias

from django.conf import settings

_LISTS: Final = {
    "accept": ", ",
    "accept-charset": ", ",
    "accept-encoding": ", ",
    "accept-language": ", ",
    "cache-control": ", ",
    "connection": ", ",
    "cookie": "; ",
    "forwarded": ", ",
    "if-match": ", ",
    "if-none-match": ", ",
    "pragma": ", ",
    "prefer": ", ",
    "te": ", ",
    "trailer": ", ",
    "transfer-encoding": ", ",
    "upgrade": ", ",
    "via": ", ",
    "warning": ", ",
    "x-forwarded-for": ", ",
}
"""Headers with joined values and their separators (RFC 9110 5.3, RFC 6265 5.4)."""

_KEYS: Final = {
    name: f"HTTP_{name.upper().replace('-', '_')}"
    for name in (
        *("accept", "accept-encoding", "accept-language", "cache-control"),
        *("connection", "cookie", "host", "if-none-match", "origin", "referer"),
        *("user-agent", "x-auth-token", "x-user-id"),
    )
} | {"content-length": "CONTENT_LENGTH", "content-type": "CONTENT_TYPE"}
"""Precomputed environ keys of common headers."""

_CONSTANT: Final[dict[str, Any]] = {
    "SCRIPT_NAME": "",
    "wsgi.errors": sys.stderr,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}


Environ: TypeAlias = dict[str, Any]


class Headers(Protocol):
    """The headers of a request, with names in lower case."""

    def items(self) -> list[tuple[str, str]]:
        """Return names and values in order."""


class Scope(Protocol):
    """A request without its body."""

    http_version: str
    method: str
    path: str
    """Percent-decoded."""
    query_string: str
    scheme: str
    client: str
    """Address and port."""
    server: str
    """Address and port."""

    @property
    def headers(self) -> Headers:
        """The headers; non-ASCII headers are missing."""


class InvalidHeadersError(Exception):
    """The headers of a request are not valid; the text is for the client."""


def environ_of(scope: Scope) -> Environ:
    """Return the environ of a request without `wsgi.input`.

    Raises:
        InvalidHeadersError: A header with a single value was sent more than once, or
            HTTP/1.1 without Host.
    """
    path = scope.path
    server, _colon, port = scope.server.rpartition(":")
    environ: Environ = {
        **_CONSTANT,
        "REQUEST_METHOD": scope.method,
        # WSGI requires the bytes of the path as Latin-1.
        "PATH_INFO": path if path.isascii() else path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
    }
    for name, value in scope.headers.items():
        key = _KEYS.get(name)
        if key is None:
            # `Proxy` would become HTTP_PROXY, which HTTP clients use as a setting.
            if "_" in name or name == "proxy":
                continue
            key = f"HTTP_{name.upper().replace('-', '_')}"
        if key in environ:
            if (separator := _LISTS.get(name)) is None:
                msg = f"The header {name} was sent more than once. Send it once."
                raise InvalidHeadersError(msg)
            value = f"{environ[key]}{separator}{value}"
        environ[key] = value
    if "HTTP_HOST" not in environ:
        _add_host(environ, scope.http_version)
    return environ


def _add_host(environ: Environ, http_version: str) -> None:
    """Add the server's first name as host, which HTTP/1.0 doesn't require.

    Raises:
        InvalidHeadersError: The client uses HTTP/1.1, which requires it.
    """
    if not http_version.startswith("1") or http_version == "1.1":
        msg = "The header Host is missing. HTTP/1.1 requires it."
        raise InvalidHeadersError(msg)
    names = (name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*")
    if (host := next(names, None)) is not None:
        environ["HTTP_HOST"] = host
