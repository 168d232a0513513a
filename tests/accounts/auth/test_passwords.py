"""Password changes end logins, are logged and apply the validators."""

from __future__ import annotations

import ast
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pytest_django import Settings

from accounts.errors import AdminRequiredError
from accounts.models import ActivityEntry, AuthToken, Session, User
from accounts.services.activity import COMMAND_LINE
from accounts.services.passwords import set_password
from tests.conftest import PASSWORD, ApiClient
from tests.factories import AuthTokenFactory
from tests.live import ROOT

NEW = "another long passphrase"
OWN_PAGES = ("/admin/password_change/", "/admin/account/password/")
FORM = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}


def password_changes() -> list[tuple[str, str]]:
    changes = ActivityEntry.objects.filter(action="password_changed")
    return list(changes.values_list("author_name", "name"))


def browser_of(username: str) -> Client:
    client = Client()
    client.post("/admin/login/", {"username": username, "password": PASSWORD})
    return client


@pytest.mark.parametrize("page", OWN_PAGES)
def test_changing_the_own_password_ends_other_logins(
    admin_user: User, anonymous_api: ApiClient, page: str
) -> None:
    here, elsewhere = browser_of("ada"), browser_of("ada")
    anonymous_api.post("login", {"user": "ada", "password": PASSWORD})
    AuthTokenFactory.create(user=admin_user)

    here.post(page, FORM)

    assert Session.objects.filter(user=admin_user).count() == 1
    admin_user.refresh_from_db()
    assert admin_user.check_password(NEW)
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    assert set(AuthToken.objects.values_list("kind", flat=True)) == {"personal"}
    assert password_changes() == [("ada", "ada")]


def test_the_last_admin_keeps_a_password(admin_user: User, plain_user: User) -> None:
    with pytest.raises(AdminRequiredError):
        set_password(user=admin_user, password=None, by=COMMAND_LINE)
    set_password(user=plain_user, password=None, by=COMMAND_LINE)

    admin_user.refresh_from_db()
    assert admin_user.has_usable_password()
    assert not plain_user.has_usable_password()


@pytest.mark.parametrize("page", OWN_PAGES)
def test_wrong_old_passwords_are_failed_logins(
    admin_user: User, settings: Settings, page: str
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    browser = browser_of("ada")
    wrong = {**FORM, "old_password": "wrong"}
    statuses = [browser.post(page, wrong).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert browser.post(page, FORM).status_code == 429
    admin_user.refresh_from_db()
    assert admin_user.check_password(PASSWORD)


def test_the_command_ends_the_logins(
    admin_user: User, anonymous_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    anonymous_api.post("login", {"user": "ada", "password": PASSWORD})
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)
    out = StringIO()

    call_command("changepassword", "ADA", stdout=out)

    admin_user.refresh_from_db()
    assert out.getvalue() == "Changed the password of ada.\n"
    assert admin_user.check_password(NEW)
    assert not AuthToken.objects.exists()
    assert [name for _author, name in password_changes()] == ["ada"]


@pytest.mark.parametrize("typed", [("one passphrase", "another one"), ("x1", "x1")])
def test_the_command_refuses_other_and_weak_passwords(
    admin_user: User, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, str]
) -> None:
    answers = iter(typed)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))

    with pytest.raises(CommandError):
        call_command("changepassword", "ada")

    admin_user.refresh_from_db()
    assert admin_user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "password", ["short1", "password123", "73649182736", "anniversary"]
)
def test_users_create_applies_the_password_validators(
    admin_api: ApiClient, password: str
) -> None:
    body: dict[str, Any] = {
        "username": "anniversary",
        "name": "Ann",
        "email": "ann@example.org",
        "password": password,
    }

    response = admin_api.post("users.create", body)

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-password-policy-not-met"
    assert password not in response.json()["error"]
    assert not User.objects.filter(username="anniversary").exists()


def test_only_the_service_sets_passwords() -> None:
    places = [
        f"{path.relative_to(ROOT)}"
        for package in ("config", "accounts", "imports_app")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "set_password"
    ]

    assert places == [
        "accounts/models/users.py",  # a new superuser
        "accounts/models/users.py",  # the method's own `super()`
        "accounts/services/passwords.py",  # an account that is new
        "accounts/services/passwords.py",
    ]
