"""Attacks on two-factor authentication, account pages, sessions and token limits."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.auth.browser_sessions import reference_of
from accounts.auth.two_factor import recovery_code_digest
from accounts.models import (
    AuthToken,
    RecoveryCode,
    Role,
    Session,
    TwoFactorDevice,
    User,
)
from accounts.models.users import password_digest
from tests.conftest import PASSWORD, ApiClient, api_client_of
from tests.factories import (
    TOTP_SECRET,
    AuthTokenFactory,
    RoleFactory,
    TwoFactorDeviceFactory,
    UserFactory,
    totp_code,
)
from tests.security.conftest import Attacks

pytestmark = pytest.mark.usefixtures("one_totp_step")

ACCOUNT: Final = "/admin/account/"
VERIFY: Final = f"{ACCOUNT}verify/"
SETUP: Final = f"{ACCOUNT}two-factor/"
DISABLE: Final = f"{SETUP}disable/"
TOKEN_CALLS: Final = (
    "users.generatePersonalAccessToken",
    "users.regeneratePersonalAccessToken",
    "users.removePersonalAccessToken",
)


@pytest.fixture
def device(admin_user: User) -> TwoFactorDevice:
    """Ada's authenticator app."""
    return TwoFactorDeviceFactory.create(user=admin_user)


def half_logged_in(username: str = "ada", **options: Any) -> Client:
    """Return a browser after login with the password only."""
    browser = Client(**options)
    browser.post("/admin/login/", {"username": username, "password": PASSWORD})
    return browser


def logged_in(drift: int = 0) -> Client:
    """Return a browser after login with password and code."""
    browser = half_logged_in()
    browser.post(VERIFY, {"code": totp_code(drift)})
    return browser


def api_login(**extra: Any) -> Any:
    """Log Ada in over the API."""
    return ApiClient().post("login", {"user": "ada", "password": PASSWORD, **extra})


@pytest.mark.parametrize(
    "code",
    [
        *(None, "", "000000", "0", " ", "null", "true", "-1", "1e5", "0x1F"),
        *(
            0,
            1,
            True,
            [],
            {},
            [0],
            "\0",
            "x" * 100_000,
            "\u0660\u0661" * 3,
            "\uff11" * 6,
        ),
    ],
    ids=lambda code: repr(code)[:20],
)
def test_no_other_value_replaces_the_code_over_the_api(
    device: TwoFactorDevice, code: Any
) -> None:
    response = api_login() if code is None else api_login(code=code)

    assert response.status_code == 401
    assert not AuthToken.objects.exists()


def test_no_form_of_login_skips_the_code(
    attacks: Attacks, device: TwoFactorDevice, admin_user: User
) -> None:
    digest = {"digest": password_digest(PASSWORD), "algorithm": "sha-256"}
    bodies: tuple[dict[str, Any], ...] = (
        {"username": "ada", "password": PASSWORD},
        {"user": "ADA", "password": PASSWORD},
        {"user": {"username": "ada"}, "password": digest},
        {"user": {"id": admin_user.public_id}, "password": digest},
        {"user": "ada", "password": PASSWORD, "bypassTwoFactor": True},
        {"user": "ada", "password": PASSWORD, "resume": ""},
        {"user": "ada", "password": PASSWORD, "totp": {"code": "1"}},
    )
    for body in bodies:
        response = ApiClient().post("login", body)
        attacks.record(str(body), got_through=response.status_code == 200)


def test_codes_of_others_and_old_codes_are_refused(
    attacks: Attacks, device: TwoFactorDevice, plain_user: User
) -> None:
    other = TwoFactorDeviceFactory.create(user=plain_user)
    codes = {
        "recovery code of another user": "abcdefghjkmn",
        "digest of a recovery code": recovery_code_digest("mnabcdefghjk"),
        "code of two minutes ago": totp_code(-4),
        "code of the future": totp_code(4),
        "the stored secret": device.secret[:40],
        "the plain secret": TOTP_SECRET.decode(),
    }
    RecoveryCode.objects.create(
        device=other, digest=recovery_code_digest("abcdefghjkmn")
    )
    RecoveryCode.objects.create(
        device=device, digest=recovery_code_digest("mnabcdefghjk")
    )
    for name, code in codes.items():
        TwoFactorDevice.objects.update(failures=0)
        response = api_login(code=code)
        attacks.record(name, got_through=response.status_code == 200)


