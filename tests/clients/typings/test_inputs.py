"""The server accepts and refuses the inputs that the published typings do."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from django.db import transaction

from tests.clients.typings import judge, unexplained
from tests.clients.typings.differences import INPUTS
from tests.clients.typings.endpoints import ENDPOINTS, NOT_JUDGED
from tests.clients.typings.inputs import Endpoint, inputs_of
from tests.conftest import ApiClient
from tests.test_permission_table import TABLE

pytestmark = pytest.mark.clients

INVALID = {
    "invalid-params",
    "error-invalid-role-properties",
    "error-room-param-not-provided",
    "error-roomid-param-not-provided",
}


@cache
def objections() -> list[list[list[str]]]:
    """Return what the typings object to, for each input of each endpoint."""
    cases = [
        [(endpoint.judge, value) for _, value in inputs_of(endpoint)]
        for endpoint in ENDPOINTS
    ]
    judged = iter(judge([pair for pairs in cases for pair in pairs]))
    return [[next(judged) for _ in pairs] for pairs in cases]


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
        for endpoint, judged in zip(ENDPOINTS, objections(), strict=True)
        for (name, value), problems in zip(inputs_of(endpoint), judged, strict=True)
        if accepts(admin_api, endpoint, value) == bool(problems)
    ]

    assert unexplained(differences, INPUTS) == ([], [])


def test_every_endpoint_of_rocket_chat_is_judged() -> None:
    paths = {row.route.removeprefix("api/v1/") for row in TABLE}
    judged = {endpoint.path for endpoint in ENDPOINTS}

    assert not judged & NOT_JUDGED.keys()
    assert judged | NOT_JUDGED.keys() == {
        path for path in paths if not path.startswith(("importOperations", "api/"))
    }
