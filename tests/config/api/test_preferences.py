"""The header Prefer."""

from __future__ import annotations

import pytest

from config.api.input.preferences import wait_seconds


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=10", 10),
        ('respond-async, Wait = "5"; x=y', 5),
        ("wait=3, wait=9", 3),
        ("wait=61", 60),
        ("wait=-1", None),
        ("wait=1.5", None),
        ("wait=\u0663", None),
        ("wait=9999999999", None),
        ("wait", None),
        ("handling=lenient", None),
    ],
)
def test_reads_the_preference(prefer: str, seconds: int | None) -> None:
    assert wait_seconds(prefer) == seconds
