"""Rows of factories do not depend on the tests that ran before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import ImportOperationFactory


@pytest.mark.django_db
@pytest.mark.parametrize("repetition", [1, 2])
def test_the_first_import_of_a_test_started_a_day_ago(repetition: int) -> None:
    operation = ImportOperationFactory.create()

    assert timezone.now() - operation.created_at > timedelta(
        hours=23, minutes=59, seconds=30
    )
