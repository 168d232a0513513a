"""Fault tests are slow and use real processes: run them with `make test-faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the marker to all tests of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("faults")
