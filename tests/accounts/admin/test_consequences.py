"""Changes that take permissions from the viewer: shown first, and confirmed."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuthToken, FailedLogin, Role, User
from accounts.permission_names import PermissionName
from tests.accounts.admin.test_account_page import text_of
from tests.accounts.admin.test_users import LIST
from tests.conftest import PASSWORD
from tests.factories import AuthTokenFactory, RoleFactory, UserFactory

ROLES = "/admin/accounts/role/"
ASKED = "Nothing is changed yet. Enter your password to continue."
LOST = "After this you can no longer:"
RUN_IMPORT = str(PermissionName.RUN_IMPORT.label)
Form = dict[str, Any]


@pytest.fixture
def second_admin(db: None) -> User:
    user = UserFactory.create(roles=["admin"])
    AuthTokenFactory.create(user=user, kind=AuthToken.Kind.PERSONAL)
    return user


@pytest.fixture
def browser(admin_browser: Client, second_admin: User) -> Client:
    """Ada's browser, just after her login. She is not the only admin."""
    return admin_browser


def user_form(user: User, **changes: Any) -> Form:
    form = {
        "username": user.username,
        "kind": "user",
        "is_active": "on",
        "utc_offset": "0",
        "account_roles": [role.pk for role in user.roles.all()],
        **{
            f"{prefix}-{key}_FORMS": 0
            for prefix in ("emails", "import_ids", "tokens")
            for key in ("TOTAL", "INITIAL")
        },
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}


def role_form(role: Role, *names: str) -> Form:
    return {
        "name": role.name,
        "description": role.description,
        "scope": role.scope,
        "permission_names": names,
    }


def on_list(action: str, *users: User) -> Form:
    chosen = [user.pk for user in users]
    return {"action": action, "_selected_action": chosen, "post": "yes"}


def repeated(page: Any) -> Form:
    """Return the form data that the page submits again."""
    pattern = r'<input type="hidden" name="([^"]+)" value="([^"]*)">'
    form: dict[str, list[str]] = {}
    for name, value in re.findall(pattern, page.content.decode()):
        form.setdefault(name, []).append(html.unescape(value))
    return form


def confirm(browser: Client, path: str, page: Any, password: str = PASSWORD) -> Any:
    form = {**repeated(page), "reauthentication-password": password}
    return browser.post(path, form)


def can_import(user: User) -> bool:
    current = User.objects.filter(pk=user.pk, is_active=True).first()
    return current is not None and current.has_perm(PermissionName.RUN_IMPORT)


WAYS = (
    *("roles", "deactivation", "deletion"),
    *("deactivation in the list", "deletion in the list"),
)


def ways_to_lose(user: User) -> dict[str, tuple[str, Form]]:
    page = f"{LIST}{user.pk}/"
    return {
        "roles": (f"{page}change/", user_form(user, account_roles=[])),
        "deactivation": (f"{page}change/", user_form(user, is_active=None)),
        "deletion": (f"{page}delete/", {"post": "yes"}),
        "deactivation in the list": (LIST, on_list("deactivate", user)),
        "deletion in the list": (LIST, on_list("delete_selected", user)),
    }


@pytest.mark.parametrize("way", WAYS)
def test_losing_ones_own_rights_is_shown_and_asks_for_the_password(
    browser: Client, admin_user: User, way: str
) -> None:
    path, form = ways_to_lose(admin_user)[way]

    asked = browser.post(path, form)
    before = can_import(admin_user)
    wrong = confirm(browser, path, asked, password="wrong")
    still = can_import(admin_user)
    confirm(browser, path, wrong)

    for page in (asked, wrong):
        assert ASKED in text_of(page)
        assert LOST in text_of(page)
        assert RUN_IMPORT in text_of(page)
        assert "Only another administrator can undo this." in text_of(page) or (
            "Your own account is deleted." in text_of(page)
        )
    assert "The password is wrong." in text_of(wrong)
    assert (before, still, can_import(admin_user)) == (True, True, False)


def test_selecting_the_whole_list_does_not_hide_oneself(
    browser: Client, admin_user: User
) -> None:
    assistant = RoleFactory.create(
        permissions=["view-user-administration", "edit-other-user-active-status"]
    )
    helper = UserFactory.create(roles=[assistant])
    browser.force_login(helper)
    form = {**on_list("deactivate", UserFactory.create()), "select_across": "1"}

    page = browser.post(f"{LIST}?q={helper.username}", form)

    assert "Your own account is deactivated." in text_of(page)
    helper.refresh_from_db()
    assert helper.is_active


