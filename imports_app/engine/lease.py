"""Leases on operations: one worker at a time, renewed with every page."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

from django.db.models import Q
from django.db.utils import Error
from django.utils import timezone

from imports_app.engine.disk_reserve import check_room
from imports_app.engine.retries import check_stop
from imports_app.models import ImportOperation
from imports_app.statuses import Status

Watch: TypeAlias = Callable[[], None]

DURATION: Final = timedelta(seconds=60)
"""Duration of a lease without renewal."""


class LeaseLostError(Exception):
    """The operation was cancelled, or another process took it over."""


def this_process() -> str:
    """Return a name of this process that is unique, also after a restart."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_start_of(pid)}"


def has_ended(owner: str) -> bool:
    """Return whether a process of this machine has ended."""
    host, _colon, rest = owner.partition(":")
    pid, _colon, start = rest.partition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    return _start_of(int(pid)) != start


def _start_of(pid: int) -> str:
    """Return the start time of a process in kernel ticks; empty if it has ended.

    Zombie processes count as ended.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self").exists() else "unknown"
    return "" if fields[0] == "Z" else fields[19]


class Lease:
    """Exclusive right of this process to work on an operation."""

    def __init__(self, operation_id: int, watch: Watch) -> None:
        self.operation_id = operation_id
        self._watch = watch
        self._owner = this_process()

    @classmethod
    def take(
        cls, operation_id: int, statuses: frozenset[Status], watch: Watch
    ) -> Self | None:
        """Acquire the lease if the operation needs work and has no other lease.

        Args:
            operation_id: The operation's key.
            statuses: Statuses in which the operation needs this work.
            watch: Called after each page.
        """
        lease = cls(operation_id, watch)
        now = timezone.now()
        is_free = (
            Q(lease_owner__in=("", lease._owner))
            | Q(lease_expires_at=None)
            | Q(lease_expires_at__lt=now)
        )
        wanted = ImportOperation.objects.filter(
            is_free, pk=operation_id, is_valid=True, status__in=statuses
        )
        taken = wanted.change(
            lease_owner=lease._owner,
            lease_expires_at=now + DURATION,
            heartbeat_at=now,
        )
        return lease if taken == 1 else None

    def renew(self, **values: Any) -> None:
        """Update columns of the operation, within every page's transaction.

        The row lock orders the page before or after a cancellation or takeover.

        Raises:
            LeaseLostError: The page must not be committed.
        """
        now = timezone.now()
        held = ImportOperation.objects.filter(
            pk=self.operation_id, is_valid=True, lease_owner=self._owner
        )
        renewed = held.change(
            heartbeat_at=now, lease_expires_at=now + DURATION, **values
        )
        if renewed != 1:
            raise LeaseLostError

    def check(self) -> None:
        """Check between two attempts of a step that the lease is still valid.

        It counts as valid while the database is unavailable.

        Raises:
            LeaseLostError: The operation was cancelled, replaced or taken over.
            StoppedError: The process is shutting down.
        """
        check_stop()
        held = ImportOperation.objects.filter(
            pk=self.operation_id, is_valid=True, lease_owner=self._owner
        )
        with suppress(Error):
            if not held.exists():
                raise LeaseLostError

    def end_page(self) -> None:
        """Call `watch` and check for a shutdown, between two pages.

        Raises:
            StoppedError: The process is shutting down.
            StorageFullError: The disk has no space for another page.
        """
        self._watch()
        check_stop()
        check_room()

    def release(self) -> None:
        """Release the lease so that the next worker can resume at once."""
        ImportOperation.objects.filter(
            pk=self.operation_id, lease_owner=self._owner
        ).change(lease_owner="", lease_expires_at=timezone.now())
