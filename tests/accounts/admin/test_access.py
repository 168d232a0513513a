"""Access to admin pages by permission."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from django.test import Client

from accounts.models import AuthToken, Role, User
from imports_app.models import ImportOperation
from tests.conftest import PASSWORD
from tests.factories import (
    AuthTokenFactory,
    ImportOperationFactory,
    RoleFactory,
    UserFactory,
)

# Ada administers, Ivan imports, Hedy helps people, Paula is an ordinary user.
EVERYBODY: Final = {"ada", "ivan", "hedy"}
PAGES: Final = {
    "": EVERYBODY,
    "imports_app/": {"ada", "ivan"},
    "imports_app/importoperation/": {"ada", "ivan"},
    "imports_app/importoperation/{operation}/change/": {"ada", "ivan"},
    "imports_app/importoperation/{operation}/history/": {"ada", "ivan"},
    "imports_app/importoperation/{operation}/delete/": {"ada"},
    "imports_app/importoperation/add/": set(),
    "accounts/": {"ada", "hedy"},
    "accounts/user/": {"ada", "hedy"},
    "accounts/user/{user}/change/": {"ada", "hedy"},
    "accounts/user/{user}/history/": {"ada", "hedy"},
    "accounts/user/{user}/password/": {"ada", "hedy"},
    "accounts/user/{user}/set-password/": {"ada", "hedy"},
    "accounts/user/{user}/delete/": {"ada"},
    "accounts/user/add/": {"ada"},
    "accounts/role/": {"ada"},
    "accounts/role/{role}/change/": {"ada"},
    "accounts/role/{role}/history/": {"ada"},
    "accounts/role/{role}/delete/": {"ada"},
    "accounts/role/add/": {"ada"},
    "accounts/authtoken/": {"ada"},
    "accounts/authtoken/{token}/change/": {"ada"},
    "accounts/authtoken/{token}/history/": {"ada"},
    "accounts/authtoken/{token}/delete/": {"ada"},
    "accounts/authtoken/add/": {"ada"},
    "auth/group/": set(),
    "accounts/permission/": set(),
}
LISTS: Final = ("imports_app/importoperation", "accounts/user", "accounts/role")
HELP_DESK: Final = (
    "view-user-administration",
    "edit-other-user-info",
    "edit-other-user-password",
)


@pytest.fixture
def browsers(
    admin_browser: Client, importer_browser: Client, plain_browser: Client
) -> dict[str, Client]:
    hedy = Client()
    hedy.force_login(
        UserFactory.create(roles=[RoleFactory.create(permissions=HELP_DESK)])
    )
    return {
        "ada": admin_browser,
        "ivan": importer_browser,
        "hedy": hedy,
        "paula": plain_browser,
        "nobody": Client(),
    }


@pytest.mark.parametrize("page", PAGES)
def test_users_reach_only_permitted_pages(
    browsers: dict[str, Client], page: str
) -> None:
    path = "/admin/" + page.format(
        operation=ImportOperationFactory.create().pk,
        user=UserFactory.create().pk,
        role=RoleFactory.create().pk,
        token=AuthTokenFactory.create().pk,
    )

    statuses = {
        name: browser.get(path, follow=name in EVERYBODY).status_code
        for name, browser in browsers.items()
    }

    reached = {name for name, status in statuses.items() if status == 200}
    assert reached == PAGES[page]
    # The others learn nothing; who may not enter at all is sent to the login.
    for name in EVERYBODY - reached:
        assert statuses[name] in {403, 404}
    assert {statuses["paula"], statuses["nobody"]} == {302}


@pytest.mark.parametrize("page", [page for page in PAGES if page.endswith("delete/")])
def test_deletion_by_direct_post_requires_the_permission(
    browsers: dict[str, Client], page: str
) -> None:
    operation, user = ImportOperationFactory.create(), UserFactory.create()
    role, token = RoleFactory.create(), AuthTokenFactory.create()
    path = "/admin/" + page.format(
        operation=operation.pk, user=user.pk, role=role.pk, token=token.pk
    )

    for name in ("ivan", "hedy", "paula", "nobody"):
        browsers[name].post(path, {"post": "yes"})

    for row in (operation, user, role, token):
        row.refresh_from_db()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ada", {*LISTS, "accounts/authtoken"}),
        ("ivan", {"imports_app/importoperation"}),
        ("hedy", {"accounts/user"}),
    ],
)
def test_menu_and_search_list_only_permitted_pages(
    browsers: dict[str, Client], name: str, shown: set[str]
) -> None:
    menu = browsers[name].get("/admin/").content.decode()
    found = "".join(
        browsers[name].get("/admin/search/", {"s": term}).content.decode()
        for term in ("operation", "user", "role", "token")
    )

    for page in (*LISTS, "accounts/authtoken"):
        assert (f"/admin/{page}/" in menu) is (page in shown)
        assert (f"/admin/{page}/" in found) is (page in shown)


def test_users_without_permissions_see_what_to_request(db: None) -> None:
    browser = Client()
    browser.force_login(
        UserFactory.create(roles=[RoleFactory.create(permissions=["run-import"])])
    )

    assert (
        "Your account has no access to this console."
        in browser.get("/admin/").content.decode()
    )


def test_every_permission_also_requires_view_permission(db: None) -> None:
    browser = Client()
    role = RoleFactory.create(permissions=["run-import", "create-user", "delete-user"])
    browser.force_login(UserFactory.create(roles=[role]))
    somebody = UserFactory.create()

    for path in ("add/", f"{somebody.pk}/delete/"):
        assert browser.get(f"/admin/accounts/user/{path}").status_code == 403


def test_logs_in_with_name_and_password(client: Client, admin_user: User) -> None:
    page = client.get("/admin/login/").content.decode()
    answer = client.post("/admin/login/", {"username": "ADA", "password": PASSWORD})

    assert "Import server" in page.partition("</title>")[0]
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("username", "password", "told"),
    [
        ("ada", "wrong", "The username or password is wrong."),
        ("nobody", PASSWORD, "The username or password is wrong."),
        ("paula", "wrong", "The username or password is wrong."),
        ("gone", PASSWORD, "This account is deactivated."),
        ("", "", "This field is required."),
    ],
)
def test_rejects_a_login_with_a_reason(
    client: Client,
    admin_user: User,
    plain_user: User,
    username: str,
    password: str,
    told: str,
) -> None:
    plain_user.pk = None
    plain_user.username, plain_user.public_id = "gone", "gone"
    plain_user.is_active = False
    plain_user.save(force_insert=True)

    answer = client.post("/admin/login/", {"username": username, "password": password})

    assert told in answer.content.decode()
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("page", "make"),
    [
        ("accounts/user", lambda text: UserFactory.create(username="x", name=text)),
        ("accounts/role", lambda text: RoleFactory.create(name=text, description=text)),
        ("accounts/authtoken", lambda text: AuthTokenFactory.create(name=text)),
        (
            "imports_app/importoperation",
            lambda text: ImportOperationFactory.create(
                importer_name=text, file_name=text, error_message=text
            ),
        ),
    ],
)
def test_escapes_user_input(
    admin_browser: Client,
    page: str,
    make: Callable[[str], User | Role | AuthToken | ImportOperation],
) -> None:
    row = make("<script>alert(1)</script>")

    for path in ("", f"{row.pk}/change/", f"{row.pk}/history/", f"{row.pk}/delete/"):
        html = admin_browser.get(f"/admin/{page}/{path}").content.decode()
        assert "<script>alert(1)" not in html
    assert (
        "&lt;script&gt;alert(1)"
        in admin_browser.get(f"/admin/{page}/").content.decode()
    )


def test_pages_load_nothing_from_other_hosts(admin_browser: Client) -> None:
    answer = admin_browser.get("/admin/")

    html = answer.content.decode()
    loaded = [part.partition('"')[0] for part in html.split('src="')[1:]]
    assert loaded
    assert all(source.startswith(("/static/", "/admin/")) for source in loaded)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
