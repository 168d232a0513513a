"""Which addresses a server may be sent to by somebody's URL (request forgery).

A name is resolved once and every answer checked; the connection then goes to the
address that was checked: a name that answers differently the next time leads nowhere.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import SplitResult, quote, urlsplit

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 8_192
_KEPT: Final = "%/?#[]@!$&'()*+,;=:~"
"""What of a path and query stays as it is; the rest is written in ASCII."""
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f]")
_WRAPPERS: Final = (
    ipaddress.ip_network("64:ff9b::/96"),  # NAT64
    ipaddress.ip_network("::/96"),  # IPv4-compatible
)
"""Networks whose last 32 bits are an IPv4 address."""
_NOT_PUBLIC: Final = (
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4, given up
    ipaddress.ip_network("3fff::/20"),  # documentation
    ipaddress.ip_network("fec0::/10"),  # site-local, given up
)
"""Networks that the standard library takes for public ones."""


class BadAddressError(Exception):
    """A URL that is none, or not one of the web's; the message is for people."""


class ForbiddenAddressError(Exception):
    """A URL that leads into a private network; the message is for people."""


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
    if len(url) > _LONGEST or any(
        ord(letter) <= 32 or ord(letter) == 127 for letter in url
    ):
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
    if "\\" in parts.netloc:
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
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadAddressError(f"nobody knows the host {host!r}") from error
    addresses = [str(answer[4][0]).partition("%")[0] for answer in answers]
    if not {host, f"{host}:{port}"} & {name.lower() for name in allowed}:
        for address in addresses:
            if not is_public(address):
                raise ForbiddenAddressError(
                    f"the host {host!r} is in a private network; an operator can allow"
                    " it by DOWNLOAD_ALLOWED_HOSTS"
                )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, quote(path, safe=_KEPT), addresses[0])


def is_public(address: str) -> bool:
    """Tell whether an IP address is of the public internet, however it is dressed."""
    return all(
        one.is_global
        and not (one.is_multicast or one.is_reserved)
        and not any(one in network for network in _NOT_PUBLIC)
        for one in _undressed(ipaddress.ip_address(address))
    )


def _undressed(address: IPAddress) -> list[IPAddress]:
    """Return the address, or the IPv4 addresses that are in it."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner = [
        ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        for network in _WRAPPERS
        if address in network
    ]
    if address.ipv4_mapped is not None:
        inner.append(address.ipv4_mapped)
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner += address.teredo
    return list(inner) or [address]


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
