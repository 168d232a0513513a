"""Re-authentication before sensitive actions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuthToken, Role, TwoFactorDevice, User
from imports_app.models import ImportOperation
from tests.accounts.admin.test_account_page import age, log_in, text_of
from tests.conftest import PASSWORD
from tests.factories import (
    ImportOperationFactory,
    RoleFactory,
    TwoFactorDeviceFactory,
    UserFactory,
    totp_code,
)

pytestmark = pytest.mark.usefixtures("one_totp_step")

ASKED = "Enter your password to continue."
LOST = "Nothing was saved."
RIGHT = {"reauthentication-password": PASSWORD}


@pytest.fixture
def browser(admin_user: User) -> Client:
    """Ada's browser, an hour after her login."""
    browser = log_in("ada")
    age(browser, 60)
    return browser


def hidden_fields(response: Any) -> dict[str, str]:
    """Return the form data that the page submits again."""
    pattern = r'<input type="hidden" name="([^"]+)" value="([^"]*)">'
    return dict(re.findall(pattern, response.content.decode()))


@pytest.mark.parametrize(
    "page",
    [
        "accounts/authtoken/add/",
        "accounts/user/{user}/password/",
        "accounts/user/{user}/delete/",
        "accounts/user/{user}/reset-two-factor/",
        "accounts/role/add/",
        "accounts/role/{role}/delete/",
        "imports_app/importoperation/{operation}/delete/",
        "account/tokens/add/",
    ],
)
def test_sensitive_pages_require_reauthentication(browser: Client, page: str) -> None:
    path = "/admin/" + page.format(
        user=UserFactory.create().pk,
        role=RoleFactory.create().pk,
        operation=ImportOperationFactory.create().pk,
    )
    asked = browser.get(path)
    wrong = browser.post(
        path, {**hidden_fields(asked), "reauthentication-password": "wrong"}
    )
    right = browser.post(path, {**hidden_fields(asked), **RIGHT})

    assert ASKED in text_of(asked)
    assert "no-store" in asked.headers["Cache-Control"]
    assert "The password is wrong." in text_of(wrong)
    assert right.headers["Location"] == path
    assert ASKED not in text_of(browser.get(path))


def test_submitted_data_is_kept_during_reauthentication(browser: Client) -> None:
    role = RoleFactory.create(name="helper")
    path = f"/admin/accounts/role/{role.pk}/change/"
    fields = {"name": "helper", "scope": "Users", "description": "A & <b>"}

    asked = browser.post(path, {**fields, "permission_names": ["view-statistics"]})
    again = {
        name: value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        for name, value in hidden_fields(asked).items()
    }
    browser.post(path, {**again, **RIGHT})

    assert ASKED in text_of(asked)
    role.refresh_from_db()
    assert role.description == "A & <b>"
    assert [one.name for one in role.permissions.all()] == ["view-statistics"]


def test_passwords_are_not_repeated_in_the_form(browser: Client) -> None:
    user = UserFactory.create()
    path = f"/admin/accounts/user/{user.pk}/password/"
    new = "another horse battery"

    asked = browser.post(path, {"password1": new, "password2": new})

    assert LOST in text_of(asked)
    assert new not in asked.content.decode()
    user.refresh_from_db()
    assert not user.check_password(new)
    right = browser.post(path, {**hidden_fields(asked), **RIGHT})
    assert right.headers["Location"] == path


def _give_admin(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "kind": "user",
        "is_active": "on",
        "utc_offset": "0",
        "account_roles": [Role.objects.get(public_id="admin").pk],
        **{
            f"{prefix}-{key}_FORMS": 0
            for prefix in ("emails", "import_ids", "tokens")
            for key in ("TOTAL", "INITIAL")
        },
    }


def test_granting_a_privileged_role_requires_reauthentication(browser: Client) -> None:
    user = UserFactory.create()
    path = f"/admin/accounts/user/{user.pk}/change/"

    response = browser.post(path, _give_admin(user))

    assert ASKED in text_of(response)
    assert not user.roles.exists()
    browser.post(path, {**hidden_fields(response), **RIGHT})
    assert user.roles.get().public_id == "admin"


