"""Addresses that a URL may lead the server to, against request forgery.

A name is resolved once and every answer checked; the connection then goes to the
address that was checked: a name that answers differently the next time leads nowhere.
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
"""What of a path and query stays as it is; the rest is written in ASCII."""
_CONTROLS: Final = frozenset({"Cc", "Cs"})
"""Unicode categories: control characters, surrogates."""
_INVISIBLE: Final = frozenset({"Cf", "Zs", "Zl", "Zp"})
"""Unicode categories: format characters, separators."""
_SYSTEM_PORTS: Final = range(1024)
"""Ports of well-known services, which may understand parts of an HTTP request."""
_AUTHORITY: Final = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[^\[\]:]+)(?::[0-9]*)?")
_HOST_NAME: Final = re.compile(r"[a-z0-9_.-]++|[0-9a-f.]*+:[0-9a-f:.]*+")
"""A name in ASCII, or an IPv6 address without a zone."""
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 as seen from a network without it: the last 32 bits are the address."""
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All that is assigned of IPv6 for public use."""
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
"""The IANA special-purpose address registries, within the public ranges.

Entries that are globally reachable are in them as well: they are anycast services
of the network itself, some of them answered by the nearest router, and no web servers.
"""


class BadAddressError(Exception):
    """A URL that is none, or not one of the web's; the message is for people."""


class ForbiddenAddressError(Exception):
    """A URL that leads where downloads may not go; the message is for people."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes."""

    scheme: str
    host: str
    """As the URL has it, for the certificate and the Host header."""
    port: int
    path: str
    """With the query."""
    address: str
    """The IP address to connect to."""


def split_url(url: str) -> SplitResult:
    """Return the parts of a URL of the web.

    Raises:
        BadAddressError: It is none, or carries a name and password.
    """
    if len(url) > _LONGEST or " " in url or _categories(url) & _CONTROLS:
        raise BadAddressError("the address is none")
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise BadAddressError("the address is none") from error
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise BadAddressError("the address begins neither with http:// nor https://")
    if parts.username is not None or parts.password is not None:
        raise BadAddressError("the address carries a name or a password")
    if (
        "\\" in parts.netloc
        or _categories(parts.netloc) & _INVISIBLE
        or not _AUTHORITY.fullmatch(parts.netloc)
    ):
        raise BadAddressError("the address is none")
    return parts


def find_target(url: str, allowed: Collection[str]) -> Target:
    """Resolve a URL's host and check where it leads.

    Args:
        url: The URL.
        allowed: Hosts that may be in a private network, as `host` or `host:port`.

    Raises:
        BadAddressError: It is no URL of the web, or nobody knows its host.
        ForbiddenAddressError: It leads into a private network.
    """
    parts = split_url(url)
    host = _host_in_ascii(parts.hostname or "")
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadAddressError(f"nobody knows the host {host!r}") from error
    addresses = [str(answer[4][0]).partition("%")[0] for answer in answers]
    shown = f"[{host}]" if ":" in host else host
    names = {name.lower() for name in allowed}
    if not {host, shown, f"{shown}:{port}"} & names:
        _check_addresses(host, addresses)
        if port in _SYSTEM_PORTS and port not in DEFAULT_PORTS.values():
            raise ForbiddenAddressError(
                f"port {port} is reserved for another service; an operator can allow"
                f" {shown}:{port} by DOWNLOAD_ALLOWED_HOSTS"
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
    """Return a host as it is looked up, certified and compared with allowed ones."""
    try:
        name = host.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError as error:
        raise BadAddressError("the address has no valid host") from error
    if not _HOST_NAME.fullmatch(name):
        raise BadAddressError("the address has no valid host")
    return name


def _check_addresses(host: str, addresses: list[str]) -> None:
    for address in addresses:
        if not is_public(address):
            raise ForbiddenAddressError(
                f"the host {host!r} is in a private network; an operator can allow"
                " it by DOWNLOAD_ALLOWED_HOSTS"
            )
    # A number in another spelling is an address to some resolvers, a name to others.
    is_number = ":" not in host and _NUMBER.fullmatch(host.rpartition(".")[2])
    if is_number and host not in addresses:
        raise BadAddressError("the IPv4 address is not four decimal numbers")


def redacted(url: str) -> str:
    """Return a URL as people may see it: without query, name, password and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(no address)"
    if not parts.scheme or not host:
        return url.partition("?")[0].rpartition("@")[2][:200]
    return f"{parts.scheme}://{host}{port}{parts.path}"
