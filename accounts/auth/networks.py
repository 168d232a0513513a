"""Networks from which a token may be used."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final, TypeAlias

from accounts.errors import InvalidNetworksError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_NETWORKS: Final = 50
_SHOWN: Final = 50


def read_networks(text: str) -> str:
    """Parse a list of networks and return it as stored: separated by commas.

    Args:
        text: Addresses and networks (CIDR), separated by commas or whitespace.

    Raises:
        InvalidNetworksError: An entry is not a network, or there are too many.
    """
    words = text.replace(",", " ").split()
    if len(words) > MOST_NETWORKS:
        msg = f"Use at most {MOST_NETWORKS} networks."
        raise InvalidNetworksError(msg)
    return ",".join(dict.fromkeys(map(_read_network, words)))


def is_within(address: str, networks: str) -> bool:
    """Return whether the address is in one of the stored networks."""
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(client, ipaddress.IPv6Address) and client.ipv4_mapped:
        client = client.ipv4_mapped
    return any(client in network for network in _stored_networks(networks))


def _read_network(word: str) -> str:
    try:
        network = ipaddress.ip_network(word)
    except ValueError as error:
        msg = (
            f"{word[:_SHOWN]!r} is not a network. Use a form such as 192.0.2.0/24"
            " or 2001:db8::/32."
        )
        raise InvalidNetworksError(msg) from error
    if isinstance(network, ipaddress.IPv6Network) and (
        mapped := network.network_address.ipv4_mapped
    ):
        prefix = max(network.prefixlen - 96, 0)
        network = ipaddress.ip_network(f"{mapped}/{prefix}", strict=False)
    return str(network)


@lru_cache(maxsize=1024)
def _stored_networks(networks: str) -> tuple[Network, ...]:
    return tuple(map(ipaddress.ip_network, networks.split(",")))
