from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import ActivityEntry, AuthToken, Role, Session, User
from accounts.services.activity import Author, record_change
from tests.conftest import PASSWORD
from tests.factories import AuthTokenFactory, RoleFactory

LOG = "/admin/accounts/activityentry/"


def log_in(username: str) -> Client:
    client = Client()
    form = {"username": username, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", form).status_code == 302
    return client


def test_every_change_in_the_admin_is_in_the_log(
    admin_browser: Client, plain_user: User
) -> None:
    bot = Role.objects.get(name="bot")
    role = {
        "name": "porter",
        "description": "",
        "scope": "Users",
        "permission_names": ["run-import"],
    }
    admin_browser.post("/admin/accounts/role/add/", role)
    made = Role.objects.get(name="porter")
    admin_browser.post(
        f"/admin/accounts/role/{made.pk}/change/", {**role, "permission_names": []}
    )
    admin_browser.post(f"/admin/accounts/role/{made.pk}/delete/", {"post": "yes"})
    admin_browser.post(
        "/admin/accounts/authtoken/add/", {"user": plain_user.pk, "name": "laptop"}
    )
    token = AuthToken.objects.get(name="laptop")
    admin_browser.post(f"/admin/accounts/authtoken/{token.pk}/delete/", {"post": "yes"})
    admin_browser.post(
        "/admin/accounts/user/add/",
        {"username": "ann", "kind": "user", "account_roles": [bot.pk]},
    )

    lines = [
        (change.subject, change.name.split(" …")[0])
        for change in reversed(ActivityEntry.objects.all())
    ]
    assert lines == [
        ("role", "porter"),
        ("role", "porter"),
        ("role", "porter"),
        ("role", "porter"),
        ("token", "paula: laptop"),
        ("token", "paula: laptop"),
        ("user", "ann"),
    ]
    assert set(ActivityEntry.objects.values_list("author_name", "address")) == {
        ("ada", "127.0.0.1")
    }


def test_the_log_shows_values_before_and_after_and_is_read_only(
    admin_browser: Client,
) -> None:
    record_change(
        ActivityEntry.Subject.USER,
        "<b>paula",
        by=Author(None, "192.0.2.1", "ada"),
        before={"roles": ["user"], "active": True, "utc_offset": 0.0},
        after={"roles": ["user", "<i>bot"], "active": True, "utc_offset": 1.0},
    )
    change = ActivityEntry.objects.get()

    listed = admin_browser.get(LOG).content.decode()
    page = admin_browser.get(f"{LOG}{change.pk}/change/").content.decode()

    for text in (listed, page):
        assert "user → user, &lt;i&gt;bot" in text
        assert "<span>UTC offset</span> 0.0 → 1.0" in text
        assert "192.0.2.1" in text
        assert "<b>paula" not in text
    for path in ("add/", f"{change.pk}/delete/"):
        assert admin_browser.post(LOG + path, {"post": "yes"}).status_code == 403
    admin_browser.post(f"{LOG}{change.pk}/change/", {"name": "x"})
    assert ActivityEntry.objects.get().name == "<b>paula"


def test_the_log_requires_access_permissions(importer_browser: Client) -> None:
    assert importer_browser.get(LOG).status_code == 403


def test_entries_keep_names_after_deletion(
    admin_browser: Client, plain_user: User
) -> None:
    record_change(
        ActivityEntry.Subject.ROLE, "x", by=Author(plain_user), before=None, after={}
    )
    admin_browser.post(f"/admin/accounts/user/{plain_user.pk}/delete/", {"post": "yes"})

    assert ActivityEntry.objects.filter(
        author_name="paula", author_public_id=plain_user.public_id
    ).exists()
    assert "paula" in admin_browser.get(LOG).content.decode()


def test_saving_without_changes_is_not_logged(admin_browser: Client) -> None:
    role = RoleFactory.create(name="porter", permissions=["run-import"])
    form = {
        "name": "porter",
        "description": "",
        "scope": "Users",
        "permission_names": ["run-import"],
    }

    admin_browser.post(f"/admin/accounts/role/{role.pk}/change/", form)

    assert not ActivityEntry.objects.exists()


def test_a_session_stores_its_owner(importer_user: User) -> None:
    client = log_in("ivan")
    started = Session.objects.get().created_at
    client.get("/admin/")

    session = Session.objects.get()
    assert (session.user, session.created_at) == (importer_user, started)


def test_the_users_page_lists_sessions_without_their_keys(
    admin_browser: Client, importer_user: User
) -> None:
    log_in("ivan")
    key = Session.objects.get(user=importer_user).session_key

    page = admin_browser.get(f"/admin/accounts/user/{importer_user.pk}/change/")

    text = page.content.decode()
    assert "browser sessions" in text.lower()
    assert key not in text


@pytest.mark.parametrize("entry", ["button", "action"])
def test_logs_out_everywhere(
    admin_browser: Client, importer_user: User, entry: str
) -> None:
    browser = log_in("ivan")
    AuthTokenFactory.create(user=importer_user, kind="login", name="")
    AuthTokenFactory.create(user=importer_user, name="laptop")

    if entry == "button":
        page = f"/admin/accounts/user/{importer_user.pk}/log-out/"
        assert "access tokens keep working" in admin_browser.get(page).content.decode()
        assert browser.get("/admin/").status_code == 200
        admin_browser.post(page)
    else:
        form = {"action": "log_out", "_selected_action": importer_user.pk}
        admin_browser.post("/admin/accounts/user/", form)

    assert browser.get("/admin/").status_code == 302
    assert list(AuthToken.objects.values_list("name", flat=True)) == ["laptop"]
    assert admin_browser.get("/admin/").status_code == 200
    ended = ActivityEntry.objects.exclude(action=ActivityEntry.Action.LOGGED_IN)
    assert ended.count() == 2


def test_users_can_log_themselves_out_everywhere(admin_user: User) -> None:
    browser = log_in("ada")

    answer = browser.post(f"/admin/accounts/user/{admin_user.pk}/log-out/")

    assert answer.status_code == 302
    assert browser.get("/admin/").status_code == 302


def test_changing_the_own_password_keeps_the_current_session(admin_user: User) -> None:
    browser, other = log_in("ada"), log_in("ada")
    form = {"password1": "a new horse battery", "password2": "a new horse battery"}

    browser.post(f"/admin/accounts/user/{admin_user.pk}/password/", form)

    assert browser.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302


def test_logging_others_out_requires_a_permission(
    importer_browser: Client, admin_user: User
) -> None:
    AuthTokenFactory.create(user=admin_user, kind="login")

    answer = importer_browser.post(f"/admin/accounts/user/{admin_user.pk}/log-out/")

    assert answer.status_code == 403
    assert AuthToken.objects.exists()