def test_removing_a_permission_of_ones_own_role_asks(db: None) -> None:
    role = RoleFactory.create(permissions=["access-permissions", "run-import"])
    user = UserFactory.create(roles=[role])
    user.set_password(PASSWORD)
    user.save()
    browser = Client()
    browser.force_login(user)
    path = f"{ROLES}{role.pk}/change/"

    asked = browser.post(path, role_form(role, "access-permissions"))
    held = can_import(user)
    confirm(browser, path, asked)

    assert RUN_IMPORT in text_of(asked)
    assert "You can no longer open this console." not in text_of(asked)
    assert held
    assert not can_import(user)
    assert User.objects.get(pk=user.pk).has_perm("access-permissions")


def test_losing_the_last_right_says_that_the_console_is_closed(db: None) -> None:
    role = RoleFactory.create(permissions=["access-permissions"])
    browser = Client()
    browser.force_login(UserFactory.create(roles=[role]))

    asked = browser.post(f"{ROLES}{role.pk}/change/", role_form(role))

    assert "You can no longer open this console." in text_of(asked)


def test_a_right_that_another_role_gives_is_not_lost(db: None) -> None:
    both = [
        RoleFactory.create(permissions=["access-permissions", "run-import"])
        for _ in range(2)
    ]
    user = UserFactory.create(roles=both)
    browser = Client()
    browser.force_login(user)

    browser.post(f"{ROLES}{both[0].pk}/change/", role_form(both[0]))

    assert not both[0].permissions.exists()


def test_changes_of_others_ask_for_nothing_after_a_recent_login(
    browser: Client, second_admin: User
) -> None:
    browser.post(LIST, on_list("deactivate", second_admin))

    second_admin.refresh_from_db()
    assert not second_admin.is_active


def test_an_undone_change_reports_no_success(browser: Client, admin_user: User) -> None:
    browser.post(LIST, on_list("deactivate", admin_user))

    page = browser.get(LIST)

    assert page.status_code == 200
    assert "deactivated and logged out" not in text_of(page)


def test_consent_covers_only_the_consequences_that_were_shown(
    browser: Client, admin_user: User
) -> None:
    path = f"{LIST}{admin_user.pk}/change/"
    extra = RoleFactory.create(permissions=["view-statistics", "run-import"])
    admin_user.roles.add(extra)
    keeps = [role.pk for role in admin_user.roles.all() if role.name == "admin"]
    asked_nothing = browser.post(path, user_form(admin_user, account_roles=keeps))
    admin_user.roles.add(extra)
    without_admin = user_form(admin_user, account_roles=[extra.pk])

    asked = browser.post(path, without_admin)
    extra.permissions.clear()  # by somebody else, meanwhile
    again = confirm(browser, path, asked)

    assert asked_nothing.status_code == 302
    assert RUN_IMPORT not in text_of(asked)
    assert ASKED in text_of(again)
    assert RUN_IMPORT in text_of(again)
    assert "The password is wrong." not in text_of(again)
    assert admin_user.roles.filter(name="admin").exists()
    confirm(browser, path, again)
    assert not admin_user.roles.filter(name="admin").exists()


def test_an_invalid_form_shows_its_errors_and_asks_for_nothing(
    browser: Client, admin_user: User
) -> None:
    form = user_form(admin_user, account_roles=[], username="not valid")

    page = browser.post(f"{LIST}{admin_user.pk}/change/", form)

    assert "Use only letters" in text_of(page)
    assert ASKED not in text_of(page)


def test_the_last_admin_stays_even_with_the_password(
    admin_browser: Client, admin_user: User
) -> None:
    page = admin_browser.post(LIST, on_list("deactivate", admin_user))

    assert page.status_code == 302
    admin_user.refresh_from_db()
    assert admin_user.is_active


def test_wrong_passwords_count_as_failed_logins(
    browser: Client, admin_user: User
) -> None:
    asked = browser.post(LIST, on_list("deactivate", admin_user))

    confirm(browser, LIST, asked, password="wrong")

    assert FailedLogin.objects.filter(username="ada").exists()


def test_submitting_the_password_twice_deletes_nothing(
    admin_browser: Client,
) -> None:
    """The second answer arrives after the first: it must not be the deletion's POST."""
    user = UserFactory.create()
    path = f"{LIST}{user.pk}/delete/"
    answer = {"reauthentication-of": "GET", "reauthentication-password": PASSWORD}

    pages = [admin_browser.post(path, answer) for _ in range(2)]

    assert [page.headers["Location"] for page in pages] == [path, path]
    assert User.objects.filter(pk=user.pk).exists()
