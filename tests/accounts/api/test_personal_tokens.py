from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ActivityEntry, AuthToken, User
from accounts.models.users import password_digest
from tests.conftest import PASSWORD, ApiClient, api_client_of
from tests.contract import golden
from tests.factories import AuthTokenFactory

GENERATE = "users.generatePersonalAccessToken"
REGENERATE = "users.regeneratePersonalAccessToken"
REMOVE = "users.removePersonalAccessToken"
LIST = "users.getPersonalAccessTokens"


def failure(error: str, error_type: str | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"success": False, "error": error}
    return body if error_type is None else {**body, "errorType": error_type}


def test_creates_lists_renews_and_deletes_a_token(
    plain_user: User, anonymous_api: ApiClient
) -> None:
    login = anonymous_api.post("login", {"user": "paula", "password": PASSWORD}).json()
    api = ApiClient(plain_user, login["data"]["authToken"])

    made = api.post(GENERATE, {"tokenName": "laptop", "bypassTwoFactor": True}).json()
    listed = api.get(LIST).json()
    renewed = api.post(REGENERATE, {"tokenName": "laptop"}).json()
    old, new = (ApiClient(plain_user, body["token"]) for body in (made, renewed))
    statuses = [old.get("me").status_code, new.get("me").status_code]
    removed = api.post(REMOVE, {"tokenName": "laptop"})

    assert set(made) == {"token", "success"}
    assert len(made["token"]) == 43
    [row] = listed["tokens"]
    assert row.pop("createdAt").endswith("Z")
    assert row == {
        "name": "laptop",
        "lastTokenPart": made["token"][-6:],
        "bypassTwoFactor": True,
    }
    assert statuses == [401, 200]
    assert removed.json() == {"success": True}
    assert new.get("me").status_code == 401
    assert api.get(LIST).json() == {"tokens": [], "success": True}


def test_accepts_form_fields(plain_api: ApiClient) -> None:
    fields = {"tokenName": "laptop", "bypassTwoFactor": "true"}

    assert plain_api.post_form(GENERATE, fields).status_code == 200
    assert AuthToken.objects.get(name="laptop").bypass_two_factor


@pytest.mark.parametrize("path", [GENERATE, REGENERATE, REMOVE])
@pytest.mark.parametrize("body", [{}, {"tokenName": ""}])
def test_requires_the_name(
    plain_api: ApiClient, path: str, body: dict[str, str]
) -> None:
    response = plain_api.post(path, body)

    assert response.status_code == 400
    assert response.json() == failure("The 'tokenName' param is required")


def test_refuses_a_name_that_is_taken(plain_api: ApiClient) -> None:
    plain_api.post(GENERATE, {"tokenName": "laptop"})

    response = plain_api.post(GENERATE, {"tokenName": "laptop"})

    assert response.status_code == 400
    assert response.json() == failure(
        "A token with this name already exists [error-token-already-exists]",
        "error-token-already-exists",
    )


@pytest.mark.parametrize("path", [REGENERATE, REMOVE])
def test_finds_only_the_callers_tokens(
    plain_api: ApiClient, admin_user: User, path: str
) -> None:
    AuthTokenFactory.create(user=admin_user, name="theirs")

    response = plain_api.post(path, {"tokenName": "theirs"})

    assert response.status_code == 400
    assert response.json() == failure(
        "Token does not exist [error-token-does-not-exists]",
        "error-token-does-not-exists",
    )
    assert AuthToken.objects.filter(name="theirs").exists()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"tokenName": {"a": 1}}, "must be string"),
        ({"tokenName": "x" * 256}, "must NOT have more than 255 characters"),
        ({"tokenName": "x\0"}, "must NOT have NUL characters"),
        (
            {"tokenName": "x", "unknown": 1},
            "must NOT have additional properties",
        ),
        ({"tokenName": "x", "bypassTwoFactor": "maybe"}, "must be boolean"),
    ],
)
def test_refuses_bad_bodies(
    plain_api: ApiClient, body: dict[str, Any], message: str
) -> None:
    response = plain_api.post(GENERATE, body)

    assert response.status_code == 400
    assert response.json() == failure(f"{message} [invalid-params]", "invalid-params")


