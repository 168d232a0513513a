"""Breadcrumbs and titles of admin pages: list, object, page."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from imports_app.models import ImportRecord
from imports_app.statuses import Status
from tests.accounts.admin.test_account_page import age, log_in
from tests.factories import AuthTokenFactory, ImportOperationFactory
from tests.workspace import direct_room_of, room_of, say

PRODUCT = "Import server"
ACCOUNT = "Your account"
OPERATIONS, RECORDS = "Import operations", "Records"
Trail = list[str]


def trail_of(page: Any) -> tuple[Trail, list[str]]:
    """Return the texts and the addresses of the breadcrumbs."""
    text = page.content.decode()
    assert page.status_code == 200
    crumbs = text.partition('<nav class="crumbs"')[2].partition("</nav>")[0]
    steps = re.findall(r"<li>(.*?)</li>", crumbs, re.DOTALL)
    assert [("aria-current" in step) for step in steps] == [
        *[False] * (len(steps) - 1),
        True,
    ]
    names = [html.unescape(re.sub("<[^>]*>", "", step)) for step in steps]
    return names, re.findall('href="([^"]+)"', crumbs)


def title_of(page: Any) -> str:
    """Return the title of the document."""
    title = re.search("<title>(.*?)</title>", page.content.decode(), re.DOTALL)
    assert title is not None
    return html.unescape(title[1]).strip()


def an_operation() -> int:
    operation = ImportOperationFactory.create(status=Status.FILE_LOADED, is_valid=True)
    operation.file_name = f"2026924110000_{operation.user_id}_team.zip"
    operation.save()
    return int(operation.pk)


def a_user() -> int:
    return int(User.objects.get(username="ada").pk)


def a_role() -> int:
    return Role.objects.get(public_id="admin").pk


def a_token() -> int:
    return AuthTokenFactory.create(
        kind="personal", name="laptop", last_part="abcdef"
    ).pk


def a_room() -> int:
    return room_of(User.objects.get(username="ada"), name="general").pk


def a_direct_room() -> int:
    return direct_room_of(User.objects.get(username="ada")).pk


def a_message() -> int:
    ada = User.objects.get(username="ada")
    return say(room_of(ada, name="general"), ada, "hello")[0].pk


def a_record() -> int:
    operation = ImportOperationFactory.create()
    return ImportRecord.objects.create(
        operation=operation, kind="user", import_id="U7", data={}
    ).pk


MODELS = {
    "importoperation": (OPERATIONS, an_operation, "team.zip"),
    "user": ("Users", a_user, "ada"),
    "role": ("Roles", a_role, "admin"),
    "authtoken": ("Tokens", a_token, "laptop …abcdef"),
    "room": ("Rooms", a_room, "#general"),
    "message": ("Messages", a_message, "Message in #general"),
    "importrecord": (RECORDS, a_record, "User U7"),
}
STEPS = {
    "importoperation": {
        "cancel": "Cancel import",
        "history": "History",
        "read-as": "Change importer",
    },
    "user": {
        "password": "Password",
        "delete": "Deletion",
        "log-out": "Log out everywhere",
        "reset-two-factor": "Reset two-factor authentication",
        "history": "History",
    },
    "authtoken": {"delete": "Deletion"},
    "room": {"conversation": "Conversation"},
}
ACCOUNTS = ("user", "role", "authtoken")


def list_of(model: str) -> str:
    app = "accounts" if model in ACCOUNTS else "imports_app"
    return f"/admin/{app}/{model}/"


@pytest.mark.parametrize("model", MODELS)
def test_a_list_and_an_object_are_steps(admin_browser: Client, model: str) -> None:
    plural, make, name = MODELS[model]
    key = make()
    path = list_of(model)

    listed = admin_browser.get(path)
    shown = admin_browser.get(f"{path}{key}/change/")

    assert trail_of(listed) == ([plural], [path])
    assert title_of(listed) == f"{plural} | {PRODUCT}"
    assert trail_of(shown) == ([plural, name], [path, f"{path}{key}/change/"])
    assert title_of(shown).endswith(f"| {PRODUCT}")


@pytest.mark.parametrize(
    ("model", "page"), [(model, page) for model in STEPS for page in STEPS[model]]
)
def test_a_page_of_an_object_is_a_step(
    admin_browser: Client, model: str, page: str
) -> None:
    plural, make, name = MODELS[model]
    step, key, path = STEPS[model][page], make(), list_of(model)

    shown = admin_browser.get(f"{path}{key}/{page}/")

    assert trail_of(shown) == ([plural, name, step], [path, f"{path}{key}/change/"])
    assert title_of(shown) == f"{step} | {name} | {plural} | {PRODUCT}"


@pytest.mark.parametrize(
    ("path", "trail"),
    [
        ("", ["Dashboard"]),
        ("imports_app/importoperation/new/", [OPERATIONS, "New import"]),
        ("accounts/user/add/", ["Users", "New user"]),
        ("accounts/role/add/", ["Roles", "New role"]),
        ("imports_app/messagefile/", ["Files"]),
        ("accounts/activityentry/", ["Activity log entries"]),
        ("accounts/failedlogin/", ["Failed logins"]),
        ("account/", [ACCOUNT]),
        ("account/tokens/add/", [ACCOUNT, "Create personal access token"]),
        ("password_change/", [ACCOUNT, "Change password"]),
    ],
)
def test_other_pages_are_steps(
    admin_browser: Client, path: str, trail: list[str]
) -> None:
    page = admin_browser.get(f"/admin/{path}")

    assert trail_of(page)[0] == trail
    assert title_of(page) == " | ".join([*reversed(trail), PRODUCT])


@pytest.mark.parametrize(
    ("path", "trail"),
    [
        ("accounts/role/add/", ["Roles", "New role"]),
        ("account/tokens/add/", [ACCOUNT, "Confirm your identity"]),
    ],
)
def test_the_password_form_keeps_the_way_back(
    admin_user: User, path: str, trail: list[str]
) -> None:
    browser = log_in("ada")
    age(browser, 60)

    assert trail_of(browser.get(f"/admin/{path}"))[0] == trail


def test_members_name_direct_messages(admin_browser: Client) -> None:
    page = admin_browser.get(f"{list_of('room')}{a_direct_room()}/conversation/")

    assert trail_of(page)[0] == ["Rooms", "ada", "Conversation"]


def test_names_are_escaped(admin_browser: Client) -> None:
    role = Role.objects.create(name="<b>x</b> & y")

    page = admin_browser.get(f"{list_of('role')}{role.pk}/change/")

    assert trail_of(page)[0] == ["Roles", "<b>x</b> & y"]
    assert "<b>x</b>" not in page.content.decode()


def test_login_and_error_pages_name_the_product(client: Client, db: None) -> None:
    for path in ("/admin/login/", "/nothing/"):
        title = re.search("<title>(.*?)</title>", client.get(path).content.decode(), 16)
        assert title is not None
        assert title[1].strip().endswith(f"| {PRODUCT}")
