"""Killing of workers at random times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from imports_app.models import ImportOperation
from tests.faults.workers import ForkedWorker
from tests.live import wait_for

PARTS: Final = 16


@dataclass(frozen=True)
class Killer:
    """Killer of the workers of one operation."""

    fork: Callable[[], ForkedWorker]
    operation: ImportOperation
    random: Random
    workers: int = 1
    """Number of workers at a time."""

    def kill_until(self, status: str, seconds: float) -> int:
        """Kill one worker after another until the operation got there.

        Args:
            status: Where the operation is to get.
            seconds: How long that takes undisturbed. The first worker lives for up to
                a part of it and each later one for longer, so that it ends on any
                machine: a worker first reads again what others have read.

        Returns:
            How many were killed.
        """
        kills = 0
        alive = [self.fork() for _worker in range(self.workers)]
        try:
            while True:
                wait_for(lambda: self._is_at_work(alive, status))
                if self.operation.status == status:
                    return kills
                victim = alive.pop(self.random.randrange(len(alive)))
                alive.append(victim)
                life = self.random.uniform(0, seconds * (kills + 1) / PARTS)
                if not victim.has_ended(within=life):
                    kills += 1
                victim.kill()
                alive[-1] = self.fork()
        finally:
            for worker in alive:
                worker.kill()

    def _is_at_work(self, alive: list[ForkedWorker], status: str) -> bool:
        """Tell whether a worker has the operation, or it is there already."""
        assert not any(worker.has_ended() for worker in alive), "one ended by itself"
        self.operation.refresh_from_db()
        owner = self.operation.lease_owner
        return self.operation.status == status or any(
            f":{worker.pid}:" in owner for worker in alive
        )
