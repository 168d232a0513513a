from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from accounts.activity import login_signals
from accounts.models import ActivityEntry, User
from tests.conftest import PASSWORD, ApiClient
from tests.factories import TwoFactorDeviceFactory, totp_code

Action = ActivityEntry.Action
pytestmark = pytest.mark.usefixtures("one_totp_step")


def entries(action: ActivityEntry.Action) -> list[tuple[Any, ...]]:
    found = ActivityEntry.objects.filter(action=action).order_by("pk")
    return list(found.values_list("author_name", "name", "address", "after"))


def post_login(username: str, password: str, **extra: Any) -> Client:
    client = Client(**extra)
    form = {"username": username, "password": password, "next": "/admin/"}
    client.post("/admin/login/", form)
    return client


def test_logins_and_logouts_in_the_admin_are_logged(importer_user: User) -> None:
    browser = post_login("ivan", PASSWORD)
    browser.post("/admin/logout/")

    expected = [("ivan", "ivan", "127.0.0.1", {"through": "admin"})]
    assert entries(Action.LOGGED_IN) == entries(Action.LOGGED_OUT) == expected


def test_logins_and_logouts_through_the_api_are_logged(
    anonymous_api: ApiClient, importer_user: User
) -> None:
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    password = {"digest": digest, "algorithm": "sha-256"}
    body = {"user": {"username": "ivan"}, "password": password}
    data = anonymous_api.post("login", body).json()["data"]
    ApiClient(importer_user, data["authToken"]).post("logout")

    expected = [("ivan", "ivan", "127.0.0.1", {"through": "API"})]
    assert entries(Action.LOGGED_IN) == entries(Action.LOGGED_OUT) == expected


def test_a_failed_login_names_the_account_and_the_address(importer_user: User) -> None:
    post_login("IVAN", "wrong", REMOTE_ADDR="192.0.2.7")

    details = {"through": "admin", "wrong": "password", "attempts within an hour": 1}
    assert entries(Action.LOGIN_FAILED) == [("", "ivan", "192.0.2.7", details)]


def test_the_second_factor_is_logged_with_the_login(
    anonymous_api: ApiClient, importer_user: User
) -> None:
    TwoFactorDeviceFactory.create(user=importer_user)
    body = {"user": "ivan", "password": PASSWORD}

    anonymous_api.post("login", {**body, "code": "123"})
    anonymous_api.post("login", {**body, "code": totp_code()})

    [(_author, name, _address, details)] = entries(Action.LOGIN_FAILED)
    assert (name, details["wrong"]) == ("ivan", "code")
    [(_author, _name, _address, details)] = entries(Action.LOGGED_IN)
    assert details == {"through": "API", "second factor": True}
    assert totp_code() not in str(list(ActivityEntry.objects.values()))


@pytest.mark.django_db
def test_unknown_login_names_are_not_logged() -> None:
    post_login("my-own-password", "wrong")

    [(_author, name, _address, _details)] = entries(Action.LOGIN_FAILED)
    assert name == "unknown account"


def test_repeated_failures_are_counted_instead_of_listed(
    anonymous_api: ApiClient, importer_user: User
) -> None:
    for _ in range(12):
        anonymous_api.post("login", {"user": "ivan", "password": "wrong"})

    failed = [details for *_, details in entries(Action.LOGIN_FAILED)]
    assert [details["attempts within an hour"] for details in failed] == [1, 10]
    assert [name for _author, name, *_ in entries(Action.LOCKED_OUT)] == ["ivan"]


@pytest.mark.django_db
def test_failures_of_many_names_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_signals, "_MOST_PER_HOUR", 4)

    for number in range(10):
        post_login(f"name-{number}", "wrong")

    *listed, last = entries(Action.LOGIN_FAILED)
    assert len(listed) == 4
    assert last == ("", "various accounts", "", {"not recorded": 10})


@pytest.mark.django_db
def test_a_failed_login_gets_a_response_if_logging_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kw: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr("accounts.services.activity.insert_rows", fail)

    post_login("nobody", "wrong")

    assert "could not be written to the activity log" in caplog.text
