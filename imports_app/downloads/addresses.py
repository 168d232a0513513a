"""Address checks for requests, against server-side request forgery.

A host name is resolved once and every address is checked. The connection then uses the
checked address, so that DNS rebinding has no effect.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 8_192
_KEPT: Final = "%/?#[]@!$&'()*+,;=:~"
"""Characters of a path and query that are not percent-encoded."""
_CONTROLS: Final = frozenset({"Cc", "Cs"})
"""Unicode categories: control characters, surrogates."""
_INVISIBLE: Final = frozenset({"Cf", "Zs", "Zl", "Zp"})
"""Unicode categories: format characters, separators."""
_SYSTEM_PORTS: Final = range(1024)
"""Ports of other well-known services, which may interpret parts of an HTTP request."""
_AUTHORITY: Final = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[^\[\]:]+)(?::[0-9]*)?")
_HOST_NAME: Final = re.compile(r"[a-z0-9_.-]++|[0-9a-f.]*+:[0-9a-f:.]*+")
"""Host name in ASCII, or IPv6 address without a zone."""
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""NAT64 prefixes: the last 32 bits are an IPv4 address."""
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""IPv6 addresses assigned for public use."""
_SPECIAL_IPV4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
        *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)
_SPECIAL_IPV6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, benchmarking, ORCHID and more
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
"""IANA special-purpose address registries, within the public ranges.

Globally reachable entries are included: they are anycast services of the network
itself, some of them answered by the nearest router, and not web servers.
"""


class BadAddressError(Exception):
    """The URL is not a valid HTTP URL; the message is shown to users."""


class ForbiddenAddressError(Exception):
    """Requests to the URL's host are not allowed; the message is shown to users."""


@dataclass(frozen=True, slots=True)
class Target:
    """Checked destination of a request."""

    scheme: str
    host: str
    """Host of the URL, for the certificate and the Host header."""
    port: int
    path: str
    """Path with query."""
    address: str
    """IP address to connect to."""


def split_url(url: str) -> SplitResult:
    """Parse an HTTP URL.

    Raises:
        BadAddressError: The URL is not valid, or contains a username or password.
    """
    if len(url) > _LONGEST or " " in url or _categories(url) & _CONTROLS:
        raise BadAddressError("the URL is not valid")
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise BadAddressError("the URL is not valid") from error
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise BadAddressError("the URL must begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise BadAddressError("the URL contains a username or password")
    if (
        "\\" in parts.netloc
        or _categories(parts.netloc) & _INVISIBLE
        or not _AUTHORITY.fullmatch(parts.netloc)
    ):
        raise BadAddressError("the URL is not valid")
    return parts


def find_target(
    url: str,
    allowed: Collection[str],
    *,
    setting: str = "DOWNLOAD_ALLOWED_HOSTS",
    is_https_only: bool = False,
) -> Target:
    """Resolve a URL's host and check its addresses.

    Args:
        url: The URL.
        allowed: Hosts that may be in a private network, as `host` or `host:port`.
        setting: Name of the setting with these hosts, for error messages.
        is_https_only: Whether only these hosts may be contacted without TLS.

    Raises:
        BadAddressError: The URL is not valid, or its host is unknown.
        ForbiddenAddressError: The host is in a private network, or TLS is required.
    """
    parts = split_url(url)
    host = _host_in_ascii(parts.hostname or "")
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    shown = f"[{host}]" if ":" in host else host
    names = {name.lower() for name in allowed}
    is_allowed = bool({host, shown, f"{shown}:{port}"} & names)
    if is_https_only and parts.scheme != "https" and not is_allowed:
        raise ForbiddenAddressError(
            "the URL must begin with https://. To allow http, ask the administrator to"
            f" add {shown}:{port} to {setting}"
        )
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadAddressError(f"the host {host!r} was not found") from error
    addresses = [str(answer[4][0]).partition("%")[0] for answer in answers]
    if not is_allowed:
        _check_addresses(host, addresses, setting)
        if port in _SYSTEM_PORTS and port not in DEFAULT_PORTS.values():
            raise ForbiddenAddressError(
                f"port {port} is reserved for another service. To allow it, ask the"
                f" administrator to add {shown}:{port} to {setting}"
            )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, quote(path, safe=_KEPT), addresses[0])


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed in _NAT64:
        parsed = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _SPECIAL_IPV4)
    return parsed in _GLOBAL_UNICAST and not any(
        parsed in network for network in _SPECIAL_IPV6
    )


def _categories(text: str) -> set[str]:
    return set(map(unicodedata.category, text))


def _host_in_ascii(host: str) -> str:
    """Return a host in ASCII, for DNS, certificates and comparison."""
    try:
        name = host.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError as error:
        raise BadAddressError("the URL has no valid host") from error
    if not _HOST_NAME.fullmatch(name):
        raise BadAddressError("the URL has no valid host")
    return name


def _check_addresses(host: str, addresses: list[str], setting: str) -> None:
    for address in addresses:
        if not is_public(address):
            raise ForbiddenAddressError(
                f"the host {host!r} is in a private network. To allow it, ask the"
                f" administrator to add it to {setting}"
            )
    # Other notations of numbers are addresses to some resolvers and names to others.
    is_number = ":" not in host and _NUMBER.fullmatch(host.rpartition(".")[2])
    if is_number and host not in addresses:
        raise BadAddressError("the IPv4 address must have four decimal numbers")


def redacted(url: str) -> str:
    """Return a URL without secrets: no query, username, password and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(no address)"
    if not parts.scheme or not host:
        return url.partition("?")[0].rpartition("@")[2][:200]
    return f"{parts.scheme}://{host}{port}{parts.path}"
