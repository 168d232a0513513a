"""Admin pages of users: find, create, edit, deactivate and delete."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuthToken, Role, User
from tests.conftest import PASSWORD, ApiClient
from tests.factories import (
    AuthTokenFactory,
    EmailAddressFactory,
    ImportIdFactory,
    RoleFactory,
    UserFactory,
)

LIST = "/admin/accounts/user/"
NEW_PASSWORD = "an entirely new s3cret"


def browser_with(*permissions: str) -> Client:
    """Return the browser of a user who may view users and has these permissions."""
    role = RoleFactory.create(permissions=["view-user-administration", *permissions])
    browser = Client()
    browser.force_login(UserFactory.create(roles=[role]))
    return browser


def change(browser: Client, user: User, **changes: Any) -> str:
    """Save the user's page with changed fields; `None` omits a field."""
    form = {
        "username": user.username,
        "name": user.name,
        "kind": "user",
        "is_active": "on" if user.is_active else None,
        "utc_offset": "0",
        "account_roles": [role.pk for role in user.roles.all()],
        **{
            f"{prefix}-{field}": "0"
            for prefix in ("emails", "import_ids", "tokens")
            for field in ("TOTAL_FORMS", "INITIAL_FORMS")
        },
        **changes,
    }
    answer = browser.post(
        f"{LIST}{user.pk}/change/",
        {name: value for name, value in form.items() if value is not None},
        follow=True,
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_reserved_usernames_can_be_kept_but_not_chosen(
    admin_browser: Client, plain_user: User
) -> None:
    kept = UserFactory.create(username="System", custom_fields={"city": "Rome"})
    new = {"username": "here", "name": "", "kind": "user"}

    added = admin_browser.post(f"{LIST}add/", new).content.decode()
    renamed = change(admin_browser, plain_user, username="Admin")
    page = change(admin_browser, kept, name="Computer")

    plain_user.refresh_from_db()
    kept.refresh_from_db()
    reserved = "This username is reserved. Choose another one."
    assert (reserved in added, reserved in renamed, reserved in page) == (1, 1, 0)
    assert not User.objects.filter(username="here").exists()
    assert (plain_user.username, kept.username) == ("paula", "System")
    assert kept.name == "Computer"
    shown = admin_browser.get(f"{LIST}{kept.pk}/change/").content.decode()
    assert "city: Rome" in shown
    assert kept.custom_fields == {"city": "Rome"}


def act(browser: Client, action: str, *users: User) -> str:
    """Run an action on users of the list."""
    form = {"action": action, "_selected_action": [user.pk for user in users]}
    answer = browser.post(LIST, {**form, "post": "yes"}, follow=True)
    return answer.content.decode()


def test_the_list_shows_names_roles_and_state(admin_browser: Client) -> None:
    user = UserFactory.create(username="nina", name="Nina N.", roles=["user", "bot"])
    EmailAddressFactory.create(user=user, address="first@example.org")
    EmailAddressFactory.create(user=user, address="second@example.org")

    page = admin_browser.get(f"{LIST}?q=nina").content.decode()

    for text in ("nina", "Nina N.", "first@example.org", "active", "bot, user"):
        assert text in page
    assert "second@example.org" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=NINA", {"nina"}),
        ("q=noether", {"nina"}),
        ("q=emmy@example.org", {"nina"}),
        ("q=U0042", {"nina"}),
        ("is_active__exact=0", {"gone"}),
        ("kind__exact=bot", {"robot"}),
        ("roles__id__exact={admin}", {"ada"}),
        ("q=nobody", set()),
    ],
)
def test_finds_users(admin_browser: Client, query: str, found: set[str]) -> None:
    nina = UserFactory.create(username="nina", name="Emmy Noether")
    EmailAddressFactory.create(user=nina, address="emmy@example.org")
    EmailAddressFactory.create(user=nina, address="emmy2@example.org")
    ImportIdFactory.create(user=nina, value="U0042")
    UserFactory.create(username="gone", is_active=False)
    UserFactory.create(username="robot", kind="bot")

    admin = Role.objects.get(name="admin").pk
    answer = admin_browser.get(f"{LIST}?{query.format(admin=admin)}")

    assert [user.username for user in answer.context["cl"].result_list] == list(found)


