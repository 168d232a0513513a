"""Download of an import's file from its URL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction

from config.errors import TooLargeError
from imports_app.downloads.addresses import redacted
from imports_app.downloads.http import FetchError, fetching
from imports_app.engine.downloads.parallel import fetch_limits, with_retries
from imports_app.engine.lease import Lease
from imports_app.engine.retries import (
    check_stop,
    retry_on_disconnect,
    retry_on_outage,
    run_watched,
)
from imports_app.errors import SourceError, UploadQuotaError
from imports_app.importers.base import ImportContext, Importer
from imports_app.importers.reading_options import ReadingOptions
from imports_app.models import ImportOperation
from imports_app.sources.limits import ArchiveLimits
from imports_app.statuses import Status
from imports_app.transitions import LEASE_ENDED, SERVER, move_operation
from imports_app.uploads.incoming import Received, receive
from imports_app.uploads.quota import check_quota
from imports_app.uploads.storage import place_file, share_file

_RENEWED_EVERY: Final = 1.0
"""Seconds between checks of whether the operation was cancelled."""


def download_file(
    operation: ImportOperation,
    importer: type[Importer],
    lease: Lease,
    limits: ArchiveLimits,
) -> None:
    """Download the operation's file; an interrupted download starts again.

    Raises:
        SourceError: The download failed.
        StorageUnavailableError: The shared storage is unavailable.
        LeaseLostError: The operation was cancelled or taken over.
        StoppedError: The process is shutting down.
    """
    try:
        received = with_retries(lambda: _receive(operation.source_url, lease))
    except FetchError as error:
        shown = redacted(operation.source_url)
        msg = f"The file {shown} could not be downloaded: {error.message}."
        raise SourceError(error.code, msg) from error
    try:
        options = ReadingOptions.from_json(operation.reading_options)
        context = ImportContext(
            received.path, limits, options=options, file_name=operation.file_name
        )
        importer().check(context)
        share = partial(share_file, received, operation.public_id)
        run_watched(partial(retry_on_outage, share), watch=lease.keep)

        @transaction.atomic
        def load() -> None:
            operation.refresh_from_db()
            if operation.status != Status.DOWNLOADING_FILE:
                return  # already committed by an attempt whose answer was lost
            lease.renew()
            _check_quota(operation, received)
            place_file(received, operation)
            move_operation(
                operation=operation,
                to=Status.FILE_LOADED,
                actor=SERVER,
                file_size=received.size,
                file_digest=received.digest,
                report=context.report.as_json(),
                source_url="",
                **LEASE_ENDED,
            )

        retry_on_disconnect(load, check=lease.check)
    finally:
        with suppress(OSError):
            received.path.unlink()


def _check_quota(operation: ImportOperation, received: Received) -> None:
    try:
        check_quota(
            operation.user,
            size=received.size,
            path=received.path,
            without=operation.public_id,
        )
    except UploadQuotaError as error:
        raise SourceError(str(error.code), error.message) from error


def _receive(url: str, lease: Lease) -> Received:
    limits = fetch_limits(settings.FILE_MAX_BYTES)
    with fetching(url, limits) as fetched:
        try:
            return receive(_watched(fetched.chunks, lease), limits.bytes)
        except TooLargeError as error:
            raise FetchError("fetch-too-large", error.message) from error


def _watched(chunks: Iterator[bytes], lease: Lease) -> Iterator[bytes]:
    """Yield chunks while regularly checking the lease."""
    renewed = time.monotonic()
    for chunk in chunks:
        if time.monotonic() - renewed > _RENEWED_EVERY:
            check_stop()
            lease.keep()
            renewed = time.monotonic()
        yield chunk
