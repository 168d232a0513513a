"""Addresses for downloads: none leads into a network that is not public.

Names and connections are stubbed at the socket; nothing leaves the machine.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
import trustme

from imports_app.downloads.addresses import is_public
from imports_app.downloads.http import FetchError, FetchLimits, fetching
from tests.security.conftest import Attacks
from tests.web import Web, misbehaving

PUBLIC: Final = "93.184.216.34"
PUBLIC_IPV6: Final = "2606:2800:220:1:248:1893:25c8:1946"
LIMITS: Final = FetchLimits(bytes=50_000, idle_seconds=1, total_seconds=3)

# The IANA special-purpose address registries, as (block, name, globally reachable).
# https://www.iana.org/assignments/iana-ipv4-special-registry
IPV4_REGISTRY: Final = [
    ("0.0.0.0/8", "this network", False),
    ("0.0.0.0/32", "this host on this network", False),
    ("10.0.0.0/8", "private use", False),
    ("100.64.0.0/10", "shared address space", False),
    ("127.0.0.0/8", "loopback", False),
    ("169.254.0.0/16", "link local", False),
    ("172.16.0.0/12", "private use", False),
    ("192.0.0.0/24", "IETF protocol assignments", False),
    ("192.0.0.0/29", "IPv4 service continuity prefix", False),
    ("192.0.0.8/32", "IPv4 dummy address", False),
    ("192.0.0.9/32", "Port Control Protocol anycast", True),
    ("192.0.0.10/32", "TURN anycast", True),
    ("192.0.0.170/32", "NAT64/DNS64 discovery", False),
    ("192.0.0.171/32", "NAT64/DNS64 discovery", False),
    ("192.0.2.0/24", "documentation (TEST-NET-1)", False),
    ("192.31.196.0/24", "AS112-v4", True),
    ("192.52.193.0/24", "AMT", True),
    ("192.88.99.0/24", "deprecated (6to4 relay anycast)", False),
    ("192.88.99.2/32", "6a44 relay anycast", False),
    ("192.168.0.0/16", "private use", False),
    ("192.175.48.0/24", "direct delegation AS112 service", True),
    ("198.18.0.0/15", "benchmarking", False),
    ("198.51.100.0/24", "documentation (TEST-NET-2)", False),
    ("203.0.113.0/24", "documentation (TEST-NET-3)", False),
    ("240.0.0.0/4", "reserved", False),
    ("255.255.255.255/32", "limited broadcast", False),
]
# https://www.iana.org/assignments/iana-ipv6-special-registry
IPV6_REGISTRY: Final = [
    ("::1/128", "loopback", False),
    ("::/128", "unspecified", False),
    ("::ffff:0:0/96", "IPv4-mapped", False),
    ("64:ff9b::/96", "IPv4-IPv6 translation", True),
    ("64:ff9b:1::/48", "IPv4-IPv6 translation, local", False),
    ("100::/64", "discard only", False),
    ("100:0:0:1::/64", "dummy prefix", False),
    ("2001::/23", "IETF protocol assignments", False),
    ("2001::/32", "Teredo", False),
    ("2001:1::1/128", "Port Control Protocol anycast", True),
    ("2001:1::2/128", "TURN anycast", True),
    ("2001:1::3/128", "DNS-SD SRP anycast", True),
    ("2001:2::/48", "benchmarking", False),
    ("2001:3::/32", "AMT", True),
    ("2001:4:112::/48", "AS112-v6", True),
    ("2001:10::/28", "deprecated (ORCHID)", False),
    ("2001:20::/28", "ORCHIDv2", True),
    ("2001:30::/28", "drone remote IDs", True),
    ("2001:db8::/32", "documentation", False),
    ("2002::/16", "6to4", False),
    ("2620:4f:8000::/48", "direct delegation AS112 service", True),
    ("3fff::/20", "documentation", False),
    ("5f00::/16", "segment routing SIDs", False),
    ("fc00::/7", "unique local", False),
    ("fe80::/10", "link-local unicast", False),
]
OTHER_RANGES: Final = [
    ("224.0.0.0/4", "multicast"),
    ("ff00::/8", "multicast"),
    ("::/96", "IPv4-compatible, deprecated"),
    ("fec0::/10", "site-local, deprecated"),
    ("200::/7", "never assigned"),
    ("4000::/3", "never assigned"),
]

PRIVATE_URLS: Final = [
    # IPv4 in other spellings
    *("http://127.1/", "http://127.0.1/", "http://0/", "http://0x7f.0.0.1/"),
    *("http://0x7f000001/", "http://0X7F000001/", "http://2130706433/"),
    *("http://017700000001/", "http://0177.0.0.1/", "http://0177.0.0.01/"),
    *("http://0x7f.1/", "http://127.0.0.0x1/", "http://127.0.00000000000.1/"),
    *("http://0xa9fea9fe/", "http://0251.0376.0251.0376/", "http://2852039166/"),
    *("http://169.254.43518/", "http://169.16689662/", "http://0xa9.254.0xa9.254/"),
    *("http://10.1/", "http://012.0.0.1/", "http://0xa.0.0.1/", "http://167772161/"),
    *("http://192.168.257/", "http://3232235777/", "http://0300.0250.1.1/"),
    *("http://127.0.0.1./", "http://127.0.0.1../", "http://127.0.0.1.../"),
    *("http://1.1.1.1.127.0.0.1/", "http://256.0.0.1/", "http://127.0.0.1.1/"),
    *("http://4294967296/", "http://4294967297/", "http://0x17f000001/"),
    # Public addresses in spellings that resolvers disagree about
    *("http://0x5db8d822/", "http://1572395042/", "http://0135.270.330.042/"),
    # IPv6, with IPv4 inside
    *("http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::]/", "http://[::1.]/"),
    *("http://[0000::0001]/", "http://[::127.0.0.1]/", "http://[::ffff:127.0.0.1]/"),
    *("http://[::ffff:7f00:1]/", "http://[::ffff:a9fe:a9fe]/", "http://[::10.0.0.1]/"),
    *("http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/"),
    *("http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::a9fe:a9fe]/"),
    *("http://[64:ff9b:1::8.8.8.8]/", "http://[64:ff9b::10.0.0.1]/"),
    *("http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::1]/"),
    *("http://[2001:0:7f00:1::]/", "http://[2001::80ff:fffe]/"),
    *("http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[fec0::1]/"),
    # Zones
    *("http://[fe80::1%25lo]/", "http://[fe80::1%lo]/", "http://[::1%25lo]/"),
    *("http://[::1%251]/", "http://[2606:4700::1111%25lo]/", "http://[::%16777216]/"),
    # Names
    *("http://localhost/", "http://LOCALHOST/", "http://localhost./"),
    *(
        "http://private.example/",
        "http://PRIVATE.example./",
        "http://metadata.example/",
    ),
    *("http://public.example../", "http://.public.example/", "http://public..example/"),
    # Letters that the domain name system folds to ASCII
    *(
        "http://\u24dbocalhost/",
        "http://\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54/",
        "http://localho\u017ft/",
    ),
    *(
        "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
        "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
        "http://127\u30020\u30020\u30021/",
    ),
    *("http://127.0.0\uff611/", "http://loc\u00adalhost/", "http://loc\u200balhost/"),
    *(
        "http://loc\u2060alhost/",
        "http://\u202elocalhost/",
        "http://private\u3002example/",
    ),
    # Names and passwords
    *("http://public.example@127.0.0.1/", "http://public.example:80@127.0.0.1/"),
    *("http://127.0.0.1@public.example/", "http://:@public.example/"),
    *("http://@127.0.0.1/", "http://@public.example/", "http://a@b@127.0.0.1/"),
    *("http://public.example%40127.0.0.1/", "http://public.example\uff20127.0.0.1/"),
    # Separators that parsers disagree about
    *("http://public.example\\@127.0.0.1/", "http://127.0.0.1\\@public.example/"),
    *(
        "http://127.0.0.1\\.public.example/",
        "http:\\\\127.0.0.1/",
        "http:/\\127.0.0.1/",
    ),
    *("http://127.0.0.1#@public.example/", "http://127.0.0.1?@public.example/"),
    *("http://127.0.0.1;public.example/", "http://127.0.0.1,public.example/"),
    *("http://127.0.0.1%2f.public.example/", "http://127.0.0.1%00.public.example/"),
    *("http://127.0.0.1%23.public.example/", "http://%31%32%37.0.0.1/"),
    *(
        "http://127.0.0.1\uff052f/",
        "http://127.0.0.1\uff0fpublic.example/",
        "http://[127.0.0.1]/",
    ),
    *("http://public.example[::1]/", "http://[::1]public.example/", "http://[::1/"),
    *("http://::1/", "http://::ffff:7f00:1/", "http://[[::1]]/", "http://[]/"),
    *("http:///127.0.0.1/", "http://", "http:", "//127.0.0.1/", "http:127.0.0.1/"),
    *("http:/127.0.0.1/", "127.0.0.1", "http//127.0.0.1/", "http:////127.0.0.1/"),
    # Whitespace and control characters
    *(" http://127.0.0.1/", "http://127.0.0.1 /", "http://127.0.0.1\t/", "\thttp://a/"),
    *("http://127.0.0.1\n/", "http://127.0.0.1\r\nHost: a/", "ht\ntp://127.0.0.1/"),
    *("http://public.example/\r\nX-A: b", "http://public.example/\n", "\x00http://a/"),
    *("http://public.example/\x00", "http://public.example\x00.private.example/"),
    *("http://127.0.0.1\u00a0/", "http://public.example\u2028/", "http://a\x7f/"),
    *("http://public.example\ud800/", "http://public.example/\udfff", "http://a\x85/"),
    # Ports
    *("http://127.0.0.1:80/", "http://127.0.0.1:/", "http://public.example:0/"),
    *("http://public.example:22/", "http://public.example:25/", "http://a:-1/"),
    *("http://public.example:65536/", "http://public.example:1e3/", "http://a:80:80/"),
    *(
        "http://public.example:+80/",
        "http://public.example:\u0668\u0660/",
        "http://a: 80/",
    ),
    f"http://public.example:{'9' * 5000}/",
    # Schemes
    *("file:///etc/passwd", "file://127.0.0.1/etc/passwd", "FILE:/etc/passwd"),
    *("ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/"),
    *("ldap://127.0.0.1/", "jar:http://127.0.0.1!/", "data:text/plain,x", "ws://a/"),
    *("url:http://127.0.0.1/", "http+unix://%2Frun%2Fd.sock/", "unix:/run/d.sock"),
    *(
        "javascript:alert(1)",
        "netdoc:///etc/passwd",
        "httpx://a/",
        "view-source:http:a",
    ),
    # Size
    "http://public.example/" + "a" * 9000,
    f"http://{'a' * 64}.example/",
    f"http://{'a.' * 4000}example/",
]

NAMES: Final = {
    "public.example": [PUBLIC],
    "private.example": ["10.0.0.1"],
    "metadata.example": ["169.254.169.254"],
}


@dataclass
class Network:
    """Names and connections of a test; every connection reaches the loopback."""

    web: Web
    names: dict[str, list[str]] = field(default_factory=lambda: dict(NAMES))
    changing: dict[str, Iterator[list[str]]] = field(default_factory=dict)
    resolved: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)

    def resolve(
        self, lookup: Callable[..., Any], host: str, port: int, **options: Any
    ) -> list[Any]:
        """Answer for known names; addresses are read as the system reads them."""
        self.resolved.append(host)
        if host in self.changing:
            addresses = next(self.changing[host])
        elif host in self.names:
            addresses = self.names[host]
        elif any(letter.isalpha() for letter in host) and not _is_address(host):
            raise socket.gaierror(socket.EAI_NONAME, "unknown name")
        else:
            numeric = socket.AI_NUMERICHOST
            return list(lookup(host, port, type=options["type"], flags=numeric))
        return [_answer(address, port) for address in addresses]

    def connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        """Record the address and connect to the test's server."""
        self.connected.append(address[0])
        if not is_public(address[0]):
            raise OSError(errno.ENETUNREACH, "not in this test")
        link = socket.socket()
        link.settimeout(timeout)
        link.connect(("127.0.0.1", self.web.port))
        return link


