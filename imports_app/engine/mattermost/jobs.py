"""Job that sends the archive of an export to Mattermost and follows its import."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, Never

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from config.db.errors import unavailability_of
from config.db.ids import new_public_id
from config.errors import DomainError
from imports_app.engine.exports.archives import local_archive
from imports_app.engine.exports.errors import ExportNotStoredError
from imports_app.engine.exports.jobs import SEND_PERMISSIONS
from imports_app.engine.lease import LeaseLostError
from imports_app.engine.mattermost.errors import (
    SenderNotAllowedError,
    ServerDisabledError,
)
from imports_app.engine.mattermost.lease import MattermostLease
from imports_app.engine.mattermost.sending import (
    Archive,
    Progress,
    SendOptions,
    SentArchive,
    send_archive,
)
from imports_app.engine.retries import StoppedError, retry_on_disconnect
from imports_app.engine.servers.clients import mattermost_client
from imports_app.engine.turns import WaitError
from imports_app.errors import StorageUnavailableError
from imports_app.models import MattermostImport, MattermostImportState, MattermostPhase
from imports_app.remote.errors import RemoteError

logger = logging.getLogger(__name__)

_MOST_ATTEMPTS: Final = 60
"""Maximum number of consecutive failed calls, about an hour and a half."""
_LONGEST_WAIT: Final = 120.0
_LONGEST_ERROR: Final = 1000
_ARCHIVE_DELETED: Final = (
    "The archive of the export was deleted or changed. Start the export again, then"
    " send the new archive."
)
_DONE_BEFORE: Final = (
    "Mattermost has already imported this archive, so it was not imported again."
)


def send_export(import_id: int) -> None:
    """Process an import into Mattermost for one turn, if it has no other lease.

    A turn ends when it has to wait for Mattermost; the worker's heartbeat enqueues the
    next one.
    """
    lease = retry_on_disconnect(lambda: MattermostLease.take(import_id))
    if lease is None:
        return
    try:
        _Turn(lease).take()
    except LeaseLostError:
        logger.info("import %s: cancelled, or taken over", import_id)
    except StoppedError:
        logger.info("import %s: released for the next worker", import_id)
        with suppress(OperationalError, InterfaceError):
            lease.release()
    except Exception as error:
        if not isinstance(error, OperationalError | InterfaceError) or (
            unavailability_of(error) is None
        ):
            _fail(lease, *_describe(import_id, error))
        raise  # if the database is unavailable, the lease expires


class _Turn:
    def __init__(self, lease: MattermostLease) -> None:
        self._lease = lease
        self._job = MattermostImport.objects.with_names().get(pk=lease.key)

    def take(self) -> None:
        """Send the archive, or continue.

        Raises:
            LeaseLostError: The import was cancelled or taken over.
            StoppedError: The process is shutting down.
        """
        try:
            self._begin()
            sent = self._send()
        except WaitError as waits:
            self._lease.wait(waits, attempts=0)
        except RemoteError as error:
            if error.is_temporary and self._job.attempts < _MOST_ATTEMPTS:
                self._try_later(error, error.retry_after)
            else:
                _fail(self._lease, str(error.code), error.message)
        except StorageUnavailableError as error:
            if self._job.attempts < _MOST_ATTEMPTS:
                self._try_later(error)
            else:
                _fail(self._lease, str(error.code), error.message)
        except DomainError as error:
            _fail(self._lease, str(error.code), error.message)
        else:
            self._lease.end(
                MattermostImportState.COMPLETED,
                note=_DONE_BEFORE if sent.was_imported_before else "",
                phase=MattermostPhase.IMPORTING,
                bytes_sent=self._job.bytes_total,
                attempts=0,
                finished_at=timezone.now(),
            )

    def _begin(self) -> None:
        """Check that sending the archive is still allowed.

        Raises:
            SenderNotAllowedError: The initiator lost a permission, or was deleted.
            ServerDisabledError: The server was disabled.
        """
        job = self._job
        if not job.server.is_enabled:
            raise ServerDisabledError
        if not job.was_started:
            starter = job.starter
            if (
                starter is None
                or not starter.is_active
                or not all(map(starter.has_perm, SEND_PERMISSIONS))
            ):
                raise SenderNotAllowedError
        if job.state == MattermostImportState.WAITING:
            state = MattermostImportState.RUNNING
            self._lease.store(state=state, started_at=timezone.now())

    def _send(self) -> SentArchive:
        job = self._job
        return send_archive(
            mattermost_client(job.server),
            Archive(job.bytes_total, job.digest, self._open),
            Progress(
                on_bytes=self._on_bytes,
                on_note=self._on_note,
                on_start=self._on_start,
                pause=self._pause,
            ),
            SendOptions(
                repeats=job.repeats,
                attempts=1,
                previous_job=job.previous_job if job.was_started else None,
            ),
        )

    @contextmanager
    def _open(self) -> Iterator[Path]:
        """Return the archive.

        Raises:
            ExportNotStoredError: The archive was deleted or changed.
            StorageUnavailableError: The shared storage is unavailable.
        """
        job = self._job
        if job.export is None or not job.export.has_archives:
            raise ExportNotStoredError(_ARCHIVE_DELETED)
        try:
            with local_archive(job.export, job.archive, self._lease.keep) as path:
                if path.stat().st_size != job.bytes_total:
                    raise ExportNotStoredError(_ARCHIVE_DELETED)
                yield path
        except FileNotFoundError as error:
            raise ExportNotStoredError(_ARCHIVE_DELETED) from error

    def _on_bytes(self, sent: int, _total: int) -> None:
        if sent > self._job.bytes_sent:
            self._job.attempts = 0
        self._job.bytes_sent = sent
        self._lease.store_upload(bytes_sent=sent, note="", attempts=self._job.attempts)

    def _on_start(self, previous: str) -> None:
        self._lease.store(was_started=True, previous_job=previous)

    def _on_note(self, note: str) -> None:
        self._job.note = note
        self._lease.store(
            phase=MattermostPhase.IMPORTING,
            bytes_sent=self._job.bytes_total,
            note=note,
        )

    def _pause(self, seconds: float) -> Never:
        """End the turn while Mattermost is working."""
        raise WaitError(seconds, self._job.note)

    def _try_later(self, error: DomainError, seconds: float | None = None) -> None:
        attempts = self._job.attempts
        pause = seconds or min(2.0**attempts, _LONGEST_WAIT)
        note = f"{error.message} The next attempt is in {pause:.0f} seconds."
        self._lease.wait(WaitError(pause, note), attempts=attempts + 1)


def _fail(lease: MattermostLease, code: str, message: str) -> None:
    end = partial(
        lease.end,
        MattermostImportState.FAILED,
        error_code=code,
        error=message[:_LONGEST_ERROR],
        finished_at=timezone.now(),
    )
    with suppress(LeaseLostError):
        retry_on_disconnect(end)


def _describe(import_id: int, error: Exception) -> tuple[str, str]:
    reference = new_public_id()[:8]
    logger.error(
        "import %s: failed, reference %s\n%s",
        import_id,
        reference,
        "".join(traceback.format_exception(error)),
    )
    return (
        "error-internal",
        "Something went wrong on the server. Send the archive again. If it fails again,"
        f" ask the administrator to search the server's log for {reference}.",
    )
