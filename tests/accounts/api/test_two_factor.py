"""Two-factor authentication through the API, as Rocket.Chat's clients expect it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.auth.two_factor import recovery_code_digest
from accounts.models import (
    ActivityEntry,
    AuthToken,
    RecoveryCode,
    TwoFactorDevice,
    User,
)
from accounts.services.activity import COMMAND_LINE
from accounts.services.tokens import issue_token
from tests.conftest import PASSWORD, ApiClient, api_client_of
from tests.factories import (
    RoleFactory,
    TwoFactorDeviceFactory,
    UserFactory,
    totp_code,
)

pytestmark = pytest.mark.usefixtures("one_totp_step")

GENERATE = "users.generatePersonalAccessToken"
DETAILS = {"method": "totp", "codeGenerated": False, "availableMethods": ["totp"]}


def refusal(error: str, message: str, **more: Any) -> dict[str, Any]:
    """Return the body of a rejected login."""
    return {
        "success": False,
        "status": "error",
        "error": error,
        **more,
        "message": message,
    }


REQUIRED = refusal("totp-required", "TOTP Required", details=DETAILS)
INVALID = refusal("totp-invalid", "TOTP Invalid", details=DETAILS)


@pytest.fixture
def device(plain_user: User) -> TwoFactorDevice:
    """Paula's authenticator app."""
    return TwoFactorDeviceFactory.create(user=plain_user)


def log_in(api: ApiClient, **extra: Any) -> Any:
    """Log Paula in with her password."""
    return api.post("login", {"user": "paula", "password": PASSWORD, **extra})


def test_login_asks_for_the_code(
    anonymous_api: ApiClient, device: TwoFactorDevice
) -> None:
    response = log_in(anonymous_api)

    assert (response.status_code, response.json()) == (401, REQUIRED)
    assert not AuthToken.objects.exists()


def test_a_wrong_password_does_not_reveal_the_second_factor(
    anonymous_api: ApiClient, device: TwoFactorDevice
) -> None:
    response = log_in(anonymous_api, password="wrong", code=totp_code())

    assert response.json() == refusal("Unauthorized", "Unauthorized")


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_login_accepts_a_code(
    anonymous_api: ApiClient, device: TwoFactorDevice, drift: int
) -> None:
    response = log_in(anonymous_api, code=totp_code(drift))

    assert response.status_code == 200
    device.refresh_from_db()
    assert device.failures == 0


def test_login_accepts_a_code_in_the_header(
    anonymous_api: ApiClient, device: TwoFactorDevice
) -> None:
    body = {"user": "paula", "password": PASSWORD}

    response = anonymous_api.post("login", body, headers={"x-2fa-code": totp_code()})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "code", ["000000x", "1234567", "½½½½½½", "٣" * 6, "-12345", "x" * 4000, "+12345"]
)
def test_login_refuses_other_texts(
    anonymous_api: ApiClient, device: TwoFactorDevice, code: str
) -> None:
    response = log_in(anonymous_api, code=code)

    assert (response.status_code, response.json()) == (401, INVALID)


def test_a_code_is_accepted_once(
    anonymous_api: ApiClient, device: TwoFactorDevice
) -> None:
    code = totp_code()
    log_in(anonymous_api, code=code)

    response = log_in(anonymous_api, code=code)

    assert (response.status_code, response.json()) == (401, INVALID)


def test_a_recovery_code_is_accepted_once(
    anonymous_api: ApiClient, device: TwoFactorDevice
) -> None:
    RecoveryCode.objects.create(
        device=device, digest=recovery_code_digest("abcdefghjkmn")
    )
    first = log_in(anonymous_api, code="ABCDEF-ghjkmn")

    response = log_in(anonymous_api, code="abcdef-ghjkmn")

    assert (first.status_code, response.json()) == (200, INVALID)


def test_wrong_codes_are_delayed(
    anonymous_api: ApiClient, device: TwoFactorDevice
) -> None:
    device.failures, device.last_attempt_at = 6, timezone.now()
    device.save()

    refused = log_in(anonymous_api, code=totp_code())
    device.last_attempt_at -= timedelta(seconds=5)
    device.save()
    response = log_in(anonymous_api, code=totp_code())

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) in range(1, 6)
    assert response.status_code == 200


def test_wrong_codes_are_counted_and_logged(
    anonymous_api: ApiClient, device: TwoFactorDevice
) -> None:
    log_in(anonymous_api, code="000000")

    device.refresh_from_db()
    assert device.failures == 1
    entry = ActivityEntry.objects.get(action="login_failed")
    assert entry.name == "paula"


