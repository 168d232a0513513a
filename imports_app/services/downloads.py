"""Downloads: the file of an import, and pending files and avatars."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from imports_app import tasks
from imports_app.downloads.addresses import (
    BadAddressError,
    ForbiddenAddressError,
    find_target,
    redacted,
    split_url,
)
from imports_app.downloads.http import FetchError, FetchLimits, fetching
from imports_app.engine.downloads.parallel import fetch_limits
from imports_app.engine.downloads.pending import PENDING
from imports_app.engine.lease import DURATION
from imports_app.errors import (
    DownloadRefusedError,
    ImporterNotDefinedError,
    ImportFileMissingError,
)
from imports_app.importers.base import Importer
from imports_app.importers.reading_options import DETECTED
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.services.operations import create_operation
from imports_app.services.uploading.reading_options import add_remembered_columns
from imports_app.services.uploading.uploads import check_upload_quota, stored_name
from imports_app.statuses import Status
from imports_app.transitions import Actor, fail_operation, move_operation

_DETAILS: Final = "downloadPublicImportFile"
_ANSWER_SECONDS: Final = 15.0
"""Limit for the first request to the remote server, which the caller waits for."""
_LONGEST_NAME: Final = 255


@transaction.atomic
def start_pending(
    *,
    importer: type[Importer],
    actor: Actor,
    parent: ImportOperation | None = None,
    may_replace: Collection[int] | None = None,
) -> tuple[ImportOperation, int]:
    """Start an operation that downloads pending files (wire-api.md 2.7 and 2.8).

    Args:
        importer: Importer that downloads a kind of files.
        actor: Who starts it.
        parent: The operation whose failed downloads are retried.
        may_replace: As for `create_operation`.

    Returns:
        The operation and the number of pending files; without any, it is done.

    Raises:
        OperationInProgressError: Another import is active.
    """
    if importer.fetches is None:
        raise ImporterNotDefinedError.of(importer.key, "startPending")
    operation = create_operation(
        actor=actor,
        importer_key=importer.key,
        importer_name=importer.name,
        parent=parent,
        may_replace=may_replace,
    )
    move_operation(operation=operation, to=Status.PREPARING_STARTED, actor=actor)
    count = PENDING[importer.fetches].count()
    if count == 0:
        move_operation(operation=operation, to=Status.DONE, actor=actor)
        return operation, 0
    now = timezone.now()
    move_operation(
        operation=operation,
        to=Status.IMPORTING_FILES,
        actor=actor,
        count_total=count,
        count_messages=count,
        count_completed=0,
        count_error=0,
        run_started_at=now,
        lease_expires_at=now + DURATION,
    )
    tasks.enqueue(operation)
    return operation, count


def start_download(
    *,
    actor: Actor,
    importer_key: str,
    url: str,
    may_replace: Collection[int] | None = None,
) -> ImportOperation:
    """Enqueue downloading an import's file (wire-api.md 2.2).

    The remote server is requested once while the caller waits, so that a wrong URL
    fails at once.

    Args:
        actor: Who starts the import.
        importer_key: Key of the importer that reads the file.
        url: URL of the file.
        may_replace: As for `create_operation`.

    Raises:
        UploadQuotaError: The user's upload quota is exceeded.
        OperationInProgressError: Another import is active.
        ImporterNotDefinedError: No importer has this key.
        ImportFileMissingError: The URL is not valid or leads into a private network.
        DownloadRefusedError: The file can't be downloaded; the operation has failed.
    """
    importer = find_importer(importer_key)
    if importer is None:
        raise ImporterNotDefinedError.of(importer_key, "downloadImportFile")
    check_upload_quota(actor)
    try:
        split_url(url)
        find_target(url, fetch_limits().allowed_hosts)
    except ForbiddenAddressError as error:
        msg = f"{redacted(url)}: {error}"
        raise ImportFileMissingError(msg, details=_DETAILS) from error
    except BadAddressError as error:
        raise ImportFileMissingError(redacted(url), details=_DETAILS) from error
    operation = _begin(actor, importer, url, may_replace)
    limits = fetch_limits(settings.FILE_MAX_BYTES)
    brief = FetchLimits(
        bytes=limits.bytes,
        idle_seconds=min(limits.idle_seconds, _ANSWER_SECONDS),
        total_seconds=min(limits.total_seconds, _ANSWER_SECONDS),
        allowed_hosts=limits.allowed_hosts,
    )
    try:
        with fetching(url, brief):
            pass
    except FetchError as error:
        message = f"{redacted(url)}: {error.message}."
        fail_operation(
            operation=operation, code=error.code, message=message, actor=actor
        )
        raise DownloadRefusedError(error.message) from error
    tasks.enqueue(operation)
    return operation


@transaction.atomic
def _begin(
    actor: Actor,
    importer: type[Importer],
    url: str,
    may_replace: Collection[int] | None,
) -> ImportOperation:
    operation = create_operation(
        actor=actor,
        importer_key=importer.key,
        importer_name=importer.name,
        may_replace=may_replace,
    )
    move_operation(
        operation=operation,
        to=Status.UPLOADING,
        actor=actor,
        file_name=stored_name(operation, _file_name(url)),
        reading_options=add_remembered_columns(
            importer, DETECTED, actor.user
        ).as_json(),
    )
    move_operation(
        operation=operation,
        to=Status.DOWNLOADING_FILE,
        actor=actor,
        source_url=url,
        lease_expires_at=timezone.now() + DURATION,
    )
    return operation


def _file_name(url: str) -> str:
    """Return the last part of a URL's path as a safe file name."""
    last = unquote(urlsplit(url).path).replace("\\", "/").rpartition("/")[2]
    return last.replace("\0", "")[:_LONGEST_NAME] or "download"
