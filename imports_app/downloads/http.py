"""HTTP requests: streamed, within limits, and not to private networks."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

from config.units import format_bytes
from imports_app.downloads.addresses import (
    DEFAULT_PORTS,
    BadAddressError,
    ForbiddenAddressError,
    Target,
    find_target,
)

_CHUNK: Final = 64 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_GONE: Final = frozenset({401, 403, 404, 410})
_WORTH_ANOTHER_TRY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "import-server"}


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits of a request."""

    bytes: int
    idle_seconds: float
    """Maximum seconds without a byte."""
    total_seconds: float
    """Maximum seconds in total, including redirects."""
    allowed_hosts: Collection[str] = field(default=())
    """Hosts that may be in a private network, as `host` or `host:port`."""
    setting: str = "DOWNLOAD_ALLOWED_HOSTS"
    """Name of the setting with the allowed hosts, for error messages."""
    is_https_only: bool = False
    """Whether only allowed hosts may be contacted without TLS."""


class FetchError(Exception):
    """A request failed.

    Attributes:
        code: Stable error code.
        message: Shown to users; contains no part of the URL except its host.
        is_temporary: Whether the error is temporary, so that a retry may help.
        is_gone: Whether the file does not exist, or the server denies access to the
            URL.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        is_temporary: bool = False,
        is_gone: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.is_temporary = is_temporary
        self.is_gone = is_gone


@dataclass(frozen=True, slots=True)
class Fetched:
    """Response with an unread body."""

    content_type: str
    """Content type in lower case, without parameters."""
    size: int | None
    """Content-Length, if announced."""
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Message:
    """Request to the server."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None = None


_GET: Final = _Message("GET", {})


def post(url: str, body: bytes, headers: Mapping[str, str], limits: FetchLimits) -> int:
    """Send a body and return the status of the response, which is not read further.

    Redirects are not followed: their status is returned like any other.

    Raises:
        FetchError: There was no response within the limits.
    """
    deadline = time.monotonic() + limits.total_seconds
    message = _Message("POST", headers, body)
    with _errors_converted(), _requested(url, limits, deadline, message) as response:
        return response.status


