"""Downloads from untrusted servers."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from imports_app.downloads.addresses import (
    BadAddressError,
    ForbiddenAddressError,
    find_target,
    is_public,
    redacted,
    split_url,
)
from imports_app.downloads.http import FetchError, FetchLimits, fetching, post
from tests.web import Web, misbehaving

LIMITS = FetchLimits(
    bytes=50_000, idle_seconds=20, total_seconds=60, allowed_hosts=("127.0.0.1",)
)
HASTY = replace(LIMITS, idle_seconds=0.3, total_seconds=0.9)
TRIES = 3


@pytest.fixture
def web() -> Iterator[Web]:
    with misbehaving() as server:
        yield server


def fetch(url: str, limits: FetchLimits = LIMITS) -> bytes:
    with fetching(url, limits) as fetched:
        return b"".join(fetched.chunks)


def refusal(url: str, limits: FetchLimits = LIMITS) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(url, limits)
    return caught.value


def test_downloads_a_file(web: Web) -> None:
    with fetching(web.url("ok/hello"), LIMITS) as fetched:
        assert (fetched.content_type, fetched.size) == ("text/plain", 5)
        assert b"".join(fetched.chunks) == b"hello"
    assert web.hosts == [f"Host: 127.0.0.1:{web.port}"]


def test_downloads_a_file_without_type_and_length(web: Web) -> None:
    with fetching(web.url("untyped"), LIMITS) as fetched:
        assert (fetched.content_type, fetched.size) == ("", None)
        assert b"".join(fetched.chunks) == b"hello"


def test_bytes_after_content_length_are_ignored(web: Web) -> None:
    assert fetch(web.url("long")) == b"more"


def test_redirects_are_followed(web: Web) -> None:
    assert fetch(web.url(f"redirect/{web.url('ok/there')}")) == b"there"
    assert fetch(web.url("redirect//ok/relative")) == b"relative"


@pytest.mark.parametrize(
    ("path", "code", "is_temporary"),
    [
        ("loop/", "fetch-too-many-redirects", False),
        ("status/404", "fetch-unexpected-status", False),
        ("status/403", "fetch-unexpected-status", False),
        ("status/204", "fetch-unexpected-status", False),
        ("status/429", "fetch-unexpected-status", True),
        ("status/503", "fetch-unexpected-status", True),
        ("redirect/", "fetch-too-many-redirects", False),
        ("redirect/file:///etc/passwd", "fetch-bad-address", False),
        ("redirect/http://localhost/x", "fetch-forbidden-address", False),
        ("redirect/http://169.254.169.254/latest", "fetch-forbidden-address", False),
        ("redirect/http://[::1]/", "fetch-forbidden-address", False),
        ("short", "fetch-broken-off", True),
        ("cut", "fetch-broken-off", True),
        ("closed", "fetch-broken-off", True),
        ("cut_headers", "fetch-broken-off", True),
        ("garbage", "fetch-broken-off", True),
        ("huge", "fetch-too-large", False),
        ("endless", "fetch-too-large", False),
        ("drip", "fetch-too-slow", True),
        ("dripping_headers", "fetch-too-slow", True),
        ("silent", "fetch-too-slow", True),
        ("packed", "fetch-unexpected-encoding", False),
    ],
)
def test_misbehaving_servers(
    web: Web, path: str, code: str, is_temporary: bool
) -> None:
    error = refusal(web.url(path), HASTY if code == "fetch-too-slow" else LIMITS)

    assert (error.code, error.is_temporary) == (code, is_temporary)


@pytest.mark.parametrize("path", ["drip", "dripping_headers", "silent"])
def test_no_server_takes_longer_than_allowed(web: Web, path: str) -> None:
    taken = []
    for _ in range(TRIES):  # as machines do other things
        started = time.monotonic()
        refusal(web.url(path), HASTY)
        taken.append(time.monotonic() - started)
        if taken[-1] < HASTY.total_seconds + 1:
            break

    assert min(taken) < HASTY.total_seconds + 1


def test_connection_refused() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    assert refusal(f"http://127.0.0.1:{port}/").code == "fetch-broken-off"


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure_web(authority: trustme.CA) -> Iterator[Web]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("files.example").configure_cert(context)
    with misbehaving(context) as server:
        yield server


def test_certificate_must_be_trusted_and_match_the_host(
    secure_web: Web,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    address = ("127.0.0.1", secure_web.port)
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_args, **_options: [(*answer, address)]
    )
    limits = FetchLimits(50_000, 0.5, 1.5, ("files.example", "other.example"))
    url = f"https://files.example:{secure_web.port}/ok/hello"

    assert refusal(url, limits).code == "fetch-bad-certificate"

    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert fetch(url, limits) == b"hello"
    assert secure_web.hosts == [f"Host: files.example:{secure_web.port}"]
    other = url.replace("files.example", "other.example")
    assert refusal(other, limits).code == "fetch-bad-certificate"


def test_a_port_can_be_allowed_by_itself(web: Web) -> None:
    allowed = FetchLimits(50_000, 0.5, 1.5, (f"127.0.0.1:{web.port}",))
    other = FetchLimits(50_000, 0.5, 1.5, ("127.0.0.1:1",))

    assert fetch(web.url("ok"), allowed) == b"hello"
    assert refusal(web.url("ok"), other).code == "fetch-forbidden-address"


def test_dns_rebinding_is_ineffective(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection must use the checked address."""
    resolve = socket.getaddrinfo
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked = []

    def answer(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "rebind.example":
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]
        return resolve(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", answer)

    target = find_target(f"http://rebind.example:{web.port}/", ())

    assert (target.address, target.host) == ("93.184.216.34", "rebind.example")
    assert asked == ["rebind.example"]
    with pytest.raises(ForbiddenAddressError):
        find_target(f"http://rebind.example:{web.port}/", ())


def test_connection_uses_the_checked_address(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second DNS answer is a private address, and must not be requested."""
    resolve, connect = socket.getaddrinfo, socket.create_connection
    answers = iter(["93.184.216.34", *["127.0.0.1"] * 9])
    connected = []

    def answer(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "rebind.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]
        return resolve(host, port, *args, **kwargs)

    def reach(address: tuple[str, int], **options: Any) -> socket.socket:
        connected.append(address)
        return connect(("127.0.0.1", web.port), **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(socket, "create_connection", reach)
    url = "http://rebind.example/redirect/http:%2F%2Frebind.example%2Fok"

    assert fetch("http://rebind.example/ok/public") == b"public"
    assert connected == [("93.184.216.34", 80)]
    assert web.hosts == ["Host: rebind.example"]
    answers = iter(["93.184.216.34", "127.0.0.1"])
    assert refusal(url).code == "fetch-forbidden-address"
    assert connected == [("93.184.216.34", 80)] * 2


def test_one_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("93.184.216.34", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)

    with pytest.raises(ForbiddenAddressError):
        find_target("http://mixed.example/", ())


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),  # noqa: S104 - an example
        *(
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.2.1",
            "198.18.0.1",
        ),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1"),
        *("fd00:ec2::254", "fc00::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1"),
        *("::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::"),
        *("2001:0:7f00:1::", "fec0::1", "3fff::1", "192.88.99.1", "2002:c058:6301::"),
        *("64:ff9b:1::7f00:1", "::ffff:0:7f00:1", "::ffff:100.64.0.1"),
        *("192.0.0.8", "192.88.99.2", "::ffff:8.8.8.8", "2002:808:808::1"),
    ],
)
def test_addresses_of_private_networks(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"),
        "64:ff9b::808:808",
    ],
)
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.1/"),
        *("http://017700000001/", "http://localhost/", "http://LOCALHOST./"),
        *("http://[::1]/", "http://[::ffff:7f00:1]/", "http://0/", "http://[::]/"),
        *("https://127.0.0.1:8443/x", "http://169.254.169.254/latest/meta-data/"),
    ],
)
def test_private_addresses_in_any_notation(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        find_target(url, ())


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "htt://www.example.com/dog",
            "file:///etc/passwd",
            "ftp://a.b/c",
            "//a/b",
        ),
        *("/etc/passwd", "http://", "http:///x", "http://a:b@c.d/", "http://a@c.d/"),
        *(
            "http://a b/",
            "http://a/\r\nX: y",
            "http://a:99999/",
            "http://[::1/",
            "data:,x",
        ),
        *("http://a\\@b/", "gopher://a/", "HTTP", "javascript:alert(1)"),
        "http://a/" + "x" * 9000,
    ],
)
def test_invalid_urls(url: str) -> None:
    with pytest.raises(BadAddressError):
        split_url(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://a:0/", "http://8.8.8.8:22/", "https://8.8.8.8:25/"),
        "https://[2606:4700::1111]:587/",
    ],
)
def test_ports_of_other_services(url: str) -> None:
    with pytest.raises((BadAddressError, ForbiddenAddressError)):
        find_target(url, ())


def test_an_allowed_host_may_be_an_ipv6_address_with_its_port() -> None:
    target = find_target("http://[::1]:8080/x", ["[::1]:8080"])

    assert (target.host, target.address, target.port) == ("::1", "::1", 8080)
    with pytest.raises(ForbiddenAddressError):
        find_target("http://[::1]:8081/x", ["[::1]:8080"])


@pytest.mark.parametrize("url", ["http://0x8080808/", "http://134744072/"])
def test_ipv4_address_must_have_four_decimal_numbers(url: str) -> None:
    with pytest.raises(BadAddressError, match="four decimal numbers"):
        find_target(url, ())


def test_the_host_header_of_an_ipv6_address(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.create_connection
    with misbehaving() as web:
        monkeypatch.setattr(
            socket,
            "create_connection",
            lambda _address, **kwargs: connect(("127.0.0.1", web.port), **kwargs),
        )
        assert fetch("http://[2606:4700::1111]/ok/hello") == b"hello"

    assert web.hosts == ["Host: [2606:4700::1111]"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.b/c/d.txt?t=xoxe-1&x=2#f", "https://a.b/c/d.txt"),
        ("http://user:pass@a.b:81/c", "http://a.b:81/c"),
        ("http://[::1]:x/", "(no address)"),
        ("/etc/passwd?x", "/etc/passwd"),
    ],
)
def test_secrets_in_urls_are_redacted(url: str, shown: str) -> None:
    assert redacted(url) == shown


def test_a_slow_tls_handshake_ends_at_the_limit() -> None:
    over = threading.Event()

    def drip() -> None:
        connection, _address = listener.accept()
        with suppress(OSError), connection:
            connection.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB follows
            while not over.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        host = f"127.0.0.1:{port}"
        limits = FetchLimits(
            bytes=10, idle_seconds=5, total_seconds=0.5, allowed_hosts=[host]
        )
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        began = time.monotonic()
        try:
            with pytest.raises(FetchError) as failed:
                post(f"https://{host}/", b"{}", {}, limits)
        finally:
            over.set()
            thread.join()

    assert failed.value.code == "fetch-too-slow"
    assert time.monotonic() - began < 5
