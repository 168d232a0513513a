"""The server accepts and refuses the inputs that the published typings do."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from django.db import transaction

from tests.clients.typings import unexplained, validate
from tests.clients.typings.differences import INPUTS
from tests.clients.typings.endpoints import ENDPOINTS, NOT_VALIDATED
from tests.clients.typings.inputs import Endpoint, inputs_of
from tests.conftest import ApiClient
from tests.test_permission_table import TABLE

OWN = (
    "importOperations",
    "deliveries",
    "exports",
    "mattermostImports",
    "servers",
    "api/",
)
"""Beginnings of the routes that Rocket.Chat does not have."""

pytestmark = pytest.mark.clients

INVALID = {
    "invalid-params",
    "error-invalid-role-properties",
    "error-room-param-not-provided",
    "error-roomid-param-not-provided",
}


@cache
def typings_errors() -> list[list[list[str]]]:
    """Return the errors of the typings for each input of each endpoint."""
    cases = [
        [(endpoint.validator, value) for _, value in inputs_of(endpoint)]
        for endpoint in ENDPOINTS
    ]
    validated = iter(validate([pair for pairs in cases for pair in pairs]))
    return [[next(validated) for _ in pairs] for pairs in cases]


def accepts(api: ApiClient, endpoint: Endpoint, value: dict[str, Any]) -> bool:
    """Return whether an endpoint accepts the input, whatever it does with it."""
    with transaction.atomic():
        call = api.get if endpoint.method == "GET" else api.post
        answer = call(endpoint.path, value)
        transaction.set_rollback(True)
    assert answer.status_code in {200, 400}, (value, answer.content)
    return answer.status_code == 200 or answer.json().get("errorType") not in INVALID


def test_accepts_and_refuses_what_the_typings_do(admin_api: ApiClient) -> None:
    differences = [
        f"{endpoint.path} {name}"
        for endpoint, validated in zip(ENDPOINTS, typings_errors(), strict=True)
        for (name, value), problems in zip(inputs_of(endpoint), validated, strict=True)
        if accepts(admin_api, endpoint, value) == bool(problems)
    ]

    assert unexplained(differences, INPUTS) == ([], [])


def test_every_endpoint_of_rocket_chat_is_validated() -> None:
    paths = {row.route.removeprefix("api/v1/") for row in TABLE}
    validated = {endpoint.path for endpoint in ENDPOINTS}

    assert not validated & NOT_VALIDATED.keys()
    assert validated | NOT_VALIDATED.keys() == {
        path for path in paths if not path.startswith(OWN)
    }
