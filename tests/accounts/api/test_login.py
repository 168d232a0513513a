from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuthToken, User
from tests.conftest import FORM, JSON, PASSWORD, ApiClient
from tests.factories import AuthTokenFactory, EmailAddressFactory

DIGEST = hashlib.sha256(PASSWORD.encode()).hexdigest()
HASHED = {"digest": DIGEST, "algorithm": "sha-256"}
REFUSAL = {
    "success": False,
    "status": "error",
    "error": "Unauthorized",
    "message": "Unauthorized",
}
ADDRESS = "ada@example.org"


@pytest.fixture
def ada(admin_user: User) -> User:
    EmailAddressFactory.create(user=admin_user, address=ADDRESS)
    admin_user.public_id = "aobEdbYhXfu5hkeqG"
    admin_user.save()
    return admin_user


@pytest.mark.parametrize(
    "body",
    [
        {"user": "ada", "password": PASSWORD},
        {"user": ADDRESS, "password": PASSWORD},
        {"username": "ada", "password": PASSWORD},
        {"email": ADDRESS, "password": PASSWORD},
        {"user": "Ada", "password": PASSWORD},
        {"email": "ADA@EXAMPLE.ORG", "password": PASSWORD},
        {"user": {"username": "ada"}, "password": HASHED},
        {"user": {"email": ADDRESS}, "password": HASHED},
        {"user": {"id": "aobEdbYhXfu5hkeqG"}, "password": HASHED},
        {"user": "ada", "password": HASHED},
        {"user": {"username": "ada"}, "password": PASSWORD},
        {"user": "ada", "password": PASSWORD, "code": "123456"},
        {"user": "ada", "password": PASSWORD, "unknown": {"a": [1]}},
    ],
)
def test_accepts_every_form_of_json(
    anonymous_api: ApiClient, ada: User, body: dict[str, Any]
) -> None:
    response = anonymous_api.post("login", body)

    assert response.status_code == 200
    assert response.json()["data"]["userId"] == "aobEdbYhXfu5hkeqG"


@pytest.mark.parametrize("name", ["user", "username", "email"])
def test_accepts_form_fields(anonymous_api: ApiClient, ada: User, name: str) -> None:
    identity = ADDRESS if name == "email" else "ada"

    response = anonymous_api.post_form("login", {name: identity, "password": PASSWORD})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (f'{{"user": "zzz", "user": "ada", "password": "{PASSWORD}"}}', JSON),
        (f"user=zzz&user=ada&password={PASSWORD}", FORM),
    ],
)
def test_the_last_value_of_a_repeated_field_counts(
    anonymous_api: ApiClient, ada: User, raw: str, content_type: str
) -> None:
    response = anonymous_api.request(
        "POST", "login", data=raw, content_type=content_type
    )

    assert response.status_code == 200


def test_returns_token_and_profile(anonymous_api: ApiClient, ada: User) -> None:
    response = anonymous_api.post("login", {"user": "ada", "password": PASSWORD})

    body = response.json()
    token = body["data"]["authToken"]
    preferences = body["data"]["me"]["settings"].pop("preferences")
    assert preferences["idleTimeLimit"] == 300
    assert body["data"]["me"].pop("_updatedAt").endswith("Z")
    assert body == {
        "status": "success",
        "data": {
            "userId": "aobEdbYhXfu5hkeqG",
            "authToken": token,
            "me": {
                "_id": "aobEdbYhXfu5hkeqG",
                "name": "Ada",
                "username": "ada",
                "emails": [{"address": ADDRESS, "verified": True}],
                "email": ADDRESS,
                "status": "offline",
                "statusConnection": "offline",
                "utcOffset": 0,
                "active": True,
                "roles": ["admin"],
                "settings": {"profile": {}, "calendar": {}},
                "isOAuthUser": False,
                "avatarUrl": "http://testserver/avatar/ada",
            },
        },
        "success": True,
    }
    assert len(token) == 43
    assert ApiClient(ada, token).get("getLatestImportOperations").status_code == 200


def test_the_token_lifetime_follows_the_setting(
    anonymous_api: ApiClient, ada: User, settings: Settings
) -> None:
    settings.LOGIN_LIFETIME_DAYS = 7

    anonymous_api.post("login", {"user": "ada", "password": PASSWORD})

    token = AuthToken.objects.get()
    assert token.kind == AuthToken.Kind.LOGIN
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=7)) < timedelta(
        minutes=1
    )