def test_other_changes_of_users_need_no_reauthentication(browser: Client) -> None:
    user = UserFactory.create()
    ordinary = Role.objects.get(public_id="user")
    fields = {**_give_admin(user), "account_roles": [ordinary.pk], "name": "New"}

    browser.post(f"/admin/accounts/user/{user.pk}/change/", fields)

    user.refresh_from_db()
    assert (user.name, user.roles.get()) == ("New", ordinary)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (UserFactory.create, "/admin/accounts/user/"),
        (ImportOperationFactory.create, "/admin/imports_app/importoperation/"),
    ],
)
def test_bulk_deletion_requires_reauthentication(
    browser: Client, make: Callable[[], Any], path: str
) -> None:
    row = make()
    fields = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}

    response = browser.post(path, fields)

    assert ASKED in text_of(response)
    assert type(row).objects.filter(pk=row.pk).exists()
    browser.post(path, {**hidden_fields(response), **RIGHT})
    assert not type(row).objects.filter(pk=row.pk).exists()


def test_reauthentication_also_requires_the_code(admin_user: User) -> None:
    TwoFactorDeviceFactory.create(user=admin_user)
    browser = log_in("ada")
    browser.post("/admin/account/verify/", {"code": totp_code(-1)})
    session = browser.session
    session["_confirmed_at"] = session["_started_at"] = 0
    session["_started_at"] = session["_seen_at"] - 3600
    session.save()
    path = "/admin/accounts/authtoken/add/"
    fields = {"user": admin_user.pk, "name": "x"}

    asked = browser.post(path, fields)
    without = browser.post(path, {**hidden_fields(asked), **RIGHT})
    assert not AuthToken.objects.exists()
    right = {**RIGHT, "reauthentication-code": totp_code()}
    browser.post(path, {**hidden_fields(asked), **right})

    assert ASKED in text_of(asked)
    assert "This field is required." in text_of(without)
    assert AuthToken.objects.get().name == "x"


def test_a_recent_login_is_enough(admin_browser: Client, admin_user: User) -> None:
    path = "/admin/accounts/authtoken/add/"

    admin_browser.post(path, {"user": admin_user.pk, "name": "x"})

    assert AuthToken.objects.exists()


def test_an_administrator_resets_a_second_factor(
    admin_browser: Client, plain_user: User, plain_browser: Client
) -> None:
    device = TwoFactorDeviceFactory.create(user=plain_user)
    path = f"/admin/accounts/user/{plain_user.pk}/reset-two-factor/"

    asked = admin_browser.get(path)
    done = admin_browser.post(path, follow=True)
    again = admin_browser.post(path, follow=True)

    assert "Reset two-factor authentication: paula?" in text_of(asked)
    assert "was reset" in text_of(done)
    assert "not enabled" in text_of(again)
    assert not TwoFactorDevice.objects.filter(pk=device.pk).exists()
    assert plain_browser.get("/admin/account/").status_code == 302


def test_resetting_an_admins_second_factor_requires_assign_admin_role(
    admin_user: User, db: None
) -> None:
    TwoFactorDeviceFactory.create(user=admin_user)
    role = RoleFactory.create(
        permissions=["view-user-administration", "edit-other-user-password"]
    )
    helper = Client()
    helper.force_login(UserFactory.create(roles=[role]))

    path = f"/admin/accounts/user/{admin_user.pk}/reset-two-factor/"
    response = helper.post(path)

    assert response.status_code == 403
    assert TwoFactorDevice.objects.exists()


def test_operations_are_not_deleted_without_reauthentication(browser: Client) -> None:
    operation = ImportOperationFactory.create()

    browser.post(f"/admin/imports_app/importoperation/{operation.pk}/delete/", {})

    assert ImportOperation.objects.exists()
