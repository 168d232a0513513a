"""Speed of this machine, for tests with a time limit."""

from __future__ import annotations

import time
from typing import Final

_QUIET_SECONDS: Final = 0.05
"""Processor time of the workload on a quiet machine of the kind that limits are for."""


def slowness() -> float:
    """Return how many times slower than such a machine this one is now, at least 1."""
    best = min(_workload() for _attempt in range(3))
    return max(1.0, best / _QUIET_SECONDS)


def _workload() -> float:
    """Return the processor time of creating many small objects, as imports do."""
    started = time.process_time()
    for number in range(100_000):
        len(
            {"id": str(number), "text": f"message {number}", "at": (number, number + 1)}
        )
    return time.process_time() - started