def test_a_code_is_not_accepted_twice_in_any_place(
    attacks: Attacks, device: TwoFactorDevice, admin_user: User
) -> None:
    code = totp_code()
    assert api_login(code=code).status_code == 200
    attacks.record("login", got_through=api_login(code=code).status_code == 200)
    browser = half_logged_in()
    browser.post(VERIFY, {"code": code})
    opened = browser.get(ACCOUNT).status_code == 200
    attacks.record("admin", got_through=opened)
    headers = {"x-2fa-code": code, "x-2fa-method": "totp"}
    call = api_client_of(admin_user).post(
        TOKEN_CALLS[0], {"tokenName": "x"}, headers=headers
    )
    attacks.record("personal token", got_through=call.status_code == 200)


def test_codes_cannot_be_guessed(
    attacks: Attacks, device: TwoFactorDevice, settings: Settings
) -> None:
    """Many wrong codes with the right password, from many addresses."""
    checked = 0
    for number in range(60):
        before = TwoFactorDevice.objects.get().failures
        response = Client().post(
            "/api/v1/login",
            {"user": "ada", "password": PASSWORD, "code": f"{number:06}"},
            content_type="application/json",
            REMOTE_ADDR=f"203.0.113.{number}",
        )
        checked += TwoFactorDevice.objects.get().failures > before
        attacks.record(f"code {number}", got_through=response.status_code == 200)
    assert checked <= 10
    wait = 300
    TwoFactorDevice.objects.update(
        failures=9, last_attempt_at=timezone.now() - timedelta(seconds=wait)
    )
    assert logged_in().get(ACCOUNT).status_code == 200, "The owner still gets in."


PAGES: Final = (
    *("/admin/", ACCOUNT, f"{ACCOUNT}password/", f"{ACCOUNT}tokens/add/", SETUP),
    *(DISABLE, f"{SETUP}codes/", "/admin/accounts/user/", "/admin/search/?s=user"),
    *("/admin/accounts/authtoken/add/", "/admin/password_change/", "/admin/jsi18n/"),
    *("/admin/accounts/activityentry/", "/admin/accounts/user/autocomplete/"),
    *("/admin/imports_app/importoperation/", "/admin/autocomplete/", "/api/docs/"),
)


def test_a_login_without_code_opens_no_page(
    attacks: Attacks, device: TwoFactorDevice
) -> None:
    browser = half_logged_in()
    for page in PAGES:
        for method in ("get", "post", "put", "head"):
            response = getattr(browser, method)(page)
            is_refused = response.status_code in {302, 403, 405} and response.headers[
                "Location"
            ].startswith(VERIFY)
            attacks.record(f"{method} {page}", got_through=not is_refused)


def test_a_login_without_code_changes_nothing(
    device: TwoFactorDevice, admin_user: User
) -> None:
    browser = half_logged_in()
    AuthTokenFactory.create(user=admin_user, name="kept")
    token = AuthToken.objects.get()
    browser.post(f"{ACCOUNT}tokens/{token.pk}/end/")
    browser.post(f"{ACCOUNT}tokens/add/", {"name": "new"})
    browser.post(DISABLE, {"password": PASSWORD, "code": "000000"})
    browser.post(SETUP, {"code": "000000"})

    assert [one.name for one in AuthToken.objects.all()] == ["kept"]
    assert TwoFactorDevice.objects.get().pk == device.pk


def test_a_session_from_before_the_setup_requires_the_code(
    admin_browser: Client, admin_user: User
) -> None:
    assert admin_browser.get(ACCOUNT).status_code == 200
    TwoFactorDeviceFactory.create(user=admin_user)

    assert admin_browser.get(ACCOUNT).headers["Location"].startswith(VERIFY)


def test_a_code_of_a_former_device_opens_no_session(device: TwoFactorDevice) -> None:
    browser = logged_in()
    assert browser.get(ACCOUNT).status_code == 200
    user = device.user
    device.delete()
    TwoFactorDeviceFactory.create(user=user)

    assert browser.get(ACCOUNT).headers["Location"].startswith(VERIFY)


def test_logins_from_before_the_setup_end(plain_user: User) -> None:
    api = api_client_of(plain_user)
    AuthToken.objects.update(kind="login")
    half_logged_in("paula")
    browser = half_logged_in("paula")
    browser.get(SETUP)
    TwoFactorDevice.objects.update(secret=TwoFactorDeviceFactory.build().secret)
    browser.post(SETUP, {"code": totp_code()})

    assert api.get("me").status_code == 401
    assert Session.objects.filter(user=plain_user).count() == 1
    assert browser.get(ACCOUNT).status_code == 200


def test_the_session_key_changes_with_the_code(device: TwoFactorDevice) -> None:
    """A key that somebody planted or saw before the code opens nothing after it."""
    browser = half_logged_in()
    seen = browser.cookies["sessionid"].value
    browser.post(VERIFY, {"code": totp_code()})
    thief = Client()
    thief.cookies["sessionid"] = seen

    assert thief.get(ACCOUNT).status_code == 302


