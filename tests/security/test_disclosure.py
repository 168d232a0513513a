"""Disclosure of private data of other users through the API."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from accounts.models import User
from tests.conftest import PASSWORD, ApiClient, api_client_of
from tests.factories import (
    EmailAddressFactory,
    ImportIdFactory,
    RoleFactory,
    UserFactory,
)
from tests.security.conftest import Attacks

ADDRESS: Final = "bea@secret.example"
IMPORT_ID: Final = "U0SECRET"
WRONG: Final = {"password": "not the password"}


@pytest.fixture
def bea(db: None) -> User:
    user = UserFactory.create(username="bea", roles=["user"])
    EmailAddressFactory.create(user=user, address=ADDRESS)
    ImportIdFactory.create(user=user, value=IMPORT_ID)
    return user


@pytest.fixture
def other_callers(
    plain_api: ApiClient, importer_api: ApiClient, plain_user: User
) -> dict[str, ApiClient]:
    """Users without the permission to administer users."""
    roles = RoleFactory.create(
        permissions=["access-permissions", "view-d-room", "create-user", "delete-user"]
    )
    manager = UserFactory.create(username="manager", roles=[roles])
    EmailAddressFactory.create(user=plain_user, address="paula@own.example")
    ImportIdFactory.create(user=plain_user, value="U0OWN")
    return {
        "a user": plain_api,
        "an importer": importer_api,
        "a manager of roles": api_client_of(manager),
    }


def answer(api: ApiClient, path: str) -> tuple[int, str, dict[str, str]]:
    """Return what can be compared of an answer."""
    response = api.get(path)
    headers = {
        name: value
        for name, value in response.headers.items()
        if not name.startswith("X-RateLimit")
    }
    text = re.sub(r"nobody@secret\.example|U0NOBODY", "?", response.content.decode())
    return response.status_code, text, headers


@pytest.mark.usefixtures("bea")
def test_a_private_key_finds_no_user(
    attacks: Attacks, other_callers: dict[str, ApiClient]
) -> None:
    pairs = [
        ("users.info?email={}", ADDRESS, "nobody@secret.example"),
        ("users.info?email={}", ADDRESS.upper(), "NOBODY@SECRET.EXAMPLE"),
        ("users.info?importId={}", IMPORT_ID, "U0NOBODY"),
        ("users.list?email={}", ADDRESS, "nobody@secret.example"),
        ("users.list?email={}", ADDRESS.upper(), "NOBODY@SECRET.EXAMPLE"),
        ("users.list?count=0&email={}", ADDRESS, "nobody@secret.example"),
        ('users.list?sort={{"name":1}}&email={}', ADDRESS, "nobody@secret.example"),
    ]
    for who, api in other_callers.items():
        for path, known, unknown in pairs:
            told = answer(api, path.format(known)) != answer(api, path.format(unknown))
            attacks.record(f"{path.format(known)} by {who}", got_through=told)


def test_a_private_key_has_the_same_number_of_queries(
    plain_api: ApiClient, bea: User, django_assert_num_queries: Any
) -> None:
    plain_api.get("me")
    for path in (f"users.info?email={ADDRESS}", "users.info?email=nobody@x.example"):
        with django_assert_num_queries(2):
            plain_api.get(path)


def test_own_private_keys_find_the_caller(other_callers: dict[str, ApiClient]) -> None:
    api = other_callers["a user"]

    for query in ("email=PAULA@own.example", "importId=U0OWN"):
        found = api.get(f"users.info?{query}").json()["user"]
        assert found["emails"] == [{"address": "paula@own.example", "verified": True}]
    listed = api.get("users.list?email=paula@own.example").json()
    assert (listed["total"], listed["users"][0]["username"]) == (1, "paula")


def test_user_administrators_find_by_private_keys(bea: User) -> None:
    role = RoleFactory.create(permissions=["view-user-administration", "view-d-room"])
    api = api_client_of(UserFactory.create(roles=[role]))

    for path in (f"users.info?email={ADDRESS}", f"users.info?importId={IMPORT_ID}"):
        assert api.get(path).json()["user"]["importIds"] == [IMPORT_ID]
    assert api.get(f"users.list?email={ADDRESS}").json()["total"] == 1


@pytest.mark.usefixtures("bea")
def test_no_list_orders_or_shows_what_is_private(
    attacks: Attacks, other_callers: dict[str, ApiClient]
) -> None:
    names = (
        *("emails", "emails.address", "email", "importIds", "importIds.0", "password"),
        *("services", "services.password.bcrypt", "last_login", "lastLogin", "tokens"),
        *("emails__address", "import_ids__value", "password__startswith", "sessions"),
        *("auth_tokens__digest", "roles__permissions", "customFields", "$where"),
    )
    api = other_callers["a manager of roles"]
    for name in names:
        for path in (
            f'users.list?sort={{"{name}":1}}',
            f'users.list?fields={{"{name}":1}}',
            f'users.list?query={{"{name}":{{"$regex":"^b"}}}}',
            f"users.list?{name}=x",
            f"users.info?username=bea&{name}=x",
            f'roles.getUsersInRole?role=user&sort={{"{name}":1}}',
        ):
            response = api.get(path)
            is_shown = ADDRESS in (text := response.content.decode()) or (
                IMPORT_ID in text
            )
            is_sorted = "sort=" in path and response.status_code == 200
            attacks.record(path, got_through=is_shown or is_sorted)


@pytest.mark.usefixtures("bea")
def test_no_answer_shows_what_is_private(
    attacks: Attacks, other_callers: dict[str, ApiClient]
) -> None:
    paths = (
        *("users.list", "users.list?count=0", "users.info?username=bea", "roles.list"),
        *("roles.getUsersInRole?role=user", "permissions.listAll", "me", "info"),
        *("importOperations", "importOperations?q=bea", "importOperations?user=bea"),
        *("getCurrentImportOperation", "import.status", "importers.list"),
        *(f"importOperations?q={ADDRESS}", f"importOperations?user={IMPORT_ID}"),
    )
    for who, api in other_callers.items():
        for path in paths:
            text = re.sub(re.escape(ADDRESS) if ADDRESS in path else "$^", "",
                          api.get(path).content.decode())  # fmt: skip
            attacks.record(
                f"{path} by {who}", got_through=ADDRESS in text or IMPORT_ID in text
            )


@pytest.fixture
def accounts(bea: User) -> None:
    bea.set_password(PASSWORD)
    bea.save()
    UserFactory.create(username="inactive", is_active=False)
    UserFactory.create(username="imported")


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize(
    "body",
    [
        {"user": "bea", **WRONG},
        {"user": "BEA", **WRONG},
        {"user": ADDRESS, **WRONG},
        {"username": "bea", **WRONG},
        {"email": ADDRESS, **WRONG},
        {"user": {"username": "bea"}, **WRONG},
        {"user": {"email": ADDRESS}, **WRONG},
        {"user": {"email": "nobody@secret.example"}, **WRONG},
        {"user": IMPORT_ID, **WRONG},
        {"user": "inactive", **WRONG},
        {"user": "imported", **WRONG},
        {"user": "bea", "password": ""},
        {"user": "bea", "password": {"digest": "0" * 64, "algorithm": "sha-256"}},
        {"resume": "no such token"},
        {"user": "bea"},
        {"user": "bea", "code": "123456", **WRONG},
    ],
    ids=str,
)
def test_login_does_not_reveal_existing_users(
    anonymous_api: ApiClient, body: dict[str, Any]
) -> None:
    unknown = anonymous_api.post("login", {"user": "nobody", **WRONG})

    response = anonymous_api.post("login", body)

    assert response.status_code == unknown.status_code == 401
    assert response.content == unknown.content
