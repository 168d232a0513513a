from __future__ import annotations

from typing import Final

import pytest

from accounts.models import User
from tests.conftest import ApiClient
from tests.contract.upstream import UNAUTHORIZED, refused, succeeded, withdraw

GENERATE: Final = "users.generatePersonalAccessToken"
REGENERATE: Final = "users.regeneratePersonalAccessToken"
REMOVE: Final = "users.removePersonalAccessToken"
LIST: Final = "users.getPersonalAccessTokens"
NAME: Final = {"tokenName": "laptop"}


@pytest.fixture
def _no_permission(admin_user: User) -> None:
    withdraw("create-personal-access-tokens")


def test_a_new_token_is_accepted(admin_user: User, admin_api: ApiClient) -> None:
    body = {**NAME, "loginToken": "1234567890"}

    made = succeeded(admin_api.post(GENERATE, body))

    succeeded(ApiClient(admin_user, made["token"]).get("me"))


def test_the_list_of_a_user_without_tokens_is_an_array(
    anonymous_api: ApiClient, admin_user: User
) -> None:
    login = anonymous_api.post(
        "login", {"user": "ada", "password": "correct horse battery staple"}
    )
    api = ApiClient(admin_user, login.json()["data"]["authToken"])

    assert succeeded(api.get(LIST))["tokens"] == []


def test_generates_a_token(admin_api: ApiClient) -> None:
    assert isinstance(succeeded(admin_api.post(GENERATE, NAME))["token"], str)


def test_refuses_a_second_token_of_one_name(admin_api: ApiClient) -> None:
    admin_api.post(GENERATE, NAME)

    refused(admin_api.post(GENERATE, NAME), 400)


def test_regenerates_a_token(admin_api: ApiClient) -> None:
    first = admin_api.post(GENERATE, NAME).json()["token"]

    assert succeeded(admin_api.post(REGENERATE, NAME))["token"] != first


def test_regenerates_no_unknown_token(admin_api: ApiClient) -> None:
    refused(admin_api.post(REGENERATE, {"tokenName": "none"}), 400)


def test_lists_the_tokens_of_the_caller(admin_api: ApiClient) -> None:
    admin_api.post(GENERATE, NAME)

    tokens = succeeded(admin_api.get(LIST))["tokens"]

    assert "laptop" in [token["name"] for token in tokens]


def test_removes_a_token(admin_api: ApiClient) -> None:
    admin_api.post(GENERATE, NAME)

    succeeded(admin_api.post(REMOVE, NAME))


def test_removes_no_unknown_token(admin_api: ApiClient) -> None:
    refused(admin_api.post(REMOVE, {"tokenName": "none"}), 400)


@pytest.mark.usefixtures("_no_permission")
def test_generating_requires_the_permission(admin_api: ApiClient) -> None:
    refused(admin_api.post(GENERATE, NAME), 400, errorType="not-authorized")


@pytest.mark.usefixtures("_no_permission")
def test_regenerating_requires_the_permission(admin_api: ApiClient) -> None:
    refused(admin_api.post(REGENERATE, NAME), 400, errorType="not-authorized")


@pytest.mark.usefixtures("_no_permission")
def test_listing_requires_the_permission(admin_api: ApiClient) -> None:
    refused(admin_api.get(LIST), 403, error=UNAUTHORIZED)


@pytest.mark.usefixtures("_no_permission")
def test_removing_requires_the_permission(admin_api: ApiClient) -> None:
    admin_api.post(GENERATE, NAME)

    refused(admin_api.post(REMOVE, NAME), 400, errorType="not-authorized")


@pytest.mark.usefixtures("_no_permission")
def test_removing_an_unknown_token_requires_the_permission(
    admin_api: ApiClient,
) -> None:
    answer = admin_api.post(REMOVE, {"tokenName": "none"})

    refused(answer, 400, errorType="not-authorized")
