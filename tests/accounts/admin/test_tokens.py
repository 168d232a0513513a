"""Admin pages of tokens: create, show once, revoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuthToken, User
from tests.conftest import ApiClient, api_client_of
from tests.factories import AuthTokenFactory, RoleFactory, UserFactory

LIST = "/admin/accounts/authtoken/"


def _issue(browser: Client, user: User, /, **fields: Any) -> Any:
    form = {"user": user.pk, "name": "ci"}
    return browser.post(f"{LIST}add/", form | fields)


def _plain(page: str) -> str:
    return page.partition("X-Auth-Token: ")[2].partition("<")[0].strip()


def test_shows_a_token_once_with_both_header_lines(
    admin_browser: Client, importer_user: User
) -> None:
    answer = _issue(admin_browser, importer_user)

    page = answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert f"X-User-Id: {importer_user.public_id}\nX-Auth-Token: " in page
    owner = ApiClient(importer_user, _plain(page))
    assert owner.get("getLatestImportOperations").status_code == 200


def test_the_plain_token_is_not_stored_or_shown_again(
    admin_browser: Client, importer_user: User
) -> None:
    answer = _issue(admin_browser, importer_user)
    plain = _plain(answer.content.decode())
    assert len(plain) == 43

    token = AuthToken.objects.get()
    for path in (
        "/admin/",
        LIST,
        f"{LIST}?q={plain[-6:]}",
        f"{LIST}{token.pk}/change/",
        f"{LIST}{token.pk}/history/",
        f"{LIST}{token.pk}/delete/",
        f"/admin/accounts/user/{importer_user.pk}/change/",
    ):
        page = admin_browser.get(path)
        assert page.status_code == 200
        assert plain not in page.content.decode()
        assert plain not in str(page.headers)
        assert token.digest not in page.content.decode()
    assert LogEntry.objects.exists()
    for place in (
        dict(admin_browser.session),
        admin_browser.cookies,
        list(get_messages(answer.wsgi_request)),
        list(LogEntry.objects.values()),
        list(AuthToken.objects.values()),
        answer.wsgi_request.get_full_path(),
    ):
        assert plain not in str(place)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "A token with this name already exists"),
        ({"name": ""}, "This field is required."),
        ({"user": ""}, "This field is required."),
        (
            {"name": "x", "expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"},
            "Choose a time in the future.",
        ),
    ],
)
def test_rejects_an_invalid_token_and_keeps_the_form(
    admin_browser: Client, importer_user: User, fields: dict[str, str], told: str
) -> None:
    AuthTokenFactory.create(user=importer_user, name="ci")

    page = _issue(admin_browser, importer_user, **fields).content.decode()

    assert told in page
    assert AuthToken.objects.count() == 1


def test_creates_a_token_with_an_expiry_time(
    admin_browser: Client, plain_user: User
) -> None:
    moment = timezone.now().replace(microsecond=0) + timedelta(days=2)

    page = _issue(
        admin_browser,
        plain_user,
        expires_at_0=f"{moment:%Y-%m-%d}",
        expires_at_1=f"{moment:%H:%M:%S}",
    ).content.decode()

    assert AuthToken.objects.get().expires_at == moment
    assert f"{moment:%Y-%m-%d %H:%M:%S} UTC" in page.partition("It expires on ")[2]


def test_viewers_without_user_administration_select_the_owner_from_a_list(
    plain_user: User,
) -> None:
    browser = Client()
    role = RoleFactory.create(permissions=["access-permissions"])
    browser.force_login(UserFactory.create(roles=[role]))

    page = browser.get(f"{LIST}add/").content.decode()

    assert f'<option value="{plain_user.pk}">paula</option>' in page


def test_a_token_is_read_only(admin_browser: Client) -> None:
    token = AuthTokenFactory.create(name="before")

    form = {"name": "after", "digest": "x", "user": token.user_id}
    answer = admin_browser.post(f"{LIST}{token.pk}/change/", form)

    assert answer.status_code == 403
    before = AuthToken.objects.values().get()
    assert (before["name"], before["digest"]) == ("before", token.digest)


@pytest.mark.parametrize("way", ["page", "action"])
def test_revokes_a_token(admin_browser: Client, plain_user: User, way: str) -> None:
    api = api_client_of(plain_user)
    token = AuthToken.objects.get()

    if way == "page":
        admin_browser.post(f"{LIST}{token.pk}/delete/", {"post": "yes"})
    else:
        form = {"action": "delete_selected", "_selected_action": [token.pk]}
        admin_browser.post(LIST, {**form, "post": "yes"})

    assert api.get("getLatestImportOperations").status_code == 401


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=usable", {"good", "orphan"}),
        ("state=expired", {"old"}),
        ("", {"good", "orphan", "old"}),
        ("q=good", {"good"}),
        ("kind__exact=login", set()),
    ],
)
def test_finds_tokens(admin_browser: Client, query: str, names: set[str]) -> None:
    AuthTokenFactory.create(name="good")
    AuthTokenFactory.create(name="orphan", user__is_active=False)
    AuthTokenFactory.create(
        name="old", expires_at=timezone.now() - timedelta(seconds=1)
    )

    found = admin_browser.get(f"{LIST}?{query}").context["cl"].result_list

    assert {token.name for token in found} == names


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "usable"),
        ({"user__is_active": False}, "owner deactivated"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expired"),
    ],
)
def test_shows_the_state_of_a_token(
    admin_browser: Client, fields: dict[str, Any], state: str
) -> None:
    token = AuthTokenFactory.create(**fields)

    for path in ("", f"{token.pk}/change/"):
        page = admin_browser.get(f"{LIST}{path}").content.decode()
        assert state in page.partition('id="content"')[2]


@pytest.mark.parametrize("rows", [10, 100])
def test_the_list_has_a_constant_number_of_queries(
    admin_browser: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    AuthTokenFactory.create_batch(rows)

    # Session, user, permissions; count and count of all; the page; the years, months
    # and days to go by.
    with django_assert_num_queries(8):
        assert admin_browser.get(LIST).status_code == 200
