"""Who sees and reaches which page of the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuthToken, Role, User
from tests.conftest import ApiClient, api_client_of
from tests.factories import (
    AuthTokenFactory,
    EmailAddressFactory,
    RoleFactory,
    UserFactory,
)

PAGES = {
    "/admin/": {"ada", "ivan"},
    "/admin/imports_app/importoperation/": {"ada", "ivan"},
    "/admin/accounts/user/": {"ada"},
    "/admin/accounts/user/add/": {"ada"},
    "/admin/accounts/role/": {"ada"},
    "/admin/accounts/role/add/": {"ada"},
    "/admin/accounts/authtoken/": {"ada"},
    "/admin/accounts/authtoken/add/": {"ada"},
}


@pytest.mark.parametrize("path", PAGES)
def test_each_person_reaches_what_the_permissions_show(
    admin_browser: Client, importer_browser: Client, plain_browser: Client, path: str
) -> None:
    browsers = {"ada": admin_browser, "ivan": importer_browser, "paula": plain_browser}

    reached = {
        name
        for name, browser in browsers.items()
        if browser.get(path).status_code == 200
    }

    assert reached == PAGES[path]


def test_the_menu_names_only_what_one_may_see(
    admin_browser: Client, importer_browser: Client
) -> None:
    for_importer = importer_browser.get("/admin/").content.decode()
    for_admin = admin_browser.get("/admin/").content.decode()

    for page in ("user", "role", "authtoken"):
        assert f"/admin/accounts/{page}/" in for_admin
        assert f"/admin/accounts/{page}/" not in for_importer
    assert "/admin/imports_app/importoperation/" in for_importer


def test_logs_in_with_name_and_password(client: Client, admin_user: User) -> None:
    answer = client.post(
        "/admin/login/",
        {"username": "ADA", "password": "correct horse battery staple"},
    )

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [("ada", "wrong"), ("nobody", "correct horse battery staple"), ("", "")],
)
def test_refuses_a_wrong_login(
    client: Client, admin_user: User, username: str, password: str
) -> None:
    client.post("/admin/login/", {"username": username, "password": password})

    assert client.get("/admin/").status_code == 302


def _user_form(user: User, **changes: Any) -> dict[str, Any]:
    return {
        "username": user.username,
        "name": user.name,
        "kind": "user",
        "is_active": "on",
        "utc_offset": "0",
        "account_roles": [role.pk for role in user.roles.all()],
        **{
            f"{prefix}-{field}": "0"
            for prefix in ("emails", "import_ids", "tokens")
            for field in ("TOTAL_FORMS", "INITIAL_FORMS")
        },
        **changes,
    }


def _change(browser: Client, user: User, **changes: Any) -> str:
    form = {k: v for k, v in _user_form(user, **changes).items() if v is not None}
    answer = browser.post(f"/admin/accounts/user/{user.pk}/change/", form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_creates_a_user_who_can_log_in(admin_browser: Client) -> None:
    admin_browser.post(
        "/admin/accounts/user/add/",
        {"username": "nina", "name": "Nina", "kind": "user", "password": "s3cret-pass"},
    )

    assert User.objects.get(username="nina").check_password("s3cret-pass")


def test_refuses_a_name_that_is_taken_ignoring_case(
    admin_browser: Client, plain_user: User
) -> None:
    answer = admin_browser.post(
        "/admin/accounts/user/add/", {"username": "PAULA", "kind": "user"}
    )

    assert "A user of this name exists already." in answer.content.decode()


def test_roles_act_on_the_very_next_request(
    admin_browser: Client, plain_api: ApiClient
) -> None:
    user = plain_api.user
    assert user is not None
    assert plain_api.get("getLatestImportOperations").status_code == 403

    _change(admin_browser, user, account_roles=[Role.objects.get(name="admin").pk])
    assert plain_api.get("getLatestImportOperations").status_code == 200


@pytest.mark.parametrize("changes", [{"is_active": None}, {"account_roles": []}])
def test_keeps_the_last_admin(
    admin_browser: Client, admin_user: User, changes: dict[str, Any]
) -> None:
    page = _change(admin_browser, admin_user, **changes)

    assert "You need to have at least one admin" in page
    admin_user.refresh_from_db()
    assert admin_user.is_active
    assert admin_user.has_perm("access-permissions")


def test_never_deletes_the_last_admin(admin_browser: Client, admin_user: User) -> None:
    for path, form in (
        (f"/admin/accounts/user/{admin_user.pk}/delete/", {"post": "yes"}),
        (
            "/admin/accounts/user/",
            {
                "action": "delete_selected",
                "_selected_action": [admin_user.pk],
                "post": "yes",
            },
        ),
    ):
        admin_browser.post(path, form)
        assert User.objects.filter(pk=admin_user.pk).exists()


def test_deactivating_ends_logins_and_activating_lets_in_again(
    admin_browser: Client, plain_user: User
) -> None:
    AuthTokenFactory.create(user=plain_user, kind=AuthToken.Kind.LOGIN)
    for action, is_active in (("deactivate", False), ("activate", True)):
        admin_browser.post(
            "/admin/accounts/user/",
            {"action": action, "_selected_action": [plain_user.pk]},
        )
        plain_user.refresh_from_db()
        assert plain_user.is_active is is_active
    assert not plain_user.tokens.exists()


def test_sets_a_password(admin_browser: Client, plain_user: User) -> None:
    path = f"/admin/accounts/user/{plain_user.pk}/password/"
    page = admin_browser.get(f"/admin/accounts/user/{plain_user.pk}/change/")
    assert path in page.content.decode()

    admin_browser.post(
        path,
        {
            "usable_password": "true",
            "password1": "a new s3cret",
            "password2": "a new s3cret",
        },
    )

    plain_user.refresh_from_db()
    assert plain_user.check_password("a new s3cret")


def test_limits_a_person_who_may_only_edit_profiles(plain_user: User) -> None:
    role = RoleFactory.create(
        permissions=["view-user-administration", "edit-other-user-info"]
    )
    browser = Client()
    browser.force_login(UserFactory.create(roles=[role]))
    before = plain_user.password

    _change(browser, plain_user, name="New Name", is_active=None)
    browser.post(
        f"/admin/accounts/user/{plain_user.pk}/password/",
        {"password1": "a new s3cret", "password2": "a new s3cret"},
    )

    plain_user.refresh_from_db()
    assert plain_user.name == "New Name"
    assert plain_user.is_active
    assert plain_user.password == before
    assert [role.name for role in plain_user.roles.all()] == ["user"]


@pytest.mark.parametrize("posted", ["bot", None])
def test_nobody_changes_roles_without_the_permission(
    plain_user: User, posted: str | None
) -> None:
    role = RoleFactory.create(
        permissions=["view-user-administration", "edit-other-user-info"]
    )
    browser = Client()
    browser.force_login(UserFactory.create(roles=[role]))
    roles = [Role.objects.get(name=posted).pk] if posted else None

    _change(browser, plain_user, name="New Name", account_roles=roles)

    plain_user.refresh_from_db()
    assert plain_user.name == "New Name"
    assert [role.name for role in plain_user.roles.all()] == ["user"]


def test_only_some_may_give_the_role_admin(plain_user: User) -> None:
    role = RoleFactory.create(
        permissions=[
            "view-user-administration",
            "edit-other-user-info",
            "access-permissions",
        ]
    )
    browser = Client()
    browser.force_login(UserFactory.create(roles=[role]))
    admin_role = Role.objects.get(name="admin")

    page = _change(browser, plain_user, account_roles=[admin_role.pk])

    assert "You may not give or take the role admin." in page
    assert admin_role not in plain_user.roles.all()


def test_shows_a_token_once_and_nowhere_else(
    admin_browser: Client, importer_user: User
) -> None:
    answer = admin_browser.post(
        "/admin/accounts/authtoken/add/", {"user": importer_user.pk, "name": "ci"}
    )

    page = answer.content.decode()
    plain = page.partition("X-Auth-Token: ")[2].partition("<")[0].strip()
    assert "no-store" in answer.headers["Cache-Control"]
    assert f"X-User-Id: {importer_user.public_id}" in page
    owner = ApiClient(importer_user, plain)
    assert owner.get("getLatestImportOperations").status_code == 200
    token = AuthToken.objects.get()
    for path in (
        "/admin/",
        "/admin/accounts/authtoken/",
        f"/admin/accounts/authtoken/{token.pk}/change/",
        f"/admin/accounts/authtoken/{token.pk}/history/",
        f"/admin/accounts/user/{importer_user.pk}/change/",
    ):
        assert plain not in admin_browser.get(path).content.decode()
    assert plain not in str(dict(admin_browser.session))
    assert plain not in str(list(AuthToken.objects.values()))


def test_refuses_a_token_name_that_the_owner_uses(
    admin_browser: Client, importer_user: User
) -> None:
    AuthTokenFactory.create(user=importer_user, name="ci")

    answer = admin_browser.post(
        "/admin/accounts/authtoken/add/",
        {"user": importer_user.pk, "name": "ci"},
        follow=True,
    )

    assert "A token with this name already exists" in answer.content.decode()


def test_revokes_a_token(admin_browser: Client, plain_user: User) -> None:
    api = api_client_of(plain_user)
    token = AuthToken.objects.get()

    admin_browser.post(f"/admin/accounts/authtoken/{token.pk}/delete/", {"post": "yes"})

    assert api.get("getLatestImportOperations").status_code == 401


def test_role_check_boxes_act_on_the_very_next_request(
    admin_browser: Client, plain_api: ApiClient
) -> None:
    role = Role.objects.get(name="user")
    path = f"/admin/accounts/role/{role.pk}/change/"
    assert "See the import operations" in admin_browser.get(path).content.decode()

    for names, status in ((["view-import-operations"], 200), ([], 403)):
        admin_browser.post(path, {"description": "", "permission_names": names})
        assert plain_api.get("getLatestImportOperations").status_code == status


def test_keeps_built_in_roles_and_roles_in_use(admin_browser: Client) -> None:
    built_in = Role.objects.get(name="guest")
    in_use = RoleFactory.create()
    UserFactory.create(roles=[in_use])
    unused = RoleFactory.create()

    for role in (built_in, in_use, unused):
        admin_browser.post(f"/admin/accounts/role/{role.pk}/delete/", {"post": "yes"})

    kept = set(Role.objects.filter(pk__in=[built_in.pk, in_use.pk, unused.pk]))
    assert kept == {built_in, in_use}


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("user", lambda: EmailAddressFactory.create(user__roles=["user"])),
        ("role", lambda: UserFactory.create(roles=[RoleFactory.create()])),
        ("authtoken", AuthTokenFactory.create),
    ],
)
def test_a_list_takes_as_many_queries_for_many_rows(
    admin_browser: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    path: str,
    make: Callable[[], object],
) -> None:
    for _ in range(30):
        make()

    with django_assert_max_num_queries(16):
        answer = admin_browser.get(f"/admin/accounts/{path}/")

    assert answer.status_code == 200


def test_escapes_what_people_type(admin_browser: Client) -> None:
    UserFactory.create(username="x", name="<script>alert(1)</script>")

    page = admin_browser.get("/admin/accounts/user/").content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