def test_a_new_value_keeps_the_expiry(plain_user: User, plain_api: ApiClient) -> None:
    moment = timezone.now() + timedelta(days=1)
    AuthTokenFactory.create(
        user=plain_user, name="laptop", expires_at=moment, last_used_at=timezone.now()
    )

    plain_api.post(REGENERATE, {"tokenName": "laptop"})

    token = AuthToken.objects.get(name="laptop")
    assert (token.expires_at, token.last_used_at) == (moment, None)


def test_a_token_has_only_its_owners_permissions(
    admin_user: User, admin_api: ApiClient
) -> None:
    admin_user.roles.clear()

    response = admin_api.get("getLatestImportOperations")

    assert (response.status_code, response.content) == (403, golden("403"))


def test_changes_are_logged_with_author_and_address(
    plain_user: User, plain_api: ApiClient
) -> None:
    for path in (GENERATE, REGENERATE, REMOVE):
        plain_api.post(path, {"tokenName": "laptop"})

    removed, renewed, made = ActivityEntry.objects.all()
    assert made.before is None
    assert renewed.before == made.after
    assert removed.before == renewed.after
    assert removed.after is None
    for change in (made, renewed, removed):
        author = (change.author_public_id, change.address)
        assert author == (plain_user.public_id, "127.0.0.1")
        assert change.name.startswith("paula: laptop …")


# The second factor --------------------------------------------------------------------


REQUIRED = {
    **failure("TOTP Required [totp-required]", "totp-required"),
    "details": {"method": "password", "codeGenerated": False, "availableMethods": []},
}
INVALID = {
    **failure("TOTP Invalid [totp-invalid]", "totp-invalid"),
    "details": REQUIRED["details"],
}
RIGHT = password_digest(PASSWORD)


@pytest.mark.parametrize("path", [GENERATE, REGENERATE, REMOVE])
@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({}, REQUIRED),
        ({"x-2fa-code": ""}, REQUIRED),
        ({"x-2fa-code": "123456", "x-2fa-method": "totp"}, REQUIRED),
        ({"x-2fa-code": "0" * 64, "x-2fa-method": "password"}, INVALID),
        ({"x-2fa-code": PASSWORD, "x-2fa-method": "password"}, INVALID),
    ],
)
def test_requires_the_password_if_configured(
    plain_api: ApiClient,
    settings: Settings,
    path: str,
    headers: dict[str, str],
    answer: dict[str, Any],
) -> None:
    settings.TWO_FACTOR_BY_PASSWORD = True
    AuthToken.objects.update(bypass_two_factor=False)

    response = plain_api.post(path, {"tokenName": "laptop"}, headers=headers)

    assert (response.status_code, response.json()) == (400, answer)


@pytest.mark.parametrize("method", [{}, {"x-2fa-method": "password"}])
def test_accepts_the_password_as_second_factor(
    plain_api: ApiClient, settings: Settings, method: dict[str, str]
) -> None:
    settings.TWO_FACTOR_BY_PASSWORD = True

    response = plain_api.post(
        GENERATE, {"tokenName": "laptop"}, headers={"x-2fa-code": RIGHT, **method}
    )

    assert response.status_code == 200


def test_a_token_may_skip_the_second_factor(
    plain_user: User, plain_api: ApiClient, settings: Settings
) -> None:
    settings.TWO_FACTOR_BY_PASSWORD = True
    AuthToken.objects.update(bypass_two_factor=True)

    assert plain_api.post(GENERATE, {"tokenName": "laptop"}).status_code == 200


def test_an_account_without_a_password_has_no_second_factor(
    plain_user: User, settings: Settings
) -> None:
    settings.TWO_FACTOR_BY_PASSWORD = True
    plain_user.set_unusable_password()
    plain_user.save()

    response = api_client_of(plain_user).post(
        GENERATE, {"tokenName": "x"}, headers={"x-2fa-code": RIGHT}
    )

    assert (response.status_code, response.json()) == (400, INVALID)
