"""Account pages: profile, password, second factor, tokens and sessions."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.auth.browser_sessions import digest_of, reference_of
from accounts.models import (
    ActivityEntry,
    AuthToken,
    RecoveryCode,
    Session,
    TwoFactorDevice,
    User,
)
from tests.conftest import PASSWORD
from tests.factories import (
    AuthTokenFactory,
    RoleFactory,
    TwoFactorDeviceFactory,
    totp_code,
)

pytestmark = pytest.mark.usefixtures("one_totp_step")

PAGE = "/admin/account/"
SETUP = f"{PAGE}two-factor/"
VERIFY = f"{PAGE}verify/"
NEW_PASSWORD = "another horse battery staple"


def log_in(username: str = "paula", **extra: Any) -> Client:
    """Return a browser after login with the password."""
    browser = Client(**extra)
    fields = {"username": username, "password": PASSWORD}
    browser.post("/admin/login/", fields)
    return browser


def text_of(response: Any) -> str:
    """Return the page without tags."""
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", response.content.decode()))


def age(browser: Client, minutes: float) -> None:
    """Move the start of the session into the past."""
    session = browser.session
    session["_started_at"] -= int(minutes * 60)
    session.save()


def test_users_without_other_pages_are_redirected_to_the_account_page(
    plain_user: User,
) -> None:
    browser = Client()
    fields = {"username": "paula", "password": PASSWORD}
    response = browser.post("/admin/login/", fields, follow=True)

    assert response.redirect_chain[-1][0] == PAGE
    assert "Paula" in text_of(response)
    assert browser.get("/admin/accounts/user/", follow=True).redirect_chain[-1][0] == (
        PAGE
    )


def test_shows_only_own_tokens_and_sessions(db: None) -> None:
    response = Client().get(PAGE)

    assert response.headers["Location"] == f"/admin/login/?next={PAGE}"


def test_lists_own_tokens_and_sessions(
    plain_browser: Client, plain_user: User, admin_user: User
) -> None:
    AuthTokenFactory.create(user=plain_user, name="laptop", networks="192.0.2.0/24")
    AuthTokenFactory.create(user=plain_user, kind="login", name="")
    AuthTokenFactory.create(user=admin_user, name="secret of ada")
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    log_in(HTTP_USER_AGENT=agent).get(PAGE)

    response = plain_browser.get(PAGE)

    text = text_of(response)
    assert "laptop" in text
    assert "192.0.2.0/24" in text
    assert "Firefox on Linux" in text
    assert "this session" in text
    assert "secret of ada" not in text
    assert "no-store" in response.headers["Cache-Control"]
    for session in Session.objects.all():
        assert session.session_key not in response.content.decode()


def test_creates_renews_and_removes_a_token(
    plain_browser: Client, plain_user: User
) -> None:
    day = timezone.now().date() + timedelta(days=9)
    fields = {"name": "laptop", "expires_on": day, "networks": "192.0.2.0/24 ::1"}
    created = plain_browser.post(f"{PAGE}tokens/add/", fields)
    token = AuthToken.objects.get()
    first = token.digest
    assert token.expires_at is not None
    asked = plain_browser.get(f"{PAGE}tokens/{token.pk}/renew/")
    renewed = plain_browser.post(f"{PAGE}tokens/{token.pk}/renew/")
    token.refresh_from_db()

    assert "X-Auth-Token:" in text_of(created)
    assert (token.networks, token.expires_at.date()) == ("192.0.2.0/24,::1/128", day)
    assert "stops working" in text_of(asked)
    assert "X-Auth-Token:" in text_of(renewed)
    assert token.digest != first
    plain_browser.post(f"{PAGE}tokens/{token.pk}/end/")
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "taken"}, "already exists"),
        ({"name": "x", "networks": "nowhere"}, "is not a network"),
        (
            {"name": "x", "expires_on": "2020-01-01"},
            "Choose a day that is not in the past.",
        ),
        ({"name": "x", "expires_on": "2999-01-01"}, "at most 30 days"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_rejects_an_invalid_token(
    plain_browser: Client,
    plain_user: User,
    settings: Settings,
    fields: dict[str, str],
    message: str,
) -> None:
    AuthTokenFactory.create(user=plain_user, name="taken")
    settings.TOKEN_MAX_DAYS = 30

    response = plain_browser.post(f"{PAGE}tokens/add/", fields)

    assert message in text_of(response)
    assert AuthToken.objects.count() == 1


def test_tokens_require_their_permission(
    importer_browser: Client, importer_user: User
) -> None:
    token = AuthTokenFactory.create(user=importer_user)

    assert importer_browser.get(f"{PAGE}tokens/add/").status_code == 404
    assert importer_browser.post(f"{PAGE}tokens/{token.pk}/renew/").status_code == 404
    assert importer_browser.post(f"{PAGE}tokens/{token.pk}/end/").status_code == 302
    assert not AuthToken.objects.exists()


def test_ends_a_session_and_all_others(plain_browser: Client, plain_user: User) -> None:
    first, second, third = (log_in() for _ in range(3))
    session = Session.objects.get(pk=digest_of(first.session.session_key or ""))

    plain_browser.post(f"{PAGE}sessions/{reference_of(session)}/end/")
    ended = first.get(PAGE)
    plain_browser.post(f"{PAGE}sessions/end-others/")

    assert ended.status_code == 302
    assert second.get(PAGE).status_code == third.get(PAGE).status_code == 302
    assert plain_browser.get(PAGE).status_code == 200
    entries = ActivityEntry.objects.filter(subject="session")
    assert [entry.after for entry in entries.order_by("id")] == [
        {"browser sessions": 1},
        {"browser sessions": 2},
    ]


@pytest.mark.parametrize("path", ["sessions/end-others/", "tokens/1/end/"])
def test_actions_require_post(plain_browser: Client, path: str) -> None:
    assert plain_browser.get(PAGE + path).status_code == 405


def test_changes_the_password(plain_browser: Client, plain_user: User) -> None:
    other = log_in()
    AuthTokenFactory.create(user=plain_user, kind="login")
    AuthTokenFactory.create(user=plain_user, name="laptop")
    fields = {
        "old_password": PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    }

    response = plain_browser.post(f"{PAGE}password/", fields, follow=True)

    assert "Password changed." in text_of(response)
    assert plain_browser.get(PAGE).status_code == 200
    assert other.get(PAGE).status_code == 302
    assert [token.name for token in AuthToken.objects.all()] == ["laptop"]
    plain_user.refresh_from_db()
    assert plain_user.check_password(NEW_PASSWORD)


@pytest.mark.parametrize(
    ("old", "new", "again", "message"),
    [
        ("wrong", NEW_PASSWORD, NEW_PASSWORD, "The password is wrong."),
        (PASSWORD, NEW_PASSWORD, "x", "The two passwords"),
        (PASSWORD, "short", "short", "too short"),
    ],
)
def test_refuses_a_password(
    plain_browser: Client,
    plain_user: User,
    old: str,
    new: str,
    again: str,
    message: str,
) -> None:
    fields = {"old_password": old, "new_password1": new, "new_password2": again}

    response = plain_browser.post(f"{PAGE}password/", fields)

    assert message in text_of(response)
    plain_user.refresh_from_db()
    assert plain_user.check_password(PASSWORD)


def test_sets_up_the_second_factor(plain_browser: Client, plain_user: User) -> None:
    other = log_in()
    AuthTokenFactory.create(user=plain_user, kind="login")
    page = plain_browser.get(SETUP)
    device = TwoFactorDevice.objects.get()
    wrong = plain_browser.post(SETUP, {"code": "000000"})
    TwoFactorDevice.objects.update(secret=TwoFactorDeviceFactory.build().secret)
    confirmed = plain_browser.post(SETUP, {"code": totp_code()})

    assert "<svg" in page.content.decode()
    assert "The code is wrong." in text_of(wrong)
    codes = re.findall(r"\b[a-z2-9]{6}-[a-z2-9]{6}\b", text_of(confirmed))
    assert len(codes) == 10
    device.refresh_from_db()
    assert device.confirmed_at is not None
    assert plain_browser.get(PAGE).status_code == 200
    assert other.get(PAGE).status_code == 302
    assert not AuthToken.objects.exists()
    entry = ActivityEntry.objects.get(subject="user", action="changed")
    assert entry.after == {"two-factor authentication": True}
    assert RecoveryCode.objects.filter(used_at=None).count() == 10
    again = log_in()
    again.post(VERIFY, {"code": codes[0].upper()})
    assert "9 recovery codes are left." in text_of(again.get(PAGE))


def test_login_asks_for_the_code(plain_user: User) -> None:
    TwoFactorDeviceFactory.create(user=plain_user)
    browser = log_in()

    before = browser.get(f"{PAGE}password/")
    wrong = browser.post(VERIFY, {"code": "000000"})
    target = "%2Fadmin%2Faccount%2Fpassword%2F"
    assert before.headers["Location"] == f"{VERIFY}?next={target}"
    key = browser.session.session_key
    right = browser.post(before.headers["Location"], {"code": totp_code()})

    assert "The code is wrong" in text_of(wrong)
    assert right.headers["Location"] == f"{PAGE}password/"
    assert browser.session.session_key != key
    assert browser.get(PAGE).status_code == 200
    assert browser.get(VERIFY).headers["Location"] == "/admin/"


def test_wrong_codes_delay_further_attempts(plain_user: User) -> None:
    TwoFactorDeviceFactory.create(
        user=plain_user, failures=9, last_attempt_at=timezone.now()
    )

    response = log_in().post(VERIFY, {"code": totp_code()})

    assert "Too many wrong codes. Try again in" in text_of(response)


def test_a_required_second_factor_applies_immediately(
    importer_browser: Client, importer_user: User
) -> None:
    assert importer_browser.get("/admin/").status_code == 200
    importer_user.roles.add(RoleFactory.create(mandatory_2fa=True))

    for path in ("/admin/", PAGE, "/admin/imports_app/importoperation/"):
        assert importer_browser.get(path).headers["Location"] == SETUP
    assert "Your role requires" in text_of(importer_browser.get(SETUP))
    importer_browser.get(SETUP)
    TwoFactorDevice.objects.update(secret=TwoFactorDeviceFactory.build().secret)
    importer_browser.post(SETUP, {"code": totp_code()})
    assert importer_browser.get("/admin/").status_code == 200


def test_disables_the_second_factor_with_password_and_code(plain_user: User) -> None:
    TwoFactorDeviceFactory.create(user=plain_user)
    browser = log_in()
    browser.post(VERIFY, {"code": totp_code(-1)})
    path = f"{PAGE}two-factor/disable/"

    only_code = browser.post(path, {"code": totp_code()})
    only_password = browser.post(path, {"password": PASSWORD})
    wrong = browser.post(path, {"password": PASSWORD, "code": "000000"})
    assert TwoFactorDevice.objects.exists()
    browser.post(path, {"password": PASSWORD, "code": totp_code()})

    assert "This field is required." in text_of(only_code)
    assert "This field is required." in text_of(only_password)
    assert "The code is wrong" in text_of(wrong)
    assert not TwoFactorDevice.objects.exists()
    assert browser.get(path).status_code == 302
    assert browser.get(PAGE).status_code == 200


def test_renews_recovery_codes(plain_user: User) -> None:
    device = TwoFactorDeviceFactory.create(user=plain_user)
    RecoveryCode.objects.create(device=device, digest="old")
    browser = log_in()
    browser.post(VERIFY, {"code": totp_code()})
    path = f"{PAGE}two-factor/codes/"

    asked = browser.get(path)
    answer = browser.post(path)

    assert "The old recovery codes stop working." in text_of(asked)
    assert len(re.findall(r"\b[a-z2-9]{6}-[a-z2-9]{6}\b", text_of(answer))) == 10
    assert not RecoveryCode.objects.filter(digest="old").exists()


def test_two_factor_pages_redirect_without_a_second_factor(
    plain_browser: Client,
) -> None:
    for path in ("two-factor/disable/", "two-factor/codes/"):
        assert plain_browser.get(PAGE + path).headers["Location"] == PAGE


def test_setup_redirects_if_already_enabled(plain_user: User) -> None:
    TwoFactorDeviceFactory.create(user=plain_user)
    browser = log_in()
    browser.post(VERIFY, {"code": totp_code()})

    assert browser.get(SETUP).headers["Location"] == PAGE


@pytest.mark.parametrize(
    ("idle", "age_in_minutes", "is_open"),
    [(4, 0, True), (7, 0, False), (0, 119, True), (0, 121, False)],
)
def test_sessions_end_after_idle_and_maximum_time(
    plain_user: User,
    settings: Settings,
    idle: int,
    age_in_minutes: int,
    is_open: bool,
) -> None:
    settings.SESSION_IDLE_MINUTES, settings.SESSION_MAX_HOURS = 5, 2
    browser = log_in()
    browser.get(PAGE)
    session = browser.session
    session["_started_at"] -= age_in_minutes * 60
    session["_seen_at"] -= idle * 60
    session.save()

    assert (browser.get(PAGE).status_code == 200) is is_open


def test_the_last_use_is_updated_once_a_minute(
    plain_browser: Client, django_assert_num_queries: Any
) -> None:
    plain_browser.get(PAGE)
    seen = Session.objects.get().last_seen_at

    plain_browser.get(PAGE)

    assert Session.objects.get().last_seen_at == seen
    plain_browser.get(PAGE, REMOTE_ADDR="192.0.2.1")
    assert Session.objects.get().address == "192.0.2.1"