def _is_address(host: str) -> bool:
    """Return whether the system reads a host as an address without any look-up."""
    try:
        socket.inet_aton(host)
    except OSError:
        return ":" in host
    return True


def _answer(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    lookup = socket.getaddrinfo
    with misbehaving() as web:
        made = Network(web)
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, port, **options: made.resolve(lookup, host, port, **options),
        )
        monkeypatch.setattr(socket, "create_connection", made.connect)
        yield made


def refused(url: str, limits: FetchLimits = LIMITS) -> str:
    """Return the code of the refusal, or nothing if a file came in."""
    try:
        with fetching(url, limits) as fetched:
            for _chunk in fetched.chunks:
                pass
    except FetchError as error:
        return error.code
    return ""


def test_public_addresses_are_reached(network: Network) -> None:
    for url in (
        "http://public.example/ok",
        "http://PUBLIC.example.:8080/ok",
        f"http://{PUBLIC}/ok",
        f"http://[{PUBLIC_IPV6}]:8080/ok",
        "http://[64:ff9b::93.184.216.34]/ok",
    ):
        assert refused(url) == "", url
    assert len(network.connected) == 5


@pytest.mark.parametrize(
    ("block", "name"),
    [(block, name) for block, name, _is_global in IPV4_REGISTRY]
    + [(block, name) for block, name, _is_global in IPV6_REGISTRY]
    + OTHER_RANGES,
)
def test_no_special_purpose_address_is_reached(
    network: Network, attacks: Attacks, block: str, name: str
) -> None:
    """Globally reachable entries are refused as well: no web server has one."""
    if block == "64:ff9b::/96":
        block, name = "64:ff9b::a00:0/104", "IPv4-IPv6 translation of 10.0.0.0/8"
    first, last = _ends(block)
    middle = first + (last - first) // 2
    address_type = ipaddress.ip_network(block).network_address.__class__
    for number in {first, middle, last}:
        address = str(address_type(number))
        shown = f"[{address}]" if ":" in address else address
        network.names["inside.example"] = [address]
        for url in (f"http://{shown}/ok", "http://inside.example/ok"):
            attacks.record(
                f"{name}: {address} by {url}",
                got_through=refused(url) != "fetch-forbidden-address",
            )
    assert network.connected == []


