"""Guessing passwords: over names, over addresses, by every way in, all at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any, Final

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.auth import login_limits
from accounts.models import User
from accounts.models.users import password_digest
from config.api.rate_limit import Rate
from tests.conftest import PASSWORD, ApiClient
from tests.factories import EmailAddressFactory
from tests.security.conftest import Attacks

ACCOUNT_AND_ADDRESS: Final = 4
BY_ADDRESS: Final = 15
BY_ACCOUNT: Final = 10
HOME: Final = "203.0.113.77"
HOME_IN_SITE: Final = "2001:db8:5:aaaa::1"
Guess = dict[str, Any]


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return hashed


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    """Lower the limits: fewer attempts tell the same."""
    settings.LOGIN_FAILURE_LIMIT = ACCOUNT_AND_ADDRESS
    settings.AXES_FAILURE_LIMIT = ACCOUNT_AND_ADDRESS
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = BY_ADDRESS
    settings.LOGIN_ACCOUNT_FAILURE_LIMIT = BY_ACCOUNT


@pytest.fixture
def target(admin_user: User) -> User:
    EmailAddressFactory.create(user=admin_user, address="ada@example.org")
    User.objects.filter(pk=admin_user.pk).update(username="admin")
    admin_user.refresh_from_db()
    return admin_user


def api_guess(body: Guess, address: str = "192.0.2.1") -> Any:
    return ApiClient().post("login", body, REMOTE_ADDR=address)


def admin_guess(name: str, password: str, address: str = "192.0.2.1") -> Any:
    form = {"username": name, "password": password}
    return Client().post("/admin/login/", form, REMOTE_ADDR=address)


def guesses_before_refusal(guess: Callable[[int], Any], most: int) -> int:
    """Return how many guesses were checked before the first 429."""
    for number in range(most):
        if guess(number).status_code == 429:
            return number
    return most


NAMED: Final[dict[str, Callable[[User, int], Guess]]] = {
    "the name": lambda user, n: {"user": "admin"},
    "username": lambda user, n: {"username": "admin"},
    "capitals": lambda user, n: {"user": ("ADMIN", "Admin", "aDmin", "admiN")[n % 4]},
    "dotted I": lambda user, n: {"user": ("adm\u0130n", "admin")[n % 2]},
    "e-mail": lambda user, n: {"email": "ada@example.org"},
    "e-mail as the name": lambda user, n: {"user": "ADA@example.org"},
    "e-mail in an object": lambda user, n: {"user": {"email": "ada@example.org"}},
    "name in an object": lambda user, n: {"user": {"username": "admin"}},
    "ID in an object": lambda user, n: {"user": {"id": user.public_id}},
    "name and e-mail by turns": lambda user, n: {
        "user": ("admin", "ada@example.org")[n % 2]
    },
    "full-width letters": lambda user, n: {"user": "\uff41\uff44\uff4d\uff49\uff4e"},
    "blanks around": lambda user, n: {"user": " " * (n + 1) + "admin"},
    "unknown name": lambda user, n: {"user": "nobody"},
    "long name": lambda user, n: {"user": "x" * 100_000},
    "long names with other ends": lambda user, n: {"user": "x" * 1000 + str(n)},
}


@pytest.mark.parametrize("form", ["plain", "digest"])
@pytest.mark.parametrize("named", NAMED)
def test_one_account_from_one_address(target: User, named: str, form: str) -> None:
    def guess(number: int) -> Any:
        password: Any = f"guess-{number}"
        if form == "digest":
            digest = password_digest(password)
            password = {"digest": digest, "algorithm": "sha-256"}
        body = {**NAMED[named](target, number), "password": password}
        return api_guess(body)

    assert guesses_before_refusal(guess, 3 * ACCOUNT_AND_ADDRESS) <= ACCOUNT_AND_ADDRESS


def test_many_names_from_one_address(target: User, attacks: Attacks) -> None:
    for way, guess in {
        "admin": lambda n: admin_guess(f"name{n}", "Summer2026", "192.0.2.10"),
        "API": lambda n: api_guess(
            {"user": f"name{n}", "password": "Summer2026"}, "192.0.2.11"
        ),
        "API and admin by turns": lambda n: (
            admin_guess(f"name{n}", "Summer2026", "192.0.2.12")
            if n % 2
            else api_guess({"user": f"name{n}", "password": "Summer"}, "192.0.2.12")
        ),
        "one IPv6 network": lambda n: admin_guess(
            f"name{n}", "Summer2026", f"2001:db8:0:1::{n:x}"
        ),
        "IPv4 written as IPv6": lambda n: admin_guess(
            f"name{n}", "S", ("192.0.2.13", "::ffff:192.0.2.13")[n % 2]
        ),
    }.items():
        checked = guesses_before_refusal(guess, 2 * BY_ADDRESS)
        attacks.record(way, got_through=checked > BY_ADDRESS)


def test_one_account_from_many_addresses(target: User, attacks: Attacks) -> None:
    assert api_guess({"user": "admin", "password": PASSWORD}, HOME).status_code == 200
    for way, address in {
        "IPv4 addresses": "198.51.100.{}",
        "IPv6 networks": "2001:db8:{:x}::1",
        "addresses of one IPv6 network": "2001:db8:0:2::{:x}",
    }.items():
        answers = [
            api_guess({"user": "admin", "password": f"x{n}"}, address.format(n))
            for n in range(2 * BY_ACCOUNT)
        ]
        checked = sum(answer.status_code == 401 for answer in answers)
        waits = all(
            "Retry-After" in answer.headers
            for answer in answers
            if answer.status_code == 429
        )
        attacks.record(way, got_through=checked > BY_ACCOUNT + 3 or not waits)

    owner = api_guess({"user": "admin", "password": PASSWORD}, HOME)
    assert owner.status_code == 200


def test_one_ipv6_network_is_one_address_for_one_account(target: User) -> None:
    def guess(number: int) -> Any:
        body = {"user": "admin", "password": f"x{number}"}
        return api_guess(body, f"2001:db8:0:3::{number:x}")

    assert guesses_before_refusal(guess, 3 * ACCOUNT_AND_ADDRESS) <= ACCOUNT_AND_ADDRESS


def site_address(number: int) -> str:
    """Return an address in a network of its own, of one site of 48 bits."""
    return f"2001:db8:5:{number:x}::1"


def test_many_networks_of_one_ipv6_site(target: User, attacks: Attacks) -> None:
    """Every guess has another name and another network: no other limit counts."""
    right = {"user": "admin", "password": PASSWORD}
    assert api_guess(right, HOME_IN_SITE).status_code == 200
    most = 10 * BY_ADDRESS
    for way, guess in {
        "API": lambda n: api_guess(
            {"user": f"name{n}", "password": "Summer2026"}, site_address(n)
        ),
        "admin, after the API": lambda n: admin_guess(
            f"other{n}", "Summer2026", site_address(0xF000 + n)
        ),
    }.items():
        checked = guesses_before_refusal(guess, most + 10)
        attacks.record(way, got_through=checked > (most if way == "API" else 0))

    refused = api_guess({"user": "nobody", "password": "x"}, site_address(0xFFF0))
    assert int(refused.headers["Retry-After"]) > 1
    assert api_guess(right, site_address(0xFFFF)).status_code == 429
    assert api_guess(right, HOME_IN_SITE).status_code == 200, "a known network"
    assert api_guess(right, "2001:db8:6::1").status_code == 200, "another site"


def test_right_passwords_do_not_use_up_a_sites_limit(
    target: User, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = 1
    right = {"user": "paula", "password": PASSWORD}

    statuses = {api_guess(right, site_address(n)).status_code for n in range(15)}

    assert statuses == {200}


def test_a_site_can_not_have_hashes_computed_at_will(
    target: User, hashes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right passwords cost a hash as well, and no limit on failures counts them."""
    monkeypatch.setattr(login_limits, "_HASHES_PER_NETWORK", Rate(2, 60))
    right = {"user": "admin", "password": PASSWORD}

    for number in range(40):
        api_guess(right, site_address(number))

    assert len(hashes) <= 2 * 10


