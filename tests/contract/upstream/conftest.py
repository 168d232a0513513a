"""Marks of the cases that do not hold yet."""

from __future__ import annotations

import pytest

from tests.contract.upstream import PENDING


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the pending cases to fail, and report each that no longer does."""
    for item in items:
        is_case = __package__ in item.nodeid.replace("/", ".")
        if is_case and getattr(item, "originalname", "") in PENDING:
            item.add_marker(pytest.mark.xfail(strict=True, reason="not supported yet"))