@pytest.mark.parametrize("rows", [10, 100])
def test_the_list_has_a_constant_number_of_queries(
    admin_browser: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _ in range(rows):
        EmailAddressFactory.create(user__roles=["user"])

    # Session, user, permissions; the roles to filter by; count and count of all; the
    # page, its roles and its addresses.
    with django_assert_num_queries(9):
        assert admin_browser.get(LIST).status_code == 200


def test_creates_a_user_who_can_log_in(admin_browser: Client) -> None:
    form = {
        "username": "nina",
        "name": "Nina",
        "kind": "user",
        "password": NEW_PASSWORD,
        "account_roles": [Role.objects.get(name="admin").pk],
    }
    admin_browser.post(f"{LIST}add/", form)

    browser = Client()
    browser.post("/admin/login/", {"username": "nina", "password": NEW_PASSWORD})
    assert browser.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"username": "PAULA"}, "A user with this name already exists."),
        ({"username": "two words"}, "Use only letters (A to Z)"),
        ({"username": ""}, "This field is required."),
        ({"password": "12345"}, "This password is too short."),
        ({"password": "nina.nina"}, "too similar to the username"),
    ],
)
def test_rejects_an_invalid_new_user(
    admin_browser: Client, plain_user: User, fields: dict[str, str], told: str
) -> None:
    form = {"username": "nina.nina", "kind": "user", **fields}
    page = admin_browser.post(f"{LIST}add/", form).content.decode()

    assert told in page
    assert not User.objects.filter(username="nina.nina").exists()


def test_keeps_an_imported_username(admin_browser: Client) -> None:
    user = UserFactory.create(username="двое слов", roles=["user"])

    change(admin_browser, user, name="New Name")

    user.refresh_from_db()
    assert (user.username, user.name) == ("двое слов", "New Name")


def test_changes_addresses_and_import_ids(
    admin_browser: Client, plain_user: User
) -> None:
    change(
        admin_browser,
        plain_user,
        **{
            "emails-TOTAL_FORMS": "1",
            "emails-0-address": "paula@corp",
            "import_ids-TOTAL_FORMS": "1",
            "import_ids-0-value": "U1",
        },
    )

    assert [email.address for email in plain_user.emails.all()] == ["paula@corp"]
    assert [known.value for known in plain_user.import_ids.all()] == ["U1"]


def test_browsers_do_not_check_addresses(
    admin_browser: Client, plain_user: User
) -> None:
    EmailAddressFactory.create(user=plain_user, address="jürgen@example.org")

    page = admin_browser.get(f"{LIST}{plain_user.pk}/change/").content.decode()

    [field] = re.findall(r'<input[^>]*name="emails-0-address"[^>]*>', page)
    assert 'type="text"' in field
    assert 'inputmode="email"' in field


def test_says_why_an_address_is_refused(
    admin_browser: Client, plain_user: User
) -> None:
    emails = {"emails-TOTAL_FORMS": "1", "emails-0-address": "paula"}

    page = change(admin_browser, plain_user, **emails)

    assert "Enter a valid e-mail address: it has no @." in page
    assert not plain_user.emails.exists()


def test_lists_the_users_tokens(admin_browser: Client, plain_user: User) -> None:
    token = AuthTokenFactory.create(user=plain_user, name="laptop")

    page = admin_browser.get(f"{LIST}{plain_user.pk}/change/").content.decode()

    assert str(token) in page
    assert token.digest not in page


def test_role_changes_take_effect_immediately(
    admin_browser: Client, plain_api: ApiClient
) -> None:
    user = plain_api.user
    assert user is not None
    assert plain_api.get("getLatestImportOperations").status_code == 403

    change(admin_browser, user, account_roles=[Role.objects.get(name="admin").pk])

    assert plain_api.get("getLatestImportOperations").status_code == 200


