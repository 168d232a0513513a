"""Download of the files that an import's messages link to, before the run."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import ActivityEntry
from accounts.services.activity import ChangedState, record_changes
from config.db.clock import now_in_milliseconds
from imports_app import tasks
from imports_app.engine.lease import DURATION
from imports_app.errors import (
    FilesDownloadingError,
    OperationUnusableError,
    OperationUnusableStatusError,
)
from imports_app.importers.slack.content.files import FILES_TO_DOWNLOAD
from imports_app.models import (
    DownloadState,
    FileDownload,
    ImportOperation,
    LinkedFile,
    LinkedFileState,
)
from imports_app.statuses import Status
from imports_app.transitions import Actor


def count_links(operation: ImportOperation) -> int:
    """Return the number of links to files in messages of the source."""
    number: int = operation.report.get("facts", {}).get(FILES_TO_DOWNLOAD, 0)
    return number


@transaction.atomic
def start_file_download(*, operation: ImportOperation, actor: Actor) -> FileDownload:
    """Start downloading the linked files, or continue after a stop or failures.

    Files that are no longer available are not tried again. If the download is in
    progress or complete, nothing changes.

    Raises:
        OperationUnusableError: The operation is no longer valid.
        OperationUnusableStatusError: The operation does not wait for a review.
    """
    row = ImportOperation.objects.select_for_update().get(pk=operation.pk)
    if not row.is_valid:
        raise OperationUnusableError
    if row.status != Status.USER_SELECTION:
        raise OperationUnusableStatusError
    download = FileDownload.objects.of(row)
    now = timezone.now()
    if download is None:
        download = FileDownload.objects.create(
            operation=row, lease_expires_at=now + DURATION
        )
    elif download.is_running or not (download.failed or download.is_incomplete):
        return download
    else:
        failed = LinkedFile.objects.filter(
            download=download, state=LinkedFileState.FAILED
        )
        failed.update(state=LinkedFileState.WAITING, code="", reason="")
        download.state = DownloadState.RUNNING
        download.failed, download.error, download.finished_at = 0, "", None
        download.started_at = now_in_milliseconds()
        download.lease_owner, download.lease_expires_at = "", now + DURATION
        download.save()
    tasks.enqueue_file_download(download)
    _log(row, "started", actor)
    return download


@transaction.atomic
def stop_file_download(
    *, operation: ImportOperation, actor: Actor
) -> FileDownload | None:
    """Stop the download of the linked files; files downloaded so far are kept.

    Returns:
        The download, which can be continued; `None` if there is none.
    """
    running = FileDownload.objects.filter(
        operation=operation, state=DownloadState.RUNNING
    )
    stopped = running.update(
        state=DownloadState.STOPPED,
        finished_at=timezone.now(),
        lease_owner="",
        lease_expires_at=None,
    )
    if stopped:
        _log(operation, "stopped", actor)
    return FileDownload.objects.of(operation)


def refuse_during_download(operation: ImportOperation) -> None:
    """Refuse a start while files are being downloaded.

    Call it in the transaction of the start, which then waits for a transaction that
    starts the download.

    Raises:
        FilesDownloadingError: The download is in progress.
    """
    ImportOperation.objects.select_for_update().get(pk=operation.pk)
    if FileDownload.objects.running().filter(operation=operation).exists():
        raise FilesDownloadingError


def _log(operation: ImportOperation, what: str, actor: Actor) -> None:
    change = ChangedState(
        ActivityEntry.Subject.IMPORT, str(operation), {}, {"linked files": what}
    )
    record_changes([change], by=actor.author)