@pytest.mark.parametrize("call", TOKEN_CALLS)
def test_no_header_replaces_the_code_of_a_call(
    attacks: Attacks, device: TwoFactorDevice, admin_user: User, call: str
) -> None:
    api = api_client_of(admin_user)
    AuthTokenFactory.create(user=admin_user, name="taken")
    body: dict[str, Any] = {"tokenName": "taken"}
    if call == "users.generatePersonalAccessToken":
        body = {"tokenName": "new", "bypassTwoFactor": True}
    code = totp_code()
    headers: tuple[dict[str, str], ...] = (
        {},
        {"x-2fa-code": ""},
        {"x-2fa-code": "000000"},
        {"x-2fa-method": "totp"},
        {"x-2fa-code": code, "x-2fa-method": "password"},
        {"x-2fa-code": code, "x-2fa-method": "email"},
        {"x-2fa-code": code, "x-2fa-method": ""},
        {"x-2fa-code": code, "x-2fa-method": "TOTP"},
        {"x-2fa-bypass": "true"},
    )
    for one in headers:
        response = api.post(call, body, headers=one)
        attacks.record(str(one), got_through="totp-" not in response.content.decode())

    response = api.post(call, body, headers={"x-2fa-code": code})
    assert response.status_code == 200


def test_a_required_second_factor_cannot_be_bypassed(
    attacks: Attacks, importer_user: User, importer_browser: Client
) -> None:
    importer_user.roles.add(RoleFactory.create(mandatory_2fa=True))
    for page in PAGES:
        if page != SETUP:
            response = importer_browser.get(page)
            is_kept = response.headers.get("Location") == SETUP
            attacks.record(page, got_through=not is_kept)
    login = ApiClient().post("login", {"user": "ivan", "password": PASSWORD})
    attacks.record("login over the API", got_through=login.status_code == 200)


def test_the_second_factor_is_not_removed_without_password_and_code(
    attacks: Attacks, device: TwoFactorDevice
) -> None:
    browser = logged_in(-1)
    fields: tuple[dict[str, str], ...] = (
        {},
        {"code": totp_code()},
        {"password": PASSWORD},
        {"password": "wrong", "code": totp_code()},
        {"password": PASSWORD, "code": "000000"},
        {"password": PASSWORD, "code": totp_code(-1)},
    )
    for one in fields:
        TwoFactorDevice.objects.update(failures=0)
        browser.post(DISABLE, one)
        removed = not TwoFactorDevice.objects.exists()
        attacks.record(str(list(one)), got_through=removed)
    TwoFactorDevice.objects.update(failures=0)
    browser.post(SETUP, {"code": totp_code()})
    browser.post(SETUP)
    attacks.record(
        "a second setup", got_through=TwoFactorDevice.objects.get().pk != device.pk
    )


@pytest.mark.parametrize(
    "target",
    [
        *(
            "https://evil.example/",
            "//evil.example/",
            "\\\\evil.example",
            "/\\evil.example",
        ),
        *(
            "javascript:alert(1)",
            "///evil.example",
            "http:evil.example",
            "/\t/evil.example",
        ),
    ],
)
def test_the_code_page_redirects_to_this_server_only(
    device: TwoFactorDevice, target: str
) -> None:
    browser = half_logged_in()

    response = browser.post(
        VERIFY, {"code": totp_code()}, query_params={"next": target}
    )

    assert response.headers["Location"] == "/admin/"


def test_tokens_and_sessions_of_others_cannot_be_changed(
    attacks: Attacks, plain_browser: Client, admin_user: User
) -> None:
    for victim in (admin_user, UserFactory.create(roles=["user"])):
        browser = Client()
        browser.force_login(victim)
        browser.get(ACCOUNT)
        token = AuthTokenFactory.create(user=victim)
        session = Session.objects.get(user=victim)
        for path in (
            f"tokens/{token.pk}/end/",
            f"tokens/{token.pk}/renew/",
            f"sessions/{reference_of(session)}/end/",
            f"sessions/{session.pk}/end/",
            "sessions/end-others/",
        ):
            plain_browser.post(ACCOUNT + path)
            is_kept = (
                AuthToken.objects.filter(digest=token.digest).exists()
                and Session.objects.filter(user=victim).exists()
            )
            attacks.record(f"{path} of {victim}", got_through=not is_kept)


def test_account_pages_refuse_forms_of_other_sites(
    attacks: Attacks, plain_user: User
) -> None:
    token = AuthTokenFactory.create(user=plain_user, name="kept")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(plain_user)
    for path in (
        *(f"tokens/{token.pk}/end/", f"tokens/{token.pk}/renew/", "tokens/add/"),
        *("password/", "sessions/end-others/", "two-factor/", "verify/"),
    ):
        response = browser.post(ACCOUNT + path, {"name": "x"})
        attacks.record(path, got_through=response.status_code != 403)