@pytest.mark.parametrize("changes", [{"is_active": None}, {"account_roles": []}])
def test_keeps_the_last_admin(
    admin_browser: Client, admin_user: User, changes: dict[str, Any]
) -> None:
    page = change(admin_browser, admin_user, **changes)

    assert "You need to have at least one admin" in page
    admin_user.refresh_from_db()
    assert admin_user.is_active
    assert admin_user.has_perm("access-permissions")


@pytest.mark.parametrize("action", ["deactivate", "delete_selected"])
def test_no_action_removes_the_last_admin(
    admin_browser: Client, admin_user: User, plain_user: User, action: str
) -> None:
    page = act(admin_browser, action, plain_user, admin_user)

    assert "You need to have at least one admin" in page
    assert User.objects.filter(is_active=True).count() == 2
    assert not LogEntry.objects.exists()


def test_never_deletes_the_last_admin(admin_browser: Client, admin_user: User) -> None:
    path = f"{LIST}{admin_user.pk}/delete/"
    answer = admin_browser.post(path, {"post": "yes"}, follow=True)

    assert "You need to have at least one admin" in answer.content.decode()
    assert User.objects.filter(pk=admin_user.pk).exists()


def test_one_of_two_admins_can_be_removed(
    admin_browser: Client, admin_user: User
) -> None:
    other = UserFactory.create(roles=["admin"])
    AuthTokenFactory.create(user=other, kind=AuthToken.Kind.PERSONAL)

    asked = change(admin_browser, admin_user, account_roles=[])
    form: dict[str, Any] = dict(re.findall('name="([^"]+)" value="([^"]*)"', asked))
    form["reauthentication-password"] = PASSWORD
    admin_browser.post(f"{LIST}{admin_user.pk}/change/", form)

    assert not User.objects.get(pk=admin_user.pk).roles.exists()


def test_deactivating_ends_logins_and_activating_allows_them(
    admin_browser: Client, plain_user: User
) -> None:
    AuthTokenFactory.create(user=plain_user, kind=AuthToken.Kind.LOGIN)

    for action, is_active, told in (
        ("deactivate", False, "1 user deactivated and logged out everywhere."),
        ("activate", True, "1 user activated."),
    ):
        assert told in act(admin_browser, action, plain_user)
        plain_user.refresh_from_db()
        assert plain_user.is_active is is_active
    assert not plain_user.tokens.exists()
    assert LogEntry.objects.count() == 2


def test_sets_a_password_and_ends_logins(
    admin_browser: Client, plain_user: User
) -> None:
    AuthTokenFactory.create(user=plain_user, kind=AuthToken.Kind.LOGIN)
    personal = AuthTokenFactory.create(user=plain_user)
    button = f"{LIST}{plain_user.pk}/set-password/"
    page = admin_browser.get(f"{LIST}{plain_user.pk}/change/").content.decode()
    assert button in page

    path = admin_browser.get(button).headers["Location"]
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    admin_browser.post(path, passwords)

    plain_user.refresh_from_db()
    assert plain_user.check_password(NEW_PASSWORD)
    assert list(plain_user.tokens.all()) == [personal]


def test_refuses_a_weak_password(admin_browser: Client, plain_user: User) -> None:
    path = f"{LIST}{plain_user.pk}/password/"
    answer = admin_browser.post(path, {"password1": "12345", "password2": "12345"})

    assert "This password is too short." in answer.content.decode()
    plain_user.refresh_from_db()
    assert plain_user.check_password(PASSWORD)


def test_deleting_a_user_deletes_tokens_without_their_permission(
    plain_user: User,
) -> None:
    AuthTokenFactory.create(user=plain_user)

    browser = browser_with("delete-user")
    browser.post(f"{LIST}{plain_user.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(pk=plain_user.pk).exists()