def test_resume_returns_the_same_token(anonymous_api: ApiClient, ada: User) -> None:
    first = anonymous_api.post("login", {"user": "ada", "password": PASSWORD}).json()

    second = anonymous_api.post("login", {"resume": first["data"]["authToken"]}).json()

    assert second == first
    assert AuthToken.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user": "ada"},
        {"password": PASSWORD},
        {"user": "ada", "password": ""},
        {"user": "", "password": PASSWORD},
        {"user": "ada", "password": "wrong"},
        {"user": "nobody", "password": PASSWORD},
        {"user": "nobody@example.org", "password": PASSWORD},
        {"user": "ada\0", "password": PASSWORD},
        {"user": "ada", "password": f"{PASSWORD}\0"},
        {"user": "аda", "password": PASSWORD},  # noqa: RUF001 - a Cyrillic first letter
        {"user": "\ud83d", "password": PASSWORD},
        {"user": 1, "password": PASSWORD},
        {"user": ["ada"], "password": PASSWORD},
        {"user": {"username": ["ada"]}, "password": PASSWORD},
        {"user": {}, "password": PASSWORD},
        {"user": None, "username": None, "password": None},
        {"user": "ada", "password": {"digest": DIGEST, "algorithm": "md5"}},
        {"user": "ada", "password": {"digest": DIGEST.upper(), "algorithm": "sha-256"}},
        {"user": "ada", "password": {"digest": 1, "algorithm": "sha-256"}},
        {"user": "ada", "password": {"digest": "0" * 64, "algorithm": "sha-256"}},
        {"user": "ada", "password": DIGEST},
        {"user": "a" * 100_000, "password": "b" * 100_000},
        {"resume": "unknown"},
        {"resume": "unknown\0"},
        {"resume": {"a": 1}},
    ],
    ids=lambda body: str(body)[:60],
)
def test_rejects_other_logins_with_the_same_error(
    anonymous_api: ApiClient, ada: User, body: dict[str, Any]
) -> None:
    raw = json.dumps(body)  # also writes half of a surrogate pair

    response = anonymous_api.request("POST", "login", data=raw, content_type=JSON)

    assert (response.status_code, response.json()) == (401, REFUSAL)
    assert response.headers["X-Accepted-Permissions"] == ""
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b"", ""),
        (b"", JSON),
        (b"{", JSON),
        (b"[]", JSON),
        (b'{"user": "ada", "password": "\xff"}', JSON),
        (b"user=%ff&password=%ff", FORM),
        (b"user=\xff", FORM),
        (b'{"user": "ada", "password": "correct horse battery staple"}', "text/plain"),
        (b"user=ada&password=x", "multipart/form-data; boundary=x"),
        (b"{" * 100_000, JSON),
        (b'{"a":' * 100_000, JSON),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_unreadable_body_counts_as_empty(
    anonymous_api: ApiClient, ada: User, raw: bytes, content_type: str
) -> None:
    response = anonymous_api.request(
        "POST", "login", data=raw, content_type=content_type
    )

    assert (response.status_code, response.json()) == (401, REFUSAL)


def test_refuses_an_expired_resume_token(anonymous_api: ApiClient, ada: User) -> None:
    AuthTokenFactory.create(user=ada, plain="late", expires_at=timezone.now())

    response = anonymous_api.post("login", {"resume": "late"})

    assert (response.status_code, response.json()) == (401, REFUSAL)


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (
            {"user": "ada", "password": PASSWORD},
            "error-user-is-not-activated",
            "User is not activated",
        ),
        ({"resume": "good"}, "error-user-is-not-activated", "User is not activated"),
        ({"user": "ada", "password": "wrong"}, "Unauthorized", "Unauthorized"),
    ],
)
def test_reports_deactivation_only_after_a_right_password(
    anonymous_api: ApiClient, ada: User, body: dict[str, str], error: str, message: str
) -> None:
    AuthTokenFactory.create(user=ada, plain="good")
    User.objects.update(is_active=False)

    response = anonymous_api.post("login", body)

    assert response.status_code == 401
    assert response.json() == {**REFUSAL, "error": error, "message": message}


def test_a_body_over_the_limit_gets_413(
    anonymous_api: ApiClient, settings: Settings, db: None
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = anonymous_api.post("login", {"user": "a" * 100})

    assert response.status_code == 413
    assert response.json() == {
        "success": False,
        "error": "The request body is too large.",
    }


def test_an_upgrade_of_the_hasher_keeps_the_password(
    anonymous_api: ApiClient, ada: User, settings: Settings
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    body = {"user": "ada", "password": PASSWORD}

    statuses = [anonymous_api.post("login", body).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert User.objects.get().password.startswith("scrypt$")
