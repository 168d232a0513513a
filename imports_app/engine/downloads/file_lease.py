"""Lease on the download of an import's linked files: one worker at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, Self

from django.db.models import Q
from django.db.utils import Error
from django.utils import timezone

from config.processes import has_ended, this_process
from imports_app.engine.lease import DURATION, LeaseLostError
from imports_app.engine.retries import check_stop, retry_on_disconnect
from imports_app.models import DownloadState, FileDownload
from imports_app.querysets.linked_files import FileDownloadQuerySet

_ENDED: Final[dict[str, Any]] = {"lease_owner": "", "lease_expires_at": None}


class FileLease:
    """Exclusive right of this process to download an import's linked files.

    It is lost if the download is stopped, or if the operation ends.
    """

    def __init__(self, download_id: int, watch: Callable[[], None]) -> None:
        self.download_id = download_id
        self.watch = watch
        """Called after each page."""
        self._owner = this_process()

    @classmethod
    def take(cls, download_id: int, watch: Callable[[], None]) -> Self | None:
        """Acquire the lease if the download is active and has no other lease."""
        lease = cls(download_id, watch)
        now = timezone.now()
        is_free = (
            Q(lease_owner__in=("", lease._owner))
            | Q(lease_expires_at=None)
            | Q(lease_expires_at__lt=now)
        )
        wanted = FileDownload.objects.running().filter(is_free, pk=download_id)
        taken = wanted.update(lease_owner=lease._owner, **_extension(now))
        return lease if taken == 1 else None

    def renew(self, **values: Any) -> None:
        """Update columns of the download, within every page's transaction.

        Raises:
            LeaseLostError: The page must not be committed.
        """
        if self._held().update(**{**_extension(timezone.now()), **values}) != 1:
            raise LeaseLostError

    def keep(self) -> None:
        """Renew the lease during a long step, also if the database is unavailable.

        Raises:
            LeaseLostError: The download was stopped or taken over.
            StoppedError: The process is shutting down.
        """
        check_stop()
        retry_on_disconnect(self.renew, check=self.check)

    def check(self) -> None:
        """Check between two attempts of a step that the lease is still valid.

        Raises:
            LeaseLostError: The download was stopped or taken over.
            StoppedError: The process is shutting down.
        """
        check_stop()
        with suppress(Error):
            if not self._held().exists():
                raise LeaseLostError

    def pass_on(self) -> None:
        """Release the lease for another task, which continues the download.

        If that task is lost, a worker recovers the download after the lease has
        expired.
        """
        self.renew(lease_owner="")

    def release(self) -> None:
        """Release the lease so that the next worker can resume at once."""
        self._held().update(lease_owner="", lease_expires_at=timezone.now())

    def end(self, state: DownloadState, error: str = "") -> None:
        """End the download.

        Raises:
            LeaseLostError: The download was stopped or taken over.
        """
        self.renew(state=state, error=error, finished_at=timezone.now(), **_ENDED)

    def _held(self) -> FileDownloadQuerySet:
        return FileDownload.objects.running().filter(
            pk=self.download_id, lease_owner=self._owner
        )


def _extension(now: datetime) -> dict[str, Any]:
    return {"heartbeat_at": now, "lease_expires_at": now + DURATION}


def release_expired_file_leases() -> list[FileDownload]:
    """Release the leases of dead workers, and return the downloads to enqueue again.

    If several processes run this concurrently, only one gets each download.
    """
    now = timezone.now()
    found = []
    for download in FileDownload.objects.running():
        expires = download.lease_expires_at
        if (
            expires is not None
            and expires > now
            and not has_ended(download.lease_owner)
        ):
            continue
        same = FileDownload.objects.running().filter(
            pk=download.pk, lease_owner=download.lease_owner, lease_expires_at=expires
        )
        if same.update(lease_owner="", lease_expires_at=now + DURATION) == 1:
            found.append(download)
    return found
