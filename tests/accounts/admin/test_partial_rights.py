"""Users with permissions to edit only a part of other users."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import AuthToken, Role, User
from tests.accounts.admin.test_users import LIST, NEW_PASSWORD, browser_with, change
from tests.conftest import PASSWORD

PASSWORDS = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


@pytest.mark.parametrize(
    ("permission", "changed"),
    [
        ("edit-other-user-info", {"name"}),
        ("edit-other-user-active-status", {"is_active"}),
        ("access-permissions", {"roles"}),
    ],
)
def test_each_permission_enables_its_fields(
    plain_user: User, permission: str, changed: set[str]
) -> None:
    page = change(
        browser_with(permission),
        plain_user,
        name="New Name",
        is_active=None,
        account_roles=[Role.objects.get(name="bot").pk],
    )

    assert "was changed successfully" in page
    user = User.objects.get(pk=plain_user.pk)
    found = {
        "name": user.name == "New Name",
        "is_active": not user.is_active,
        "roles": [role.name for role in user.roles.all()] == ["bot"],
    }
    assert {part for part, is_changed in found.items() if is_changed} == changed


def test_viewers_without_edit_permissions_change_nothing(plain_user: User) -> None:
    browser = browser_with()

    page = browser.get(f"{LIST}{plain_user.pk}/change/").content.decode()
    answer = browser.post(f"{LIST}{plain_user.pk}/change/", {"name": "New Name"})

    assert "paula" in page
    assert 'name="_save"' not in page
    assert answer.status_code == 403


def test_granting_roles_to_a_new_user_requires_a_permission(db: None) -> None:
    form = {
        "username": "nina",
        "kind": "user",
        "account_roles": [Role.objects.get(name="bot").pk],
    }
    browser_with("create-user").post(f"{LIST}add/", form)

    assert not User.objects.get(username="nina").roles.exists()


@pytest.mark.parametrize("is_new", [True, False])
def test_granting_the_role_admin_requires_a_permission(
    plain_user: User, is_new: bool
) -> None:
    browser = browser_with("access-permissions", "create-user")
    admin = Role.objects.get(name="admin")

    if is_new:
        form = {"username": "nina", "kind": "user", "account_roles": [admin.pk]}
        page = browser.post(f"{LIST}add/", form).content.decode()
    else:
        page = change(browser, plain_user, account_roles=[admin.pk])

    assert "manage admin: you need the permission" in page
    assert not admin.users.exists()


def test_revoking_the_role_admin_requires_a_permission(
    admin_user: User, plain_user: User
) -> None:
    plain_user.roles.add(Role.objects.get(name="admin"))

    answer = browser_with("access-permissions").post(
        f"{LIST}{plain_user.pk}/change/", {"username": "paula", "account_roles": []}
    )

    assert answer.status_code == 403
    assert plain_user.roles.filter(name="admin").exists()


@pytest.mark.parametrize("permissions", [(), ("edit-other-user-info",)])
def test_setting_a_password_requires_its_permission(
    plain_user: User, permissions: tuple[str, ...]
) -> None:
    browser = browser_with(*permissions)

    page = browser.get(f"{LIST}{plain_user.pk}/change/").content.decode()
    answer = browser.post(f"{LIST}{plain_user.pk}/password/", PASSWORDS)

    assert "set-password" not in page
    assert answer.status_code == 403
    plain_user.refresh_from_db()
    assert plain_user.check_password(PASSWORD)


def test_the_password_permission_suffices_for_passwords(plain_user: User) -> None:
    browser = browser_with("edit-other-user-password")

    page = browser.get(f"{LIST}{plain_user.pk}/change/").content.decode()
    browser.post(f"{LIST}{plain_user.pk}/password/", PASSWORDS)

    assert "set-password" in page
    plain_user.refresh_from_db()
    assert plain_user.check_password(NEW_PASSWORD)


def test_setting_an_admins_password_requires_assign_admin_role(
    admin_user: User,
) -> None:
    path = f"{LIST}{admin_user.pk}/password/"

    refused = browser_with("edit-other-user-password").post(path, PASSWORDS)
    browser_with("edit-other-user-password", "assign-admin-role").post(path, PASSWORDS)

    assert refused.status_code == 403
    admin_user.refresh_from_db()
    assert admin_user.check_password(NEW_PASSWORD)


def test_the_actions_require_their_permission(plain_user: User) -> None:
    browser: Client = browser_with("edit-other-user-info")

    browser.post(LIST, {"action": "deactivate", "_selected_action": [plain_user.pk]})

    plain_user.refresh_from_db()
    assert plain_user.is_active


@pytest.mark.parametrize("posted", ["bot", None])
def test_changing_roles_requires_the_permission(
    plain_user: User, posted: str | None
) -> None:
    browser = browser_with("edit-other-user-info")
    roles = [Role.objects.get(name=posted).pk] if posted else None

    change(browser, plain_user, name="New Name", account_roles=roles)

    plain_user.refresh_from_db()
    assert plain_user.name == "New Name"
    assert [role.name for role in plain_user.roles.all()] == ["user"]


def test_the_form_of_a_token_says_whose_it_may_not_be(admin_user: User) -> None:
    form = {"user": admin_user.pk, "name": "mine"}

    page = browser_with("access-permissions").post(
        "/admin/accounts/authtoken/add/", form
    )

    assert escape(f"You can't change {admin_user}: ") in page.content.decode()
    assert not AuthToken.objects.filter(user=admin_user).exists()


def test_the_form_of_a_role_says_what_it_may_not_permit(db: None) -> None:
    form = {"name": "strong", "scope": "Users", "permission_names": ["delete-user"]}

    page = browser_with("access-permissions").post("/admin/accounts/role/add/", form)

    assert escape("You can't grant or revoke delete-user: ") in page.content.decode()
    assert not Role.objects.filter(name="strong").exists()
