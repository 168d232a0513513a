"""The OpenAPI description matches the server's responses.

`SCHEMA_EXAMPLES` sets the number of random requests of each endpoint and mode.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.core.result import Err
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from accounts.models import AuthToken, User
from accounts.services.activity import COMMAND_LINE
from accounts.services.tokens import issue_token
from config.api.input.coercion import to_number
from config.wsgi import application
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.test_permission_table import TABLE

schemathesis.serializer.alias(
    "application/offset+octet-stream", "application/octet-stream"
)

VERSION = "Tus-Resumable"
ENDPOINTS = {"events", "file", "uploads"}
"""Names in the place of an operation's ID."""
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "10"))


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Keep the database connection open between requests, as Django's client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def may_be_converted(value: Any) -> bool:
    """Return whether a value, or one in it, is of a type that AJV converts."""
    if isinstance(value, dict):
        return any(map(may_be_converted, value.values()))
    if isinstance(value, list):
        return any(map(may_be_converted, value))
    return not isinstance(value, str) or is_numeric(value)


def is_numeric(text: str) -> bool:
    """Return whether a text is a number for JavaScript."""
    try:
        to_number(text)
    except ValueError:
        return False
    return True


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_endpoint_matches_its_description(
    admin_user: User, mode: GenerationMode
) -> None:
    ImportOperationFactory.create_batch(3)
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    described = [
        result.ok()
        for result in schema.get_all_operations()
        if not isinstance(result, Err)
    ]
    assert len(described) == len(TABLE)

    for operation in described:
        takes_anything = (
            list(operation.query)
            or list(operation.path_parameters)
            or list(operation.body)
        )
        if mode is GenerationMode.NEGATIVE and not takes_anything:
            continue

        @hypothesis_settings(
            max_examples=EXAMPLES if takes_anything else 1,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: Any) -> None:
            # An empty array or object leaves no trace in a query string.
            assume(all(value not in ([], {}) for value in (case.query or {}).values()))
            # Endpoints of their own, with other methods or responses.
            assume(ENDPOINTS.isdisjoint((case.path_parameters or {}).values()))
            # The tus protocol has a status of its own, 412, for another version.
            if any(header.name == VERSION for header in case.operation.headers):
                assume((case.headers or {}).get(VERSION) == "1.0.0")
            # A schema can't distinguish a valid cursor from an invalid one,
            # or a right password from a wrong one.
            excluded = [positive_data_acceptance]
            # Scalars of another type are converted (wire-api.md 1.4).
            if may_be_converted([case.body, dict(case.query or {})]):
                excluded.append(negative_data_rejection)
            # Some calls end the token or rename its owner's roles.
            token = issue_token(
                user=admin_user, kind=AuthToken.Kind.LOGIN, by=COMMAND_LINE
            )
            case.call_and_validate(
                headers={
                    "X-User-Id": admin_user.public_id,
                    "X-Auth-Token": token.plain,
                },
                excluded_checks=excluded,
            )

        answers()


def test_describes_the_accepted_permissions_of_refused_calls(
    anonymous_api: ApiClient,
) -> None:
    accept = {"Accept": "application/vnd.oai.openapi+json"}
    description = anonymous_api.get("/api/schema/", headers=accept).content
    paths = orjson.loads(description)["paths"]
    refused = [
        response
        for path in paths.values()
        for operation in path.values()
        for status, response in operation["responses"].items()
        if status in ("401", "403")
    ]

    assert len(refused) > len(TABLE)
    assert all("X-Accepted-Permissions" in response["headers"] for response in refused)
