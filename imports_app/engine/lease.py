"""Leases on operations: one worker at a time, renewed with every page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, Self, TypeAlias

from django.db.models import Q
from django.db.utils import Error
from django.utils import timezone

from config.processes import this_process
from imports_app.engine.disk_reserve import check_free_space
from imports_app.engine.retries import check_stop, retry_on_disconnect
from imports_app.models import ImportOperation
from imports_app.querysets.operations import ImportOperationQuerySet
from imports_app.statuses import Status

Watch: TypeAlias = Callable[[], None]

DURATION: Final = timedelta(seconds=60)
"""Duration of a lease without renewal."""


class LeaseLostError(Exception):
    """The operation was cancelled, or another process took it over."""


class Lease:
    """Exclusive right of this process to work on an operation."""

    def __init__(self, operation_id: int, watch: Watch) -> None:
        self.operation_id = operation_id
        self._watch = watch
        self.owner = this_process()
        """Name of this process."""

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
            Q(lease_owner__in=("", lease.owner))
            | Q(lease_expires_at=None)
            | Q(lease_expires_at__lt=now)
        )
        wanted = ImportOperation.objects.filter(
            is_free, pk=operation_id, is_valid=True, status__in=statuses
        )
        taken = wanted.change(
            lease_owner=lease.owner,
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
        held = self._held()
        if held.change(heartbeat_at=now, **self._extension(now), **values) != 1:
            raise LeaseLostError

    def check(self) -> None:
        """Check between two attempts of a step that the lease is still valid.

        It counts as valid while the database is unavailable.

        Raises:
            LeaseLostError: The operation was cancelled, replaced or taken over.
            StoppedError: The process is shutting down.
        """
        check_stop()
        with suppress(Error):
            if not self._held().exists():
                raise LeaseLostError

    def keep(self) -> None:
        """Renew the lease during a long step, also if the database is unavailable.

        Raises:
            LeaseLostError: The operation was cancelled, replaced or taken over.
            StoppedError: The process is shutting down.
        """
        retry_on_disconnect(self.renew, check=self.check)

    def end_page(self) -> None:
        """Call `watch` and check for a shutdown, between two pages.

        Raises:
            StoppedError: The process is shutting down.
            StorageFullError: The disk has no space for another page.
        """
        self._watch()
        check_stop()
        check_free_space()

    def _held(self) -> ImportOperationQuerySet:
        """Filter the operation if this process holds its lease."""
        return ImportOperation.objects.valid().filter(
            pk=self.operation_id, lease_owner=self.owner
        )

    def _extension(self, now: datetime) -> dict[str, Any]:
        """Return the columns that extend the lease."""
        return {"lease_expires_at": now + DURATION}

    def release(self) -> None:
        """Release the lease so that the next worker can resume at once."""
        ImportOperation.objects.filter(
            pk=self.operation_id, lease_owner=self.owner
        ).change(lease_owner="", lease_expires_at=timezone.now())


class AssistantLease(Lease):
    """Right of another process to convert parts while messages are imported.

    Parts have their own leases; the operation's lease stays with its worker.
    """

    def _held(self) -> ImportOperationQuerySet:
        return ImportOperation.objects.valid().filter(
            pk=self.operation_id, status=Status.IMPORTING_MESSAGES
        )

    def _extension(self, now: datetime) -> dict[str, Any]:
        return {}

    def release(self) -> None:
        """Do nothing: the operation's lease belongs to another process."""
