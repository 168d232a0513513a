"""Files from the web: streamed, within limits, and never from a private network."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

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
_WORTH_ANOTHER_TRY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much, and how long."""

    bytes: int
    idle_seconds: float
    """Without a byte."""
    total_seconds: float
    """For everything, redirects included."""
    allowed_hosts: Collection[str] = field(default=())
    """Hosts that may be in a private network, as `host` or `host:port`."""


class FetchError(Exception):
    """A file could not be had.

    Attributes:
        code: A stable name for the reason.
        message: For people; no part of the address is in it.
        is_passing: Whether another try may help.
    """

    def __init__(self, code: str, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.is_passing = is_passing


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer whose body can be read."""

    content_type: str
    """In lower case, without parameters."""
    size: int | None
    """As announced."""
    chunks: Iterator[bytes]


@contextmanager
def fetching(url: str, limits: FetchLimits) -> Iterator[Fetched]:
    """Ask for a file and follow redirects, each checked like the first address.

    Raises:
        FetchError: It can't be had; also while the chunks are read.
    """
    deadline = time.monotonic() + limits.total_seconds
    for _hop in range(_MOST_REDIRECTS + 1):
        with _reasons(), _asked(url, limits, deadline) as response:
            if response.status not in _REDIRECTS:
                _check_in_time(deadline)  # headers that were cut off look whole
                _check_answer(response, limits)
                yield Fetched(
                    _content_type(response),
                    response.length,
                    _chunks(response, limits),
                )
                return
            url = _redirected(url, response.getheader("Location", ""))
    raise FetchError("fetch-too-many-redirects", "the server redirects in a circle")


def _redirected(url: str, location: str) -> str:
    """Return where a redirect leads; what began encrypted stays so."""
    try:
        target = urljoin(url, location)
        is_downgrade = (urlsplit(url).scheme, urlsplit(target).scheme) == (
            "https",
            "http",
        )
    except ValueError as error:
        raise BadAddressError("the server redirects to no address") from error
    if is_downgrade:
        raise BadAddressError("the server redirects from https to http")
    return target


@contextmanager
def _reasons() -> Iterator[None]:
    """Turn whatever goes wrong into a sentence."""
    try:
        yield
    except BadAddressError as error:
        raise FetchError("fetch-bad-address", str(error)) from error
    except ForbiddenAddressError as error:
        raise FetchError("fetch-forbidden-address", str(error)) from error
    except ssl.SSLCertVerificationError as error:
        raise FetchError(
            "fetch-bad-certificate", "its certificate is not trusted"
        ) from error
    except TimeoutError as error:
        raise FetchError(
            "fetch-too-slow", "the server took too long", is_passing=True
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(
            "fetch-broken-off", "the connection failed, or broke off", is_passing=True
        ) from error


@contextmanager
def _asked(
    url: str, limits: FetchLimits, deadline: float
) -> Iterator[http.client.HTTPResponse]:
    """Send a request to the checked address; everything ends at the deadline."""
    target = find_target(url, limits.allowed_hosts)
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    with closing(_connect(target, min(limits.idle_seconds, left))) as link:
        # A server that sends a byte now and then never meets the time limit of a read.
        left = max(deadline - time.monotonic(), 0)
        ending = threading.Timer(left, _hang_up, [link])
        ending.daemon = True
        ending.start()
        try:
            with closing(_send(target, link)) as response:
                yield response
                _check_in_time(deadline)
        except (OSError, http.client.HTTPException, ValueError):
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            raise
        finally:
            ending.cancel()


def _connect(target: Target, timeout: float) -> socket.socket:
    """Connect to the address that was checked, under the name that was asked for."""
    link = socket.create_connection((target.address, target.port), timeout=timeout)
    if target.scheme == "http":
        return link
    try:
        context = ssl.create_default_context()
        return context.wrap_socket(link, server_hostname=target.host)
    except BaseException:
        link.close()
        raise


def _send(target: Target, link: socket.socket) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.default_port = DEFAULT_PORTS[target.scheme]
    connection.sock = link
    headers = {"Accept-Encoding": "identity", "User-Agent": "import-server"}
    connection.request("GET", target.path, headers=headers)
    return connection.getresponse()


def _hang_up(link: socket.socket) -> None:
    with suppress(OSError):  # it is over already
        link.shutdown(socket.SHUT_RDWR)


def _check_in_time(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise TimeoutError


def _check_answer(response: http.client.HTTPResponse, limits: FetchLimits) -> None:
    if response.status != http.client.OK:
        raise FetchError(
            "fetch-unexpected-status",
            f"Unexpected response status {response.status}",
            is_passing=response.status in _WORTH_ANOTHER_TRY,
        )
    if response.length is not None and response.length > limits.bytes:
        raise _too_large(limits)
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        raise FetchError(
            "fetch-unexpected-encoding", "the server packs what should come as it is"
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
        f"it has more than {limits.bytes} bytes, the most that is taken",
    )
