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
        while True:
            worker = self.fork()
            try:
                wait_for(lambda worker=worker: self._is_at_work(worker, status))  # type: ignore[misc]
                if self.operation.status == status:
                    return kills
                life = self.random.uniform(0, seconds * (kills + 1) / PARTS)
                if not worker.has_ended(within=life):
                    kills += 1
            finally:
                worker.kill()
            self.operation.refresh_from_db()
            if self.operation.status == status:
                return kills

    def _is_at_work(self, worker: ForkedWorker, status: str) -> bool:
        """Tell whether this worker has the operation, or it is there already."""
        assert not worker.has_ended(), "the worker ended by itself"
        self.operation.refresh_from_db()
        lease = f":{worker.pid}:"
        return self.operation.status == status or lease in self.operation.lease_owner
