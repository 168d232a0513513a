"""Leases on jobs that wait for other servers: one worker at a time, in turns."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.db.models import Q, QuerySet
from django.db.utils import Error
from django.utils import timezone

from config.processes import has_ended, this_process
from imports_app.engine.lease import DURATION, LeaseLostError
from imports_app.engine.retries import check_stop, retry_on_disconnect, stopping

_ENDED: Final[dict[str, Any]] = {"lease_owner": "", "lease_expires_at": None}
_TURN_SECONDS: Final = 10.0
"""Time after which other tasks of the worker have their turn."""


class WaitError(Exception):
    """The job continues later.

    Attributes:
        seconds: Seconds until the next attempt.
        note: Reason for waiting; empty while the other server is working.
    """

    def __init__(self, seconds: float, note: str = "") -> None:
        super().__init__(note)
        self.seconds = seconds
        self.note = note


class TurnLease(ABC):
    """Exclusive right of this process to work on a job.

    It is lost if the job is cancelled.
    """

    def __init__(self, key: int) -> None:
        self.key = key
        """Key of the job."""
        self._owner = this_process()
        self._until = time.monotonic() + _TURN_SECONDS

    @staticmethod
    @abstractmethod
    def working() -> QuerySet[Any, Any]:
        """Return the jobs for which a worker has something to do."""

    @classmethod
    def take(cls, key: int) -> Self | None:
        """Acquire the lease if the job needs work and has no other lease."""
        lease = cls(key)
        now = timezone.now()
        is_free = (
            Q(lease_owner__in=("", lease._owner))
            | Q(lease_expires_at=None)
            | Q(lease_expires_at__lte=now)
        )
        wanted = cls._due(now).filter(is_free, pk=key)
        extension = lease._extension()
        taken = wanted.update(lease_owner=lease._owner, **extension)
        return lease if taken == 1 else None

    @classmethod
    def release_due(cls) -> list[Any]:
        """Return the jobs to enqueue: their time has come, or their worker is dead.

        If several processes run this concurrently, only one gets each job.
        """
        now = timezone.now()
        found = []
        for job in cls._due(now):
            expires = job.lease_expires_at
            if expires is not None and expires > now and not has_ended(job.lease_owner):
                continue
            same = cls.working().filter(
                pk=job.pk, lease_owner=job.lease_owner, lease_expires_at=expires
            )
            if same.update(lease_owner="", lease_expires_at=now + DURATION) == 1:
                found.append(job)
        return found

    def renew(self, **values: Any) -> None:
        """Update columns of the job.

        Raises:
            LeaseLostError: The job was cancelled or taken over.
        """
        if self._held().update(**{**self._extension(), **values}) != 1:
            raise LeaseLostError

    def keep(self) -> None:
        """Renew the lease during a long step.

        Raises:
            LeaseLostError: The job was cancelled or taken over.
            StoppedError: The process is shutting down.
        """
        check_stop()
        retry_on_disconnect(self.renew, check=self.check)

    def check(self) -> None:
        """Check that the lease is still valid, if the database is available."""
        check_stop()
        with suppress(Error):
            if not self._held().exists():
                raise LeaseLostError

    def pause(self, seconds: float) -> None:
        """Wait within the turn while the other server is working.

        Raises:
            WaitError: The turn is over.
            LeaseLostError: The job was cancelled or taken over.
            StoppedError: The process is shutting down.
        """
        if time.monotonic() + seconds > self._until:
            raise WaitError(seconds)
        stopping.wait(seconds)
        self.keep()

    def wait(self, waits: WaitError, **values: Any) -> None:
        """Release the lease until the next attempt."""
        due = timezone.now() + timedelta(seconds=waits.seconds)
        self.renew(**{**_ENDED, "due_at": due, "note": waits.note[:500], **values})

    def release(self) -> None:
        """Release the lease so that the next worker can resume at once."""
        self._held().update(**_ENDED)

    def end(self, state: str, **values: Any) -> None:
        """End the job in this state.

        Raises:
            LeaseLostError: The job was cancelled or taken over.
        """
        self.renew(**{"note": "", **_ENDED, **values}, state=state)

    @classmethod
    def _due(cls, now: datetime) -> QuerySet[Any, Any]:
        """Return the jobs whose next attempt is due."""
        return cls.working().filter(Q(due_at=None) | Q(due_at__lte=now))

    def _held(self) -> QuerySet[Any, Any]:
        return self.working().filter(pk=self.key, lease_owner=self._owner)

    def _extension(self) -> dict[str, Any]:
        now = timezone.now()
        return {
            "heartbeat_at": now,
            "updated_at": now,
            "lease_expires_at": now + DURATION,
        }
