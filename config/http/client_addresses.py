"""From which address a request comes."""

from __future__ import annotations

import ipaddress
from typing import Any, Final

from django.conf import settings

_SUBSCRIBER_BITS: Final = 64
_SITE_BITS: Final = 48


def client_address(request: Any) -> str:
    """Return the caller's address; behind a proxy, what the nearest one reports.

    Args:
        request: Django's request or the API's; only `META` is read.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.BEHIND_PROXY:
        return direct
    reported = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    return _plain(reported) or direct


def network_of(address: str) -> str:
    """Return the network that counts as one caller.

    A subscriber of IPv6 has a network of 64 bits, and may take any address in it. An
    IPv4 address that is written as IPv6 is the IPv4 address. Other texts, as over a
    Unix socket, stay as they are.
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
    """Return the caller's network as an address, or `None` where it has none."""
    return _plain(network_of(client_address(request)))


def _prefix_of(plain: str, bits: int) -> str:
    network = ipaddress.ip_network(f"{plain}/{bits}", strict=False)
    return str(network.network_address)


def _plain(address: str) -> str | None:
    """Return the address in its usual form without a zone, or `None`."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
