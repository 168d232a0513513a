"""Client addresses of requests."""

from __future__ import annotations

import ipaddress
from typing import Any, Final

from django.conf import settings

_SUBSCRIBER_BITS: Final = 64
_SITE_BITS: Final = 48


def client_address(request: Any) -> str:
    """Return the client's address, as reported by the nearest proxy if there is one.

    Args:
        request: A Django or API request; only `META` is read.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.BEHIND_PROXY:
        return direct
    reported = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    return _plain(reported) or direct


def network_of(address: str) -> str:
    """Return the network that limits treat as one client.

    IPv6 clients have a /64 network and may use any address in it. IPv4-mapped IPv6
    addresses become IPv4. Other texts, such as Unix sockets, stay unchanged.
    """
    plain = _plain(address)
    if plain is None:
        return address
    return plain if ":" not in plain else _prefix_of(plain, _SUBSCRIBER_BITS)


def site_of(address: str) -> str | None:
    """Return the site that an IPv6 address belongs to; `None` for other addresses.

    Providers give a site up to 48 bits, which are 65,536 networks of 64 bits.
    """
    plain = _plain(address)
    if plain is None or ":" not in plain:
        return None
    return f"{_prefix_of(plain, _SITE_BITS)}/{_SITE_BITS}"


def client_network(request: Any) -> str | None:
    """Return the client's network as an address, or `None` if there is none."""
    return _plain(network_of(client_address(request)))


def _prefix_of(plain: str, bits: int) -> str:
    network = ipaddress.ip_network(f"{plain}/{bits}", strict=False)
    return str(network.network_address)


def _plain(address: str) -> str | None:
    """Return the address in normal form without a zone, or `None`."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
