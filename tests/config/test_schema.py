"""The description of the API is true: what it names is what the server answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.core.result import Err
from schemathesis.specs.openapi.checks import positive_data_acceptance

from config.wsgi import application
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Keep the test's connection open between requests, as Django's client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_endpoint_answers_as_described(
    admin_api: ApiClient, mode: GenerationMode
) -> None:
    ImportOperationFactory.create_batch(3)
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    described = [
        result.ok()
        for result in schema.get_all_operations()
        if not isinstance(result, Err)
    ]
    assert len(described) == 5

    for operation in described:
        takes_parameters = list(operation.query) or list(operation.path_parameters)
        if mode is GenerationMode.NEGATIVE and not takes_parameters:
            continue

        @hypothesis_settings(
            max_examples=25, deadline=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: Any) -> None:
            # No schema can tell a cursor that an earlier answer gave from another.
            case.call_and_validate(
                headers=admin_api.headers, excluded_checks=[positive_data_acceptance]
            )

        answers()
