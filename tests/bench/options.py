"""Options of the benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the command line."""

    sizes: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    """Numbers of operations in the tables, ascending."""
    rounds: int = 25
    seconds: float = 0.2
    """Seconds per measurement within a round."""
    messages: tuple[int, ...] = (100_000, 1_000_000)
    """Numbers of messages in the archives, ascending."""
    exported: int = 200_000
    """Number of messages in exports."""
    users: int = 100_000
    """Number of users in an archive of users."""
    waiting: int = 500
    """Number of requests that wait, and of streams."""
    idle_seconds: float = 2.0
    """Seconds of measuring the latest list before an import starts."""


QUICK = Options(
    sizes=(30, 60),
    rounds=1,
    seconds=0.05,
    messages=(500,),
    exported=500,
    users=300,
    waiting=10,
    idle_seconds=0.1,
)
