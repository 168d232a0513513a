"""One worker at a time: a lease on the operation, renewed by every page."""

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
"""How long a silent process keeps others out."""


class LeaseLostError(Exception):
    """The operation was cancelled, or another process works on it now."""


def this_process() -> str:
    """Return a name that no other process has, now or after a restart."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_start_of(pid)}"


def is_gone(owner: str) -> bool:
    """Tell whether a process was on this machine and is no more."""
    host, _colon, rest = owner.partition(":")
    pid, _colon, start = rest.partition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    return _start_of(int(pid)) != start


def _start_of(pid: int) -> str:
    """Return when a process started, in the kernel's ticks; empty if there is none.

    A dead process that nobody has waited for yet counts as gone.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self").exists() else "unknown"
    return "" if fields[0] == "Z" else fields[19]


class Lease:
    """The right of this process to work on an operation."""

    def __init__(self, operation_id: int, watch: Watch) -> None:
        self.operation_id = operation_id
        self._watch = watch
        self._owner = this_process()

    @classmethod
    def take(
        cls, operation_id: int, statuses: frozenset[Status], watch: Watch
    ) -> Self | None:
        """Take the lease if the operation wants work and nobody else has it.

        Args:
            operation_id: The operation's key.
            statuses: Where it must stand to want this work.
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
        """Write columns of the operation; it belongs into every page's transaction.

        The row's lock makes sure that whoever ends the operation, or takes it over,
        comes before the page or after it.

        Raises:
            LeaseLostError: The page must not be written.
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
        """Check that the work is still wanted, between two tries of a step.

        While the database can't answer, it is.

        Raises:
            LeaseLostError: The operation was cancelled, replaced or taken over.
            StoppedError: The process is to end.
        """
        check_stop()
        held = ImportOperation.objects.filter(
            pk=self.operation_id, is_valid=True, lease_owner=self._owner
        )
        with suppress(Error):
            if not held.exists():
                raise LeaseLostError

    def end_page(self) -> None:
        """Do what is to be done between two pages.

        Raises:
            StoppedError: The process is to end.
            StorageFullError: The disk has no room for another page.
        """
        self._watch()
        check_stop()
        check_room()

    def give_back(self) -> None:
        """Let the next worker go on at once."""
        ImportOperation.objects.filter(
            pk=self.operation_id, lease_owner=self._owner
        ).change(lease_owner="", lease_expires_at=timezone.now())
