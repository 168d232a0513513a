"""How many of the cases hold."""

from __future__ import annotations

import re
from pathlib import Path

from tests.contract.upstream import NOT_SUPPORTED

CASES = 87
LEAST = 80


def test_at_least_80_of_the_87_cases_are_tested() -> None:
    modules = set(Path(__file__).parent.glob("test_*.py")) - {Path(__file__)}
    texts = [module.read_text() for module in modules]
    names = [
        name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.M)
    ]

    assert len(set(names)) == len(names) >= LEAST
    assert len(names) + len(NOT_SUPPORTED) == CASES