def test_account_pages_require_login_and_are_not_cached(
    attacks: Attacks, plain_browser: Client
) -> None:
    for path in ("", "password/", "tokens/add/", "two-factor/", "verify/"):
        response = Client().get(ACCOUNT + path)
        attacks.record(path, got_through=response.status_code == 200)
        kept = plain_browser.get(ACCOUNT + path).headers["Cache-Control"]
        attacks.record(f"cache of {path}", got_through="no-store" not in kept)


def test_secrets_and_codes_are_not_in_the_database(
    plain_browser: Client, plain_user: User
) -> None:
    page = plain_browser.get(SETUP).content.decode()
    [typed] = re.findall(r'class="typed-key">([A-Z2-7 ]+)<', page)
    stored = TwoFactorDevice.objects.get().secret
    TwoFactorDevice.objects.update(secret=TwoFactorDeviceFactory.build().secret)
    shown = plain_browser.post(SETUP, {"code": totp_code()}).content.decode()
    codes = re.findall(r"\b[a-z2-9]{6}-[a-z2-9]{6}\b", shown)
    digests = set(RecoveryCode.objects.values_list("digest", flat=True))

    assert typed.replace(" ", "") not in stored
    assert len(codes) == 10
    assert not any(
        code.replace("-", "") in digest for code in codes for digest in digests
    )


@pytest.mark.parametrize(
    "address",
    [
        *("198.51.100.1", "192.0.3.1", "::1", "::ffff:198.51.100.1", "2001:db8::1"),
        *("", "192.0.2", "192.0.2.1.evil", "3221225985", "0xC0000201"),
    ],
)
def test_a_stolen_token_does_not_work_from_elsewhere(
    plain_user: User, address: str
) -> None:
    api = api_client_of(plain_user)
    AuthToken.objects.update(networks="192.0.2.0/24")
    forged = {"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1"}

    response = api.request("GET", "me", headers=forged, REMOTE_ADDR=address)
    resumed = Client(REMOTE_ADDR=address).post(
        "/api/v1/login", {"resume": api.token}, content_type="application/json"
    )

    assert response.status_code == resumed.status_code == 401


def test_an_old_session_requires_reauthentication(
    attacks: Attacks, admin_user: User, plain_user: User
) -> None:
    browser = half_logged_in()
    session = browser.session
    session["_started_at"] -= 3600
    session.save()
    role = RoleFactory.create(name="kept")
    admin_role = Role.objects.get(public_id="admin")
    acts: dict[str, dict[str, Any]] = {
        "accounts/authtoken/add/": {"user": admin_user.pk, "name": "x"},
        f"accounts/user/{plain_user.pk}/password/": {
            "password1": "x",
            "password2": "x",
        },
        f"accounts/user/{plain_user.pk}/delete/": {"post": "yes"},
        f"accounts/role/{role.pk}/delete/": {"post": "yes"},
        f"accounts/role/{role.pk}/change/": {"name": "other", "scope": "Users"},
        f"accounts/user/{plain_user.pk}/change/": {"account_roles": admin_role.pk},
        "account/tokens/add/": {"name": "x"},
    }
    for path, fields in acts.items():
        for extra in ({}, {"reauthentication-of": "POST"}):
            response = browser.post(f"/admin/{path}", {**fields, **extra})
            is_asked = "reauthentication-password" in response.content.decode()
            attacks.record(f"{path} {extra}", got_through=not is_asked)
    assert not AuthToken.objects.exists()
    assert not plain_user.roles.filter(pk=admin_role.pk).exists()


def test_two_requests_cannot_use_one_code(device: TwoFactorDevice) -> None:
    """What both would read at the same time accepts one of them."""
    same = TwoFactorDevice.objects.get()
    first = TwoFactorDevice.objects.accept_step(device, 100)
    second = TwoFactorDevice.objects.accept_step(same, 100)
    counted = [
        TwoFactorDevice.objects.count_attempt(one, timezone.now())
        for one in (device, same)
    ]

    assert (first, second) == (True, False)
    assert counted == [True, False]


def test_a_reset_requires_permission_over_the_user(device: TwoFactorDevice) -> None:
    helper = Client()
    names = ["view-user-administration", "edit-other-user-password"]
    helper.force_login(
        UserFactory.create(roles=[RoleFactory.create(permissions=names)])
    )

    helper.post(f"/admin/accounts/user/{device.user_id}/reset-two-factor/")

    assert TwoFactorDevice.objects.exists()
