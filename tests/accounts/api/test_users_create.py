from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ActivityEntry, User
from tests.conftest import PASSWORD, ApiClient, api_client_of
from tests.factories import EmailAddressFactory, RoleFactory, UserFactory

ANN = {
    "username": "ann",
    "name": "Ann",
    "email": "ann@example.org",
    "password": PASSWORD,
}


def refusal(text: str, code: str) -> dict[str, Any]:
    return {"success": False, "error": f"{text} [{code}]", "errorType": code}


def test_creates_a_user_who_can_log_in(
    admin_api: ApiClient, anonymous_api: ApiClient
) -> None:
    user = admin_api.post("users.create", ANN).json()["user"]

    login = anonymous_api.post("login", {"email": ANN["email"], "password": PASSWORD})
    assert login.json()["data"]["userId"] == user["_id"]
    assert len(user["_id"]) == 17
    for name in ("createdAt", "_updatedAt"):
        assert user.pop(name).endswith("Z")
    assert {**user, "_id": ""} == {
        "_id": "",
        "username": "ann",
        "type": "user",
        "status": "offline",
        "active": True,
        "roles": ["user"],
        "name": "Ann",
        "utcOffset": 0,
        "settings": {},
        "emails": [{"address": "ann@example.org", "verified": False}],
    }


@pytest.mark.parametrize("address", ["ann@corp", "x@rocket.chat-1"])
def test_accepts_the_addresses_of_rocket_chat(
    admin_api: ApiClient, anonymous_api: ApiClient, address: str
) -> None:
    response = admin_api.post("users.create", {**ANN, "email": address})

    assert response.json()["user"]["emails"][0]["address"] == address
    login = anonymous_api.post("login", {"user": address, "password": PASSWORD})
    assert login.status_code == 200


def test_keeps_every_option(admin_api: ApiClient) -> None:
    body = {
        **ANN,
        "active": "false",
        "roles": ["admin", "bot"],
        "bio": "Born",
        "nickname": "A",
        "statusText": "away",
        "verified": True,
        "customFields": {"a": 1},
        "requirePasswordChange": True,
        "setRandomPassword": False,
        "joinDefaultChannels": True,
        "sendWelcomeEmail": True,
    }

    user = admin_api.post("users.create", body).json()["user"]

    assert user["roles"] == ["admin", "bot"]
    assert user["active"] is False
    assert (user["bio"], user["nickname"], user["statusText"]) == ("Born", "A", "away")
    assert user["emails"][0]["verified"] is True
    assert user["customFields"] == {"a": 1}


def test_optional_properties_may_be_null(
    admin_api: ApiClient, anonymous_api: ApiClient
) -> None:
    optional = (
        *("active", "bio", "nickname", "statusText", "verified", "setRandomPassword"),
        *("joinDefaultChannels", "requirePasswordChange", "sendWelcomeEmail"),
    )

    response = admin_api.post("users.create", {**ANN, **dict.fromkeys(optional)})

    user = response.json()["user"]
    assert user["active"] is True
    assert user["emails"] == [{"address": "ann@example.org", "verified": False}]
    assert not {"bio", "nickname", "statusText"} & set(user)
    login = anonymous_api.post("login", {"user": "ann", "password": PASSWORD})
    assert login.status_code == 200


def test_custom_fields_are_private(
    admin_api: ApiClient, plain_api: ApiClient, anonymous_api: ApiClient
) -> None:
    fields = {"city": "Rome", "tags": ["a", {"b": None}], "level": 2.5}
    admin_api.post("users.create", {**ANN, "customFields": fields})
    query = {"username": "ann"}

    login = anonymous_api.post("login", {"user": "ann", "password": PASSWORD})
    data = login.json()["data"]
    ann = ApiClient(User.objects.get(username="ann"), data["authToken"])

    assert data["me"]["customFields"] == fields
    assert ann.get("me").json()["customFields"] == fields
    for api in (ann, admin_api):
        assert api.get("users.info", query).json()["user"]["customFields"] == fields
    assert "customFields" not in plain_api.get("users.info", query).json()["user"]
    listed = plain_api.get("users.list").json()["users"]
    assert not any("customFields" in user for user in listed)
    assert "customFields" not in plain_api.get("me").json()


