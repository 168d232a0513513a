from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import AuthToken, User
from config.api.wire import iso_ms
from tests.conftest import JSON, PASSWORD, ApiClient, api_client_of
from tests.contract import golden
from tests.factories import AuthTokenFactory, EmailAddressFactory, UserFactory

GOODBYE = {"status": "success", "data": {"message": "You've been logged out!"}}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_logout_ends_only_the_token_of_the_call(
    plain_api: ApiClient, plain_user: User, method: str
) -> None:
    other = AuthTokenFactory.create(user=plain_user)

    response = plain_api.request(method, "logout")

    assert (response.status_code, response.json()) == (200, GOODBYE)
    assert list(AuthToken.objects.all()) == [other]
    after = plain_api.get("me")
    assert (after.status_code, after.content) == (401, golden("401"))


@pytest.mark.parametrize("raw", ["", "{}", "{", "[]", '{"a": 1}'])
def test_logout_accepts_any_body(plain_api: ApiClient, raw: str) -> None:
    response = plain_api.request("POST", "logout", data=raw, content_type=JSON)

    assert response.status_code == 200


def test_me_returns_the_profile(plain_user: User, plain_api: ApiClient) -> None:
    EmailAddressFactory.create(user=plain_user, address="p@example.org", verified=False)

    me = plain_api.get("me").json()
    preferences = me["settings"].pop("preferences")

    assert preferences["idleTimeLimit"] == 300
    assert me.pop("_updatedAt") == iso_ms(plain_user.updated_at)
    assert me == {
        "_id": plain_user.public_id,
        "name": "Paula",
        "username": "paula",
        "emails": [{"address": "p@example.org", "verified": False}],
        "status": "offline",
        "statusConnection": "offline",
        "utcOffset": 0,
        "active": True,
        "roles": ["user"],
        "settings": {"profile": {}, "calendar": {}},
        "isOAuthUser": False,
        "avatarUrl": "http://testserver/avatar/paula",
        "success": True,
    }


def test_me_equals_the_profile_of_login(
    plain_user: User, plain_api: ApiClient, anonymous_api: ApiClient
) -> None:
    login = anonymous_api.post("login", {"user": "paula", "password": PASSWORD}).json()

    assert plain_api.get("me").json() == {**login["data"]["me"], "success": True}


def test_me_keeps_fractions_and_unusual_names(db: None) -> None:
    user = UserFactory.create(username="a/b c", utc_offset=5.5, name="")

    document = api_client_of(user).get("me").json()

    assert document["utcOffset"] == 5.5
    assert document["avatarUrl"] == "http://testserver/avatar/a%2Fb%20c"
    assert "name" not in document


def test_a_trailing_question_mark_is_ignored(plain_api: ApiClient) -> None:
    assert plain_api.get("me?").status_code == 200


def test_me_refuses_parameters(plain_api: ApiClient) -> None:
    response = plain_api.get("me", {"fields": "{}"})

    assert response.status_code == 400
    assert response.json()["errorType"] == "invalid-params"


def test_the_admin_still_refuses_deactivated_users(plain_user: User) -> None:
    User.objects.update(is_active=False)

    response = Client().post(
        "/admin/login/", {"username": "paula", "password": PASSWORD}
    )

    assert "sessionid" not in response.cookies