def test_an_unreadable_secret_rejects_every_code(
    anonymous_api: ApiClient, device: TwoFactorDevice, settings: Settings
) -> None:
    settings.TOTP_ENCRYPTION_KEY = "another key"

    response = log_in(anonymous_api, code=totp_code())

    assert response.json() == INVALID


def test_a_required_second_factor_rejects_logins_without_setup(
    anonymous_api: ApiClient, plain_user: User
) -> None:
    plain_user.roles.add(RoleFactory.create(mandatory_2fa=True))

    response = log_in(anonymous_api)

    assert response.status_code == 401
    assert response.json() == refusal(
        "error-two-factor-setup-required",
        "Your role requires two-factor authentication."
        " Set it up at /admin/account/ first",
    )


def test_a_room_role_does_not_require_a_second_factor(
    anonymous_api: ApiClient, plain_user: User
) -> None:
    role = RoleFactory.create(mandatory_2fa=True, scope="Subscriptions")
    plain_user.roles.add(role)

    assert log_in(anonymous_api).status_code == 200


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, "totp-required"),
        ({"x-2fa-code": "", "x-2fa-method": "totp"}, "totp-required"),
        ({"x-2fa-code": "000000", "x-2fa-method": "totp"}, "totp-invalid"),
        ({"x-2fa-code": "right", "x-2fa-method": "password"}, "totp-required"),
        ({"x-2fa-code": "right", "x-2fa-method": "email"}, "totp-required"),
    ],
)
def test_token_calls_require_the_code(
    plain_user: User,
    device: TwoFactorDevice,
    headers: dict[str, str],
    error: str,
) -> None:
    if headers.get("x-2fa-code") == "right":
        headers = {**headers, "x-2fa-code": totp_code()}
    api = api_client_of(plain_user)

    response = api.post(GENERATE, {"tokenName": "laptop"}, headers=headers)

    texts = {"totp-required": "TOTP Required", "totp-invalid": "TOTP Invalid"}
    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": f"{texts[error]} [{error}]",
        "errorType": error,
        "details": DETAILS,
    }


def test_token_calls_accept_the_code(plain_user: User, device: TwoFactorDevice) -> None:
    headers = {"x-2fa-code": totp_code(), "x-2fa-method": "totp"}

    response = api_client_of(plain_user).post(
        GENERATE, {"tokenName": "laptop"}, headers=headers
    )

    assert response.status_code == 200


def test_token_calls_with_wrong_codes_are_delayed(
    plain_user: User, device: TwoFactorDevice
) -> None:
    device.failures, device.last_attempt_at = 30, timezone.now()
    device.save()
    headers = {"x-2fa-code": totp_code(), "x-2fa-method": "totp"}

    response = api_client_of(plain_user).post(
        GENERATE, {"tokenName": "laptop"}, headers=headers
    )

    assert response.status_code == 429


def test_a_token_of_a_user_without_setup_creates_no_other_token(db: None) -> None:
    user = UserFactory.create(roles=["user", RoleFactory.create(mandatory_2fa=True)])

    response = api_client_of(user).post(GENERATE, {"tokenName": "laptop"})

    assert response.json()["errorType"] == "error-two-factor-setup-required"


def test_a_bypass_token_needs_no_code(
    plain_user: User, device: TwoFactorDevice
) -> None:
    api = api_client_of(plain_user)
    AuthToken.objects.update(bypass_two_factor=True)

    assert api.post(GENERATE, {"tokenName": "laptop"}).status_code == 200


@pytest.mark.parametrize("way", ["the role changes", "the role is given"])
def test_logins_without_a_second_factor_end_when_one_becomes_mandatory(
    admin_api: ApiClient, plain_user: User, way: str
) -> None:
    role = RoleFactory.create(mandatory_2fa=way == "the role is given")
    if way == "the role changes":
        plain_user.roles.add(role)
    login = issue_token(user=plain_user, kind=AuthToken.Kind.LOGIN, by=COMMAND_LINE)
    personal = issue_token(
        user=plain_user, kind=AuthToken.Kind.PERSONAL, name="x", by=COMMAND_LINE
    )

    if way == "the role changes":
        body = {"roleId": role.public_id, "name": role.name, "mandatory2fa": True}
        answer = admin_api.post("roles.update", body)
    else:
        body = {"roleId": role.public_id, "username": str(plain_user)}
        answer = admin_api.post("roles.addUserToRole", body)

    assert answer.status_code == 200, answer.json()
    for token, status in ((login, 401), (personal, 200)):
        assert ApiClient(plain_user, token.plain).get("me").status_code == status