@pytest.mark.parametrize("name", ["administrators", "user1", "all.hands", "sys"])
def test_names_like_reserved_ones_are_free(admin_api: ApiClient, name: str) -> None:
    body = {**ANN, "username": name}

    assert admin_api.post("users.create", body).json()["user"]["username"] == name


def test_a_random_password_allows_no_login(
    admin_api: ApiClient, anonymous_api: ApiClient
) -> None:
    admin_api.post("users.create", {**ANN, "setRandomPassword": True})

    login = anonymous_api.post("login", {"user": "ann", "password": PASSWORD})
    assert login.status_code == 401


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        *(
            (
                {missing: None},
                refusal(f"must have required property '{missing}'", "invalid-params"),
            )
            for missing in ANN
        ),
        ({"username": {"a": 1}}, refusal("must be string", "invalid-params")),
        ({"active": "maybe"}, refusal("must be boolean", "invalid-params")),
        ({"roles": "user"}, refusal("must be array", "invalid-params")),
        ({"customFields": []}, refusal("must be object", "invalid-params")),
        (
            {"customFields": {"a": "x" * 10_000}},
            refusal("must NOT have more than 10000 bytes", "invalid-params"),
        ),
        (
            {"customFields": {"a": [[[[[[[[[{}]]]]]]]]]}},
            refusal("must NOT have more than 10 levels", "invalid-params"),
        ),
        *(
            (
                {"customFields": fields},
                refusal("must NOT have NUL characters", "invalid-params"),
            )
            for fields in ({"a\0": 1}, {"a": "\0"}, {"a": [{"b": "x\0"}]})
        ),
        *(
            (
                {"username": name},
                refusal(
                    f"{name} is blocked and can't be used!", "error-blocked-username"
                ),
            )
            for name in ("admin", "ADMINISTRATOR", "System", "user", "all", "here")
        ),
        (
            {"unknown": 1},
            refusal("must NOT have additional properties", "invalid-params"),
        ),
        (
            {"username": "PAULA"},
            refusal("PAULA is already in use :(", "error-field-unavailable"),
        ),
        (
            {"email": "P@example.org"},
            refusal("P@example.org is already in use :(", "error-field-unavailable"),
        ),
        (
            {"email": "nowhere"},
            refusal("Invalid email nowhere", "error-invalid-email"),
        ),
        (
            {"username": "pаula"},  # noqa: RUF001 - a Cyrillic letter
            refusal(
                "pаula is not a valid username",  # noqa: RUF001
                "error-input-is-not-a-valid-field",
            ),
        ),
        (
            {"username": "a b"},
            refusal("a b is not a valid username", "error-input-is-not-a-valid-field"),
        ),
        (
            {"roles": ["zzz"]},
            refusal(
                "The field Roles consist invalid role id", "error-action-not-allowed"
            ),
        ),
        (
            {"username": "x" * 256},
            refusal("must NOT have more than 255 characters", "invalid-params"),
        ),
        (
            {"bio": "x\0"},
            refusal("must NOT have NUL characters", "invalid-params"),
        ),
    ],
    ids=str,
)
def test_create_refuses(
    admin_api: ApiClient,
    plain_user: User,
    change: dict[str, Any],
    answer: dict[str, Any],
) -> None:
    EmailAddressFactory.create(user=plain_user, address="p@example.org")
    body = {key: value for key, value in {**ANN, **change}.items() if value is not None}

    response = admin_api.post("users.create", body)

    assert (response.status_code, response.json()) == (400, answer)
    assert User.objects.count() == 2
    assert not ActivityEntry.objects.exists()


@pytest.mark.parametrize(
    ("permissions", "roles", "text"),
    [
        (["create-user"], ["bot"], "Assigning roles is not allowed"),
        (
            ["create-user", "access-permissions"],
            ["admin"],
            "Assigning admin is not allowed",
        ),
    ],
)
def test_creators_cannot_grant_roles_beyond_their_permissions(
    db: None, permissions: list[str], roles: list[str], text: str
) -> None:
    maker = UserFactory.create(roles=[RoleFactory.create(permissions=permissions)])

    response = api_client_of(maker).post("users.create", {**ANN, "roles": roles})

    assert response.status_code == 400
    assert response.json() == refusal(text, "error-action-not-allowed")
