"""Speed of this machine, for tests with a time limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_QUIET_SECONDS: Final = 0.05
"""Processor time of the workload on a quiet machine of the kind that limits are for."""


def slowness(clock: Callable[[], float] = time.process_time) -> float:
    """Return how many times slower than such a machine this one is now, at least 1.

    Args:
        clock: The clock of the measurement that it is for: of this process, or the wall
            clock if other processes do the work.
    """
    best = min(_workload(clock) for _attempt in range(3))
    return max(1.0, best / _QUIET_SECONDS)


def _workload(clock: Callable[[], float]) -> float:
    """Return the time of creating many small objects, as imports do."""
    started = clock()
    for number in range(100_000):
        len(
            {"id": str(number), "text": f"message {number}", "at": (number, number + 1)}
        )
    return clock() - started