def test_refused_guesses_cost_no_hash(target: User, hashes: list[str]) -> None:
    for number in range(BY_ADDRESS + 5):
        admin_guess(f"name{number}", "Summer2026")
    before = len(hashes)
    for number in range(10):
        admin_guess(f"other{number}", "Summer2026")

    assert len(hashes) == before <= BY_ADDRESS + 5


def test_a_login_of_ones_own_does_not_reset_the_limit_by_address(
    target: User, plain_user: User
) -> None:
    checked = 0
    for number in range(4 * BY_ADDRESS):
        if number % 3 == 2:
            api_guess({"user": "paula", "password": PASSWORD})
        status = api_guess({"user": f"name{number}", "password": "x"}).status_code
        checked += status == 401

    assert checked <= BY_ADDRESS


def test_a_forged_forwarded_address_is_ignored(
    target: User, settings: Settings, attacks: Attacks
) -> None:
    settings.BEHIND_PROXY = True
    forged = {
        "entries before the proxy's": "10.0.0.{}, 192.0.2.20",
        "no address": "host{}",
        "a port": "192.0.2.21:{}",
        "nothing after the comma": "10.0.1.{},",
    }
    for name, value in forged.items():

        def guess(number: int, value: str = value, name: str = name) -> Any:
            body = {"user": f"{name} {number}", "password": "x"}
            headers = {"X-Forwarded-For": value.format(number)}
            return ApiClient().post("login", body, headers=headers)

        checked = guesses_before_refusal(guess, 2 * BY_ADDRESS)
        attacks.record(name, got_through=checked > BY_ADDRESS)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_concurrent_guesses_do_not_exceed_the_limit(
    target: User, settings: Settings
) -> None:
    settings.LOGIN_HASHES_AT_ONCE = 2
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = 5
    threads = 8
    barrier = Barrier(threads)

    def work(thread: int) -> list[int]:
        barrier.wait()
        try:
            return [
                api_guess({"user": f"u{thread}-{n}", "password": "x"}).status_code
                for n in range(6)
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        statuses = [
            status for part in pool.map(work, range(threads)) for status in part
        ]

    assert set(statuses) <= {401, 429}
    assert statuses.count(401) <= 5


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_no_more_hashes_at_once_than_allowed(
    target: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOGIN_HASHES_AT_ONCE = 2
    threads = 8
    started, third = Barrier(threads), Barrier(3)
    too_many: list[bool] = []
    encode = MD5PasswordHasher.encode

    def waiting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        """Wait for a third hash beside this one, and for the third no longer."""
        with suppress(BrokenBarrierError):
            third.wait(timeout=2)
            too_many.append(True)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", waiting)

    def work(thread: int) -> int:
        started.wait()
        body = {"user": f"u{thread}", "password": "x"}
        try:
            status: int = api_guess(body, f"192.0.2.{thread}").status_code
        finally:
            connection.close()
        return status

    with ThreadPoolExecutor(threads) as pool:
        statuses = list(pool.map(work, range(threads)))

    assert not too_many
    assert set(statuses) == {401, 429}


def test_the_pages_that_ask_for_the_password_count_guesses(
    target: User, settings: Settings, attacks: Attacks
) -> None:
    browser = Client()
    form = {"username": "admin", "password": PASSWORD}
    browser.post("/admin/login/", form, REMOTE_ADDR=HOME)
    new = {"new_password1": "another long one", "new_password2": "another long one"}
    pages = ("/admin/password_change/", "/admin/account/password/")
    for number, page in enumerate(pages):
        address = f"192.0.2.{60 + number}"

        def guess(number: int, page: str = page, address: str = address) -> Any:
            old = {"old_password": f"guess-{number}", **new}
            return browser.post(page, old, REMOTE_ADDR=address)

        checked = guesses_before_refusal(guess, 3 * ACCOUNT_AND_ADDRESS)
        attacks.record(page, got_through=checked > ACCOUNT_AND_ADDRESS)
        locked = api_guess({"user": "admin", "password": PASSWORD}, address)
        attacks.record(f"API after {page}", got_through=locked.status_code != 429)
