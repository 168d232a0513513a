"""Lockouts after failed logins in the API and the admin."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings

from accounts.auth.login_limits import account_key
from accounts.models import ActivityEntry, User
from accounts.models.users import password_digest
from config.api.rate_limit import Rate, call_counter
from tests.conftest import PASSWORD, ApiClient
from tests.factories import EmailAddressFactory, RoleFactory, UserFactory

LIMIT = 3
RIGHT = {"user": "paula", "password": PASSWORD}
WRONG = {"user": "paula", "password": "wrong-secret"}


@pytest.fixture(autouse=True)
def limit(settings: Settings) -> None:
    settings.LOGIN_FAILURE_LIMIT = settings.AXES_FAILURE_LIMIT = LIMIT


@pytest.fixture
def helpdesk_browser(db: None) -> Client:
    """A browser of somebody who may activate users, and holds nothing else."""
    permissions = ["view-user-administration", "edit-other-user-active-status"]
    role = RoleFactory.create(permissions=permissions)
    browser = Client()
    browser.force_login(UserFactory.create(username="helpdesk", roles=[role]))
    return browser


def fail(api: ApiClient, times: int = LIMIT, **body: Any) -> list[int]:
    return [api.post("login", {**WRONG, **body}).status_code for _ in range(times)]


def admin_login(password: str, **extra: Any) -> Any:
    form = {"username": "paula", "password": password}
    return Client().post("/admin/login/", form, **extra)


def test_locks_the_api_with_a_clear_text(
    anonymous_api: ApiClient, plain_user: User
) -> None:
    assert fail(anonymous_api) == [401, 401, 429]

    response = anonymous_api.post("login", RIGHT)

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json() == {
        "success": False,
        "error": "Too many failed logins to this account from your address. Try again"
        " in 15 minutes, or ask an administrator to unlock it."
        " [error-too-many-requests]",
    }


def test_locks_the_admin_as_well(
    anonymous_api: ApiClient, importer_user: User, plain_user: User
) -> None:
    fail(anonymous_api)

    response = admin_login(PASSWORD)

    assert response.status_code == 429
    assert "ask an administrator to unlock it" in response.content.decode()
    assert "sessionid" not in response.cookies


def test_failures_in_the_admin_count_for_the_api(
    anonymous_api: ApiClient, plain_user: User
) -> None:
    for _ in range(LIMIT):
        admin_login("wrong")

    assert anonymous_api.post("login", RIGHT).status_code == 429


@pytest.mark.parametrize(
    "identity",
    [
        {"user": "PAULA"},
        {"user": "p@example.org"},
        {"user": None, "email": "P@example.org"},
    ],
)
def test_counts_all_names_of_an_account_together(
    anonymous_api: ApiClient, plain_user: User, identity: dict[str, Any]
) -> None:
    EmailAddressFactory.create(user=plain_user, address="p@example.org")

    fail(anonymous_api, **identity)

    assert anonymous_api.post("login", RIGHT).status_code == 429


def test_another_account_and_another_address_are_not_locked(
    anonymous_api: ApiClient, plain_user: User, admin_user: User, settings: Settings
) -> None:
    settings.BEHIND_PROXY = True
    fail(anonymous_api)
    ada = anonymous_api.post("login", {**RIGHT, "user": "ada"})
    elsewhere = anonymous_api.post(
        "login", RIGHT, headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    )

    assert (ada.status_code, elsewhere.status_code) == (200, 200)


def test_a_forged_first_address_is_ignored(
    anonymous_api: ApiClient, plain_user: User, settings: Settings
) -> None:
    settings.BEHIND_PROXY = True
    statuses = [
        anonymous_api.post(
            "login", WRONG, headers={"X-Forwarded-For": f"10.0.0.{n}, 198.51.100.7"}
        ).status_code
        for n in range(LIMIT)
    ]

    assert statuses == [401, 401, 429]
    assert AccessAttempt.objects.get().ip_address == "198.51.100.7"


def test_a_successful_login_resets_the_failures(
    anonymous_api: ApiClient, plain_user: User
) -> None:
    fail(anonymous_api, LIMIT - 1)
    anonymous_api.post("login", RIGHT)

    assert fail(anonymous_api, LIMIT - 1) == [401, 401]


def test_the_lock_ends(anonymous_api: ApiClient, plain_user: User) -> None:
    fail(anonymous_api)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert anonymous_api.post("login", RIGHT).status_code == 200


def test_further_attempts_do_not_extend_the_lock(
    anonymous_api: ApiClient, plain_user: User
) -> None:
    fail(anonymous_api)
    locked_at = AccessAttempt.objects.get().attempt_time

    assert fail(anonymous_api) == [429, 429, 429]
    assert AccessAttempt.objects.get().attempt_time == locked_at


def test_tokens_work_while_the_password_is_locked(
    anonymous_api: ApiClient, plain_api: ApiClient
) -> None:
    fail(anonymous_api)

    assert plain_api.get("me").status_code == 200


def test_guessing_the_second_factor_is_limited(
    plain_api: ApiClient, settings: Settings
) -> None:
    settings.TWO_FACTOR_BY_PASSWORD = True
    codes = ["0" * 64] * LIMIT + [password_digest(PASSWORD)]

    statuses = [
        plain_api.post(
            "users.generatePersonalAccessToken",
            {"tokenName": "x"},
            headers={"x-2fa-code": code},
        ).status_code
        for code in codes
    ]

    assert statuses == [400, 400, 429, 429]


def test_the_command_unlocks(anonymous_api: ApiClient, plain_user: User) -> None:
    fail(anonymous_api)
    printed = []
    for _ in range(2):
        out = StringIO()
        call_command("unlock", "Paula", stdout=out)
        printed.append(out.getvalue().strip())

    assert printed == ["Unlocked Paula.", "Paula was not locked."]
    assert anonymous_api.post("login", RIGHT).status_code == 200


def test_the_admin_shows_and_unlocks(
    anonymous_api: ApiClient, admin_browser: Client, plain_user: User
) -> None:
    fail(anonymous_api)
    page = "/admin/accounts/failedlogin/"
    shown = admin_browser.get(page).content.decode()
    form = {"action": "unlock", "_selected_action": AccessAttempt.objects.get().pk}

    admin_browser.post(page, form)

    assert "paula" in shown
    assert "locked" in shown
    assert anonymous_api.post("login", RIGHT).status_code == 200


def test_unlocking_is_logged_and_ends_the_delay(
    anonymous_api: ApiClient, admin_browser: Client, plain_user: User
) -> None:
    fail(anonymous_api)
    account = account_key(plain_user, "")
    call_counter().count(f"failures of {account}", Rate(1, 900))
    form = {"action": "unlock", "_selected_action": AccessAttempt.objects.get().pk}

    admin_browser.post("/admin/accounts/failedlogin/", form)

    assert call_counter().calls(f"failures of {account}") == 0
    entry = ActivityEntry.objects.get(action=ActivityEntry.Action.UNLOCKED)
    assert (entry.author_name, entry.name) == ("ada", "paula")


def test_a_stronger_account_stays_locked(
    anonymous_api: ApiClient, admin_user: User, helpdesk_browser: Client
) -> None:
    fail(anonymous_api, user="ada")
    form = {"action": "unlock", "_selected_action": AccessAttempt.objects.get().pk}

    page = helpdesk_browser.post("/admin/accounts/failedlogin/", form, follow=True)

    assert escape("You can't change ada") in page.content.decode()
    assert anonymous_api.post("login", {**RIGHT, "user": "ada"}).status_code == 429
    assert not ActivityEntry.objects.filter(action="unlocked").exists()


def test_unlocking_a_name_that_no_account_has_does_not_log_what_was_typed(
    anonymous_api: ApiClient, admin_browser: Client
) -> None:
    fail(anonymous_api, user="my-own-password")
    form = {"action": "unlock", "_selected_action": AccessAttempt.objects.get().pk}

    admin_browser.post("/admin/accounts/failedlogin/", form)

    assert anonymous_api.post("login", WRONG).status_code == 401
    entry = ActivityEntry.objects.get(action=ActivityEntry.Action.UNLOCKED)
    assert entry.name == "unknown account"


@pytest.mark.parametrize("kind", ["json", "form", "admin"])
def test_entered_passwords_are_not_stored(
    anonymous_api: ApiClient,
    plain_user: User,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    if kind == "json":
        anonymous_api.post("login", WRONG)
    elif kind == "form":
        anonymous_api.post_form("login", WRONG)
    else:
        admin_login(WRONG["password"])

    [attempt] = AccessAttempt.objects.values()
    assert "wrong-secret" not in str(attempt)
    assert "wrong-secret" not in caplog.text


@pytest.mark.parametrize("name", ["x" * 10_000, "\ufffd", "'\"<b>"])
def test_unusual_names_are_counted(
    anonymous_api: ApiClient, db: None, name: str
) -> None:
    assert fail(anonymous_api, user=name) == [401, 401, 429]


@pytest.fixture
def _slow_hashing(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    settings.AXES_FAILURE_LIMIT = 1000


@pytest.mark.usefixtures("_slow_hashing")
def test_unknown_names_take_as_long_as_wrong_passwords(
    anonymous_api: ApiClient, plain_user: User
) -> None:
    plain_user.set_password(PASSWORD)
    plain_user.save()

    def seconds(body: dict[str, str]) -> float:
        # The work itself, however busy the machine and other threads are.
        start = time.thread_time()
        assert anonymous_api.post("login", body).status_code == 401
        return time.thread_time() - start

    nobody = {**WRONG, "user": "nobody"}
    pairs = [(seconds(WRONG), seconds(nobody)) for _ in range(9)]
    known, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))

    assert 0.8 < unknown / known < 1.25
