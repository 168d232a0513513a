"""Lease on an export: one worker at a time, each attempt with its own number."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.db.models import F, Q
from django.utils import timezone

from config.processes import has_ended, this_process
from imports_app.engine.disk_reserve import check_free_space
from imports_app.engine.lease import DURATION, LeaseLostError
from imports_app.engine.retries import check_stop, retry_on_disconnect
from imports_app.models import ExportState, WorkspaceExport
from imports_app.querysets.outgoing.exports import WorkspaceExportQuerySet

_FREE: Final[dict[str, Any]] = {"lease_owner": "", "lease_expires_at": None}
_RENEWAL_SECONDS: Final = 1.0


class ExportLease:
    """Exclusive right of this process to write an export.

    It is lost if the export is cancelled or deleted, or after `DURATION` without
    renewal, when another attempt begins.
    """

    def __init__(self, export: WorkspaceExport, watch: Callable[[], None]) -> None:
        self.export = export
        self._watch = watch
        self._done = 0
        self._next = 0.0

    @classmethod
    def take(cls, export_id: int, watch: Callable[[], None]) -> Self | None:
        """Begin an attempt if the export is active and has no other lease.

        Args:
            export_id: Key of the export.
            watch: Called after each page.
        """
        now = timezone.now()
        owner = this_process()
        is_free = (
            Q(lease_owner__in=("", owner))
            | Q(lease_expires_at=None)
            | Q(lease_expires_at__lt=now)
        )
        wanted = WorkspaceExport.objects.active().filter(is_free, pk=export_id)
        taken = wanted.change(
            state=ExportState.RUNNING,
            lease_owner=owner,
            attempt=F("attempt") + 1,
            started_at=now,
            done=0,
            **_extension(now),
        )
        if not taken:
            return None
        export = WorkspaceExport.objects.get(pk=export_id)
        return cls(export, watch) if export.lease_owner == owner else None

    def count(self, messages: int) -> None:
        """Add to the number of messages, after each page.

        Raises:
            LeaseLostError: The export was cancelled, deleted or taken over.
            StoppedError: The process is shutting down.
            StorageFullError: The disk has no space for another page.
        """
        self._done += messages
        self._renew()
        self._watch()
        check_stop()
        check_free_space()

    def keep(self) -> None:
        """Renew the lease within a long step, at most once a second.

        Raises:
            LeaseLostError: The export was cancelled, deleted or taken over.
            StoppedError: The process is shutting down.
            StorageFullError: The disk has no space for more.
        """
        if time.monotonic() >= self._next:
            check_stop()
            check_free_space()
            self._renew()

    def end(self, state: ExportState, **values: Any) -> None:
        """End the export.

        Raises:
            LeaseLostError: The export was cancelled, deleted or taken over.
        """
        self._change(state=state, finished_at=timezone.now(), **values, **_FREE)

    def release(self) -> None:
        """Release the lease so that the next worker can start immediately."""
        self._held().change(state=ExportState.WAITING, **_FREE)

    def _renew(self) -> None:
        self._next = time.monotonic() + _RENEWAL_SECONDS
        self._change(done=self._done, **_extension(timezone.now()))

    def _change(self, **values: Any) -> None:
        def change() -> None:
            if self._held().change(**values) != 1:
                raise LeaseLostError

        retry_on_disconnect(change)

    def _held(self) -> WorkspaceExportQuerySet:
        return WorkspaceExport.objects.filter(
            pk=self.export.pk,
            state=ExportState.RUNNING,
            attempt=self.export.attempt,
        )


def _extension(now: datetime) -> dict[str, Any]:
    return {"heartbeat_at": now, "lease_expires_at": now + DURATION}


def release_expired_export_leases() -> list[WorkspaceExport]:
    """Release the leases of dead workers, and return the exports to enqueue again.

    If several processes run this concurrently, only one gets each export.
    """
    now = timezone.now()
    found = []
    for export in WorkspaceExport.objects.active():
        expires = export.lease_expires_at
        if expires is not None and expires > now and not has_ended(export.lease_owner):
            continue
        same = WorkspaceExport.objects.active().filter(
            pk=export.pk, lease_owner=export.lease_owner, lease_expires_at=expires
        )
        if same.change(lease_owner="", lease_expires_at=now + _PATIENCE) == 1:
            found.append(export)
    return found


_PATIENCE: Final = timedelta(seconds=60)
"""Time until an export that no worker began is enqueued again."""