@dataclass(frozen=True, slots=True)
class Reply:
    """Complete response to a call of another server."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


def call(
    method: str,
    url: str,
    headers: Mapping[str, str],
    limits: FetchLimits,
    body: bytes | None = None,
) -> Reply:
    """Send a request and return the response, whatever its status is.

    Redirects are not followed, so that credentials stay with the server.

    Raises:
        FetchError: There was no complete response within the limits.
    """
    deadline = time.monotonic() + limits.total_seconds
    message = _Message(method, headers, body)
    with _errors_converted(), _requested(url, limits, deadline, message) as response:
        if response.length is not None and response.length > limits.bytes:
            raise _too_large(limits)
        content = bytearray()
        for chunk in iter(lambda: response.read1(_CHUNK), b""):
            content += chunk
            if len(content) > limits.bytes:
                raise _too_large(limits)
        if response.length:  # fewer bytes than announced
            raise http.client.IncompleteRead(bytes(content))
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, bytes(content))


@contextmanager
def fetching(url: str, limits: FetchLimits) -> Iterator[Fetched]:
    """Request a file and follow redirects, each checked like the first URL.

    Raises:
        FetchError: The download failed; may be raised while reading the chunks.
    """
    deadline = time.monotonic() + limits.total_seconds
    for _hop in range(_MOST_REDIRECTS + 1):
        with _errors_converted(), _requested(url, limits, deadline, _GET) as response:
            if response.status not in _REDIRECTS:
                _check_in_time(deadline)  # truncated headers look complete
                _check_answer(response, limits)
                yield Fetched(
                    _content_type(response),
                    response.length,
                    _chunks(response, limits),
                )
                return
            url = _redirected(url, response.getheader("Location", ""))
    raise FetchError("fetch-too-many-redirects", "the server redirects too many times")


def _redirected(url: str, location: str) -> str:
    """Return the target of a redirect; HTTPS must not become HTTP."""
    try:
        target = urljoin(url, location)
        is_downgrade = (urlsplit(url).scheme, urlsplit(target).scheme) == (
            "https",
            "http",
        )
    except ValueError as error:
        raise BadAddressError("the server redirects to an invalid URL") from error
    if is_downgrade:
        raise BadAddressError("the server redirects from https to http")
    return target


@contextmanager
def _errors_converted() -> Iterator[None]:
    """Convert errors of a request to `FetchError`."""
    try:
        yield
    except BadAddressError as error:
        raise FetchError("fetch-bad-address", str(error)) from error
    except ForbiddenAddressError as error:
        raise FetchError("fetch-forbidden-address", str(error)) from error
    except ssl.SSLCertVerificationError as error:
        raise FetchError(
            "fetch-bad-certificate", "the server's certificate is not trusted"
        ) from error
    except TimeoutError as error:
        raise FetchError(
            "fetch-too-slow", "the request timed out", is_temporary=True
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(
            "fetch-broken-off", "the connection failed or was lost", is_temporary=True
        ) from error


@contextmanager
def _requested(
    url: str, limits: FetchLimits, deadline: float, message: _Message
) -> Iterator[http.client.HTTPResponse]:
    """Send a request to the checked address; it is aborted at the deadline."""
    target = find_target(
        url,
        limits.allowed_hosts,
        setting=limits.setting,
        is_https_only=limits.is_https_only,
    )
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    with closing(_connect(target, min(limits.idle_seconds, left))) as link:
        # A server that sends single bytes would never exceed the socket's timeout.
        left = max(deadline - time.monotonic(), 0)
        ending = threading.Timer(left, _abort, [link])
        ending.daemon = True
        ending.start()
        try:
            if isinstance(link, ssl.SSLSocket):
                link.do_handshake()
            with closing(_send(target, link, message)) as response:
                yield response
                _check_in_time(deadline)
        except (OSError, http.client.HTTPException, ValueError):
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            raise
        finally:
            ending.cancel()


def _connect(target: Target, timeout: float) -> socket.socket:
    """Connect to the checked address, with the requested host name for TLS.

    The handshake comes later, when the time limit is in effect.
    """
    link = socket.create_connection((target.address, target.port), timeout=timeout)
    if target.scheme == "http":
        return link
    try:
        context = ssl.create_default_context()
        return context.wrap_socket(
            link, server_hostname=target.host, do_handshake_on_connect=False
        )
    except BaseException:
        link.close()
        raise


def _send(
    target: Target, link: socket.socket, message: _Message
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.default_port = DEFAULT_PORTS[target.scheme]
    connection.sock = link
    headers = {**_HEADERS, **message.headers}
    connection.request(message.method, target.path, message.body, headers)
    return connection.getresponse()


def _abort(link: socket.socket) -> None:
    with suppress(OSError):  # already closed
        link.shutdown(socket.SHUT_RDWR)


def _check_in_time(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise TimeoutError


def _check_answer(response: http.client.HTTPResponse, limits: FetchLimits) -> None:
    if response.status != http.client.OK:
        raise FetchError(
            "fetch-unexpected-status",
            f"Unexpected response status {response.status}",
            is_temporary=response.status in _WORTH_ANOTHER_TRY,
            is_gone=response.status in _GONE,
        )
    if response.length is not None and response.length > limits.bytes:
        raise _too_large(limits)
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        raise FetchError(
            "fetch-unexpected-encoding", "the server sent a compressed response"
        )


def _content_type(response: http.client.HTTPResponse) -> str:
    return response.getheader("Content-Type", "").partition(";")[0].strip().lower()


def _chunks(response: http.client.HTTPResponse, limits: FetchLimits) -> Iterator[bytes]:
    announced = response.length
    received = 0
    while chunk := response.read1(_CHUNK):
        received += len(chunk)
        if received > limits.bytes:
            raise _too_large(limits)
        yield chunk
    is_cut = not received and not response.chunked
    if is_cut if announced is None else received != announced:
        raise http.client.IncompleteRead(b"")


def _too_large(limits: FetchLimits) -> FetchError:
    return FetchError(
        "fetch-too-large",
        f"the file is larger than {format_bytes(limits.bytes)}, the maximum size",
    )
