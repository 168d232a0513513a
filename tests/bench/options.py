"""How much a benchmark does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    sizes: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    """How many operations the tables hold, ascending."""
    rounds: int = 25
    seconds: float = 0.2
    """How long one measurement within a round takes."""
    messages: tuple[int, ...] = (100_000, 1_000_000)
    """How many messages the archives hold, ascending."""
    users: int = 100_000
    """How many users an archive of users holds."""
    idle_seconds: float = 2.0
    """How long the latest list is measured before an import starts beside it."""


QUICK = Options(
    sizes=(30, 60),
    rounds=1,
    seconds=0.05,
    messages=(500, 1_000),
    users=300,
    idle_seconds=0.1,
)