def _ends(block: str) -> tuple[int, int]:
    network = ipaddress.ip_network(block)
    return int(network.network_address), int(network.broadcast_address)


def test_neighbours_of_special_purpose_ranges_are_public() -> None:
    for address in (
        *(
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.1",
        ),
        *("128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255"),
        *("192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "1.0.0.1"),
        *("2001:200::", "2001:db7::1", "2001:db9::1", "2003::1", "2620:4f:8001::1"),
        *("3fff:1000::1", "2600::", "64:ff9b::1.1.1.1"),
    ):
        assert is_public(address), address


def test_no_spelling_of_an_address_reaches_a_private_network(
    network: Network, attacks: Attacks
) -> None:
    assert len(set(PRIVATE_URLS)) >= 150
    for url in PRIVATE_URLS:
        network.connected.clear()
        code = refused(url)
        attacks.record(
            repr(url[:80]),
            got_through=bool(network.connected)
            or code not in ("fetch-bad-address", "fetch-forbidden-address"),
        )


def test_no_redirect_reaches_a_private_network(
    network: Network, attacks: Attacks
) -> None:
    for url in PRIVATE_URLS:
        has_host = "://" in url[:12] and not f"{url}/".startswith("http:///")
        if not (url.isascii() and url.isprintable() and has_host and len(url) < 2000):
            continue  # not sent in a header, or a path on the same server
        network.connected.clear()
        code = refused(f"http://public.example/redirect/{quote(url, safe='')}")
        attacks.record(
            repr(url[:80]),
            got_through=network.connected != [PUBLIC]
            or code not in ("fetch-bad-address", "fetch-forbidden-address"),
        )


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_redirects_over_public_hosts_end_before_a_private_one(
    network: Network, steps: int
) -> None:
    url = "http://private.example/ok"
    for _step in range(steps):
        url = f"http://public.example/redirect/{quote(url, safe='')}"

    assert refused(url) == "fetch-forbidden-address"
    assert network.connected == [PUBLIC] * steps


def test_redirects_end(network: Network, attacks: Attacks) -> None:
    many = "http://public.example/ok"
    for _step in range(6):
        many = f"http://public.example/redirect/{quote(many, safe='')}"
    for name, url in {
        "to itself": "http://public.example/loop/",
        "six in a row": many,
        "to nothing": "http://public.example/redirect/",
    }.items():
        network.connected.clear()
        attacks.record(
            name,
            got_through=refused(url) != "fetch-too-many-redirects"
            or len(network.connected) > 6,
        )


def test_no_redirect_leaves_encryption(
    network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("public.example").configure_cert(context)
    location = quote("http://public.example/ok", safe="")
    with misbehaving(context) as network.web:
        assert refused("https://public.example/ok") == ""
        url = f"https://public.example/redirect/{location}"
        assert refused(url) == "fetch-bad-address"


def test_a_name_that_changes_its_answer_is_asked_once_for_each_request(
    network: Network, attacks: Attacks
) -> None:
    for private in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1"):
        network.connected.clear()
        network.resolved.clear()
        network.changing["changing.example"] = iter([[PUBLIC], [private], [private]])
        url = "http://changing.example"

        code = refused(f"{url}/ok")
        attacks.record(
            f"{private} at the connection",
            got_through=code != ""
            or network.connected != [PUBLIC]
            or network.resolved != ["changing.example"],
        )
        network.changing["changing.example"] = iter([[PUBLIC], [private], [private]])
        network.connected.clear()
        code = refused(f"{url}/redirect/{quote(f'{url}/ok', safe='')}")
        attacks.record(
            f"{private} after a redirect",
            got_through=code != "fetch-forbidden-address"
            or network.connected != [PUBLIC],
        )


@pytest.mark.parametrize(
    "answers",
    [
        [PUBLIC, "10.0.0.1"],
        ["10.0.0.1", PUBLIC],
        [PUBLIC_IPV6, PUBLIC, "127.0.0.1"],
        [PUBLIC_IPV6, "::1"],
        ["::1", PUBLIC],
        ["fd00::1", PUBLIC],
        [PUBLIC, "::ffff:127.0.0.1"],
        [PUBLIC, "fe80::1%eth0"],
        [*[PUBLIC] * 100, "192.168.0.1"],
        ["64:ff9b::7f00:1", PUBLIC],
    ],
)
def test_one_private_answer_among_public_ones_is_refused(
    network: Network, answers: list[str]
) -> None:
    network.names["mixed.example"] = answers

    assert refused("http://mixed.example/ok") == "fetch-forbidden-address"
    assert network.connected == []


def test_the_first_answer_is_connected_to_when_it_is_ipv6(network: Network) -> None:
    network.names["both.example"] = [PUBLIC_IPV6, PUBLIC]

    assert refused("http://both.example/ok") == ""
    assert network.connected == [PUBLIC_IPV6]


@pytest.mark.parametrize(
    "url",
    [
        "http://\u0430llowed.example/ok",  # a Cyrillic letter
        "http://allowed.example.private.example/ok",
        "http://xallowed.example/ok",
        "http://allowed.example:8081/ok",
        "http://allowed-port.example:8081/ok",
        "http://allowed-port.example/ok",
        "http://public.example/redirect/http:%2F%2Fprivate.example%2F",
    ],
)
def test_an_allowed_host_allows_no_other(network: Network, url: str) -> None:
    allowed = ["allowed.example:80", "allowed-port.example:8080"]
    names = {"allowed.example", "allowed-port.example", "xallowed.example"}
    lookalikes = {"xn--llowed-2nf.example", "allowed.example.private.example"}
    network.names |= {name: ["10.0.0.1"] for name in names | lookalikes}
    limits = FetchLimits(50_000, 1, 3, allowed)

    assert refused(url, limits) in ("fetch-forbidden-address", "fetch-bad-address")
    assert set(network.connected) <= {PUBLIC}
