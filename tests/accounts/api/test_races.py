"""Concurrent requests: one succeeds and the other gets a specific error."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import AuthToken, Role, User
from tests.conftest import PASSWORD, ApiClient, api_client_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CALLERS = 4


def at_once(api: ApiClient, path: str, body: dict[str, Any]) -> list[str]:
    """Return the error types of concurrent calls."""
    barrier = Barrier(CALLERS)

    def call() -> str:
        barrier.wait()
        try:
            return str(api.post(path, body).json().get("errorType", "none"))
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        return sorted(task.result() for task in [pool.submit(call) for _ in range(4)])


@pytest.fixture
def api() -> ApiClient:
    return api_client_of(UserFactory.create(username="ada", roles=["admin"]))


def test_one_of_two_requests_gets_the_username(api: ApiClient) -> None:
    body = {
        "username": "ann",
        "name": "A",
        "email": "a@example.org",
        "password": PASSWORD,
    }

    errors = at_once(api, "users.create", body)

    assert errors == ["error-field-unavailable"] * 3 + ["none"]
    assert User.objects.filter(username="ann").count() == 1


def test_one_of_two_requests_gets_the_token_name(api: ApiClient) -> None:
    errors = at_once(api, "users.generatePersonalAccessToken", {"tokenName": "laptop"})

    assert errors == ["error-token-already-exists"] * 3 + ["none"]
    assert AuthToken.objects.filter(name="laptop").count() == 1


def test_one_of_two_requests_gets_the_role_name(api: ApiClient) -> None:
    errors = at_once(api, "roles.create", {"name": "porter"})

    assert errors == ["error-duplicate-role-names-not-allowed"] * 3 + ["none"]
    assert Role.objects.filter(name="porter").count() == 1
