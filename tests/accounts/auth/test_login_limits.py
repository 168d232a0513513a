"""Limits on failed logins by address and account, and on concurrent hashes."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.auth import lockouts, login_limits
from accounts.auth.login_limits import (
    account_key,
    begin_attempt,
    begin_resume,
    count_failure,
    hash_slot,
    normalized_name,
)
from accounts.errors import TooManyAttemptsError
from accounts.models import ActivityEntry, User
from config.api.rate_limit import Rate, call_counter
from config.http.client_addresses import (
    client_address,
    client_network,
    network_of,
    site_of,
)
from tests.conftest import PASSWORD, ApiClient

LIMIT = 3
RIGHT = {"user": "paula", "password": PASSWORD}
NEW_PASSWORD = dict.fromkeys(("new_password1", "new_password2"), "another long one")
BUSY = (
    "The server is busy checking other passwords. Yours was not checked, and does not"
    " count as a failed login. Try again in a few seconds."
)


def request_from(address: str, **meta: str) -> HttpRequest:
    request = HttpRequest()
    request.META.update(REMOTE_ADDR=address, **meta)
    return request


def login(api: ApiClient, address: str = "192.0.2.1", **body: str) -> int:
    response = api.post("login", {**RIGHT, **body}, REMOTE_ADDR=address)
    status: int = response.status_code
    return status


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::ffff", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::"),
        ("unix", "unix"),
        ("", ""),
    ],
)
def test_a_network_is_an_ipv4_address_or_64_bits_of_ipv6(
    address: str, network: str
) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::1", "2001:db8:1::/48"),
        ("2001:db8:2::1", "2001:db8:2::/48"),
        ("192.0.2.1", None),
        ("::ffff:192.0.2.1", None),
        ("unix", None),
        ("", None),
    ],
)
def test_a_site_is_48_bits_of_ipv6(address: str, site: str | None) -> None:
    assert site_of(address) == site


@pytest.mark.parametrize("value", ["", "x", "203.0.113.9,", "203.0.113.9:80", "1.2.3"])
def test_a_malformed_forwarded_address_is_the_proxy(
    settings: Settings, value: str
) -> None:
    settings.BEHIND_PROXY = True

    request = request_from("127.0.0.1", HTTP_X_FORWARDED_FOR=value)

    assert client_address(request) == "127.0.0.1"


def test_a_unix_socket_has_no_network() -> None:
    assert client_network(request_from("")) is None


@pytest.mark.parametrize(
    "name", ["ADMIN", " admin ", "adm\u0130n", "\uff41dmin", "ad\0min", "a\u0301dmin"]
)
def test_variants_of_a_name_count_as_one(name: str) -> None:
    assert normalized_name(name) == "admin"


def test_failures_over_all_accounts_have_a_limit(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = LIMIT
    for number in range(LIMIT):
        login(anonymous_api, user=f"u{number}")

    assert login(anonymous_api) == 429
    assert login(anonymous_api, address="192.0.2.2") == 200


def test_the_limit_by_address_says_when_it_ends(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = 1
    login(anonymous_api, user="somebody")

    response = anonymous_api.post("login", RIGHT, REMOTE_ADDR="192.0.2.1")

    assert response.headers["Retry-After"] == "900"
    assert response.json()["error"] == (
        "Too many failed logins. Try again in 900 seconds. [error-too-many-requests]"
    )


def test_right_passwords_do_not_count(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = LIMIT

    assert {login(anonymous_api) for _ in range(2 * LIMIT)} == {200}


def test_failures_over_all_addresses_delay_the_account(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ACCOUNT_FAILURE_LIMIT = LIMIT
    statuses = [
        login(anonymous_api, f"192.0.2.{number}", password="wrong")
        for number in range(LIMIT + 3)
    ]

    assert statuses == [401, 401, 401, 401, 429, 429]


def test_the_delay_grows_up_to_the_time_of_the_lock(
    plain_user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOGIN_ACCOUNT_FAILURE_LIMIT = LIMIT
    account = account_key(plain_user, "")
    now = 1_000_000.0
    monkeypatch.setattr("config.api.rate_limit.time.time", lambda: now)
    waits = []
    for number in range(LIMIT + 12):
        try:
            begin_attempt(request_from(f"192.0.2.{number}"), account)
            begin_attempt(request_from(f"192.0.2.{number}"), account)
        except TooManyAttemptsError as error:
            waits.append(error.wait_seconds)
            now += error.wait_seconds

    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 900


def test_the_owner_logs_in_from_a_known_network_during_the_delay(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ACCOUNT_FAILURE_LIMIT = LIMIT
    assert login(anonymous_api, "203.0.113.5") == 200
    for number in range(3 * LIMIT):
        login(anonymous_api, f"192.0.2.{number}", password="wrong")

    assert login(anonymous_api, "192.0.2.99") == 429
    assert login(anonymous_api, "203.0.113.5") == 200


def test_unlock_ends_the_delay(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ACCOUNT_FAILURE_LIMIT = LIMIT
    for number in range(2 * LIMIT):
        login(anonymous_api, f"192.0.2.{number}", password="wrong")
    AccessAttempt.objects.all().delete()

    call_command("unlock", "PAULA")

    assert login(anonymous_api, "192.0.2.99") == 200


def test_no_more_hashes_at_once_than_allowed(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_HASHES_AT_ONCE = 1
    with hash_slot():
        response = anonymous_api.post("login", RIGHT)
    afterwards = login(anonymous_api)

    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    assert response.json()["error"] == f"{BUSY} [error-too-many-requests]"
    assert afterwards == 200
    assert not AccessAttempt.objects.exists()
    logged = ActivityEntry.objects.values_list("action", flat=True)
    assert ActivityEntry.Action.LOCKED_OUT not in logged


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("/admin/login/", {"username": "ada", "password": PASSWORD}),
        ("/admin/password_change/", {"old_password": PASSWORD, **NEW_PASSWORD}),
        ("/admin/account/password/", {"old_password": PASSWORD, **NEW_PASSWORD}),
        (
            "/admin/accounts/authtoken/add/",
            {
                "reauthentication-of": "POST",
                "reauthentication-password": PASSWORD,
                "name": "kept in the form",
            },
        ),
    ],
)
def test_forms_say_that_the_password_was_not_checked(
    admin_browser: Client, settings: Settings, page: str, form: dict[str, str]
) -> None:
    settings.LOGIN_HASHES_AT_ONCE = 1
    settings.REAUTHENTICATION_MINUTES = 0
    browser = Client() if page == "/admin/login/" else admin_browser
    with hash_slot():
        response = browser.post(page, form)

    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    text = response.content.decode()
    assert text.count(BUSY) == 1
    assert "wrong" not in text
    assert "<form" in text
    assert form.get("username", form.get("name", "")) in text
    assert PASSWORD not in text
    assert not AccessAttempt.objects.exists()


def test_no_slot_is_taken_from_others_over_a_limit(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = 1
    settings.LOGIN_HASHES_AT_ONCE = 1
    anonymous_api.post("login", {**RIGHT, "password": "wrong"})

    with hash_slot():
        response = anonymous_api.post("login", RIGHT)

    assert int(response.headers["Retry-After"]) > 1  # the limit's, not the slot's


def test_an_attempt_without_a_slot_does_not_count(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = 2
    settings.LOGIN_HASHES_AT_ONCE = 1
    with hash_slot():
        for _ in range(5):
            assert login(anonymous_api) == 429

    assert login(anonymous_api) == 200


def test_made_up_names_share_a_bounded_number_of_counters() -> None:
    keys = {account_key(None, f"name-{number}") for number in range(2_000)}

    assert len(keys) > 1_900
    assert all(len(key.removeprefix("name ")) == 5 for key in keys)


def test_a_refusal_by_a_limit_is_not_logged_as_a_wrong_password(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = 1
    for _ in range(2):
        login(anonymous_api, password="wrong")

    entries = ActivityEntry.objects.order_by("pk")
    assert list(entries.values_list("action", flat=True)) == [
        *(ActivityEntry.Action.LOGIN_FAILED, ActivityEntry.Action.LOCKED_OUT)
    ]


def test_the_admin_answers_a_page_at_the_limit(
    plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = 1
    form = {"username": "nobody", "password": "wrong"}
    Client().post("/admin/login/", form)

    response = Client().post("/admin/login/", form)

    assert response.status_code == 429
    assert "Too many failed logins. Try again in 900 seconds." in (
        response.content.decode()
    )


def test_wrong_tokens_have_a_limit_by_address(
    anonymous_api: ApiClient, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_limits, "_RESUMES_PER_NETWORK", Rate(LIMIT, 60))
    statuses = [
        anonymous_api.post("login", {"resume": f"token-{number}"}).status_code
        for number in range(LIMIT + 1)
    ]

    assert statuses == [401, 401, 401, 429]


def test_right_tokens_do_not_count(
    anonymous_api: ApiClient, plain_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_limits, "_RESUMES_PER_NETWORK", Rate(LIMIT, 60))
    token = anonymous_api.post("login", RIGHT).json()["data"]["authToken"]

    statuses = {
        anonymous_api.post("login", {"resume": token}).status_code
        for _ in range(2 * LIMIT)
    }

    assert statuses == {200}
    begin_resume(request_from("127.0.0.1"))


def test_wrong_codes_count_for_account_and_address(
    plain_user: User, settings: Settings
) -> None:
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = LIMIT
    account = account_key(plain_user, "")
    for _ in range(LIMIT):
        count_failure(request_from("192.0.2.1"), account)

    count_failure(request_from("2001:db8:1:2::3"), account)

    assert call_counter().calls(f"failures of {account}") == LIMIT + 1
    assert call_counter().calls("failures from 2001:db8:1::/48") == 1
    with pytest.raises(TooManyAttemptsError):
        begin_attempt(request_from("192.0.2.1"), account)


def test_failed_logins_are_capped(
    anonymous_api: ApiClient, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockouts, "_MOST_ROWS", 20)
    AccessAttempt.objects.bulk_create(
        AccessAttempt(
            username=f"u{number}", failures_since_start=1, attempt_time=timezone.now()
        )
        for number in range(40)
    )

    login(anonymous_api, user="newest")

    assert AccessAttempt.objects.count() <= 20
    assert AccessAttempt.objects.filter(username="newest").exists()


def test_expired_counters_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.api.rate_limit._CALLS_PER_CLEANUP", 10)
    now = 1_000_000.0
    monkeypatch.setattr("config.api.rate_limit.time.time", lambda: now)
    for number in range(9):
        call_counter().count(f"key {number}", Rate(1, 60))
    now += 61

    call_counter().count("last", Rate(1, 60))

    rows = call_counter()._connection(now).execute("SELECT key FROM calls").fetchall()
    assert rows == [("last",)]
