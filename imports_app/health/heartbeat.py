"""Heartbeat of a worker process."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from accounts.activity.retention import prune_expired
from accounts.activity.sealing import seal_pending
from accounts.errors import ActivityLogAlteredError
from accounts.services.activity import Author
from accounts.services.idempotency import prune_idempotent_calls
from imports_app import tasks
from imports_app.engine.background.search_indexing import wants_indexing
from imports_app.engine.deliveries.lease import DeliveryLease
from imports_app.engine.downloads.file_lease import release_expired_file_leases
from imports_app.engine.exports.lease import release_expired_export_leases
from imports_app.engine.mattermost.lease import MattermostLease
from imports_app.engine.recovery import release_expired_leases
from imports_app.models import WorkerHeartbeat
from imports_app.services.outgoing.deliveries import prune_archives
from imports_app.services.outgoing.exports import prune_exports
from imports_app.services.pruning import prune_files, prune_notices

logger = logging.getLogger(__name__)

_INTERVAL_SECONDS: Final = 10
_PRUNING_SECONDS: Final = 3600
_PRUNED_PER_BEAT: Final = 10_000
_WORKER: Final = Author(None, name="worker")
_FORGET_AFTER: Final = timedelta(days=1)


class Heartbeat:
    """Context manager that writes the process's heartbeat from a background thread.

    Each beat also recovers operations of dead workers, enqueues search indexing,
    maintains the activity log and removes old uploads. Database errors are logged and
    retried at the next beat.
    """

    def __init__(self) -> None:
        self._worker_id = uuid4().hex
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._next_pruning = 0.0
        self._next_cleanup = 0.0

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(timeout=_INTERVAL_SECONDS)

    def _run(self) -> None:
        self._attempt(self._delete_dead_workers)
        while True:
            self._attempt(self._beat)
            self._attempt(_recover_operations)
            self._attempt(_enqueue_indexing)
            self._attempt(self._maintain_activity_log)
            self._attempt(self._remove_old_uploads)
            if self._stopping.wait(_INTERVAL_SECONDS):
                break
        self._attempt(self._end)

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Error:
            logger.exception("A heartbeat task failed")
        finally:
            connection.close()

    def _beat(self) -> None:
        WorkerHeartbeat.objects.update_or_create(
            worker_id=self._worker_id,
            defaults={"seen_at": timezone.now()},
            create_defaults={"host": socket.gethostname(), "pid": os.getpid()},
        )

    def _end(self) -> None:
        WorkerHeartbeat.objects.filter(worker_id=self._worker_id).delete()

    def _maintain_activity_log(self) -> None:
        """Seal pending entries; prune expired ones, hourly if there are none."""
        seal_pending()
        if time.monotonic() < self._next_pruning:
            return
        try:
            pruned = prune_expired(by=_WORKER, at_most=_PRUNED_PER_BEAT)
        except ActivityLogAlteredError as error:
            logger.error("The activity log was not pruned: %s", error.message)
            pruned = 0
        if not pruned:
            self._next_pruning = time.monotonic() + _PRUNING_SECONDS

    def _remove_old_uploads(self) -> None:
        """Remove uploads, notices and repeatable calls past their time, hourly."""
        if time.monotonic() < self._next_cleanup:
            return
        self._next_cleanup = time.monotonic() + _PRUNING_SECONDS
        before = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
        prune_notices(before=before)
        prune_idempotent_calls()
        try:
            removed = prune_files(before=before) + prune_exports(before=before)
            removed += prune_archives(before=before)
        except OSError:
            logger.exception("Old uploads were not removed")
            return
        if removed:
            logger.info("Removed %s old uploads", removed)

    def _delete_dead_workers(self) -> None:
        long_ago = timezone.now() - _FORGET_AFTER
        WorkerHeartbeat.objects.filter(seen_at__lt=long_ago).delete()


def _recover_operations() -> None:
    for operation in release_expired_leases():
        logger.info("%s: recovered", operation.public_id)
        tasks.enqueue(operation)
    for download in release_expired_file_leases():
        logger.info("File download %s: recovered", download.pk)
        tasks.enqueue_file_download(download)
    for delivery in DeliveryLease.release_due():
        tasks.enqueue_delivery(delivery)
    for job in MattermostLease.release_due():
        tasks.enqueue_mattermost_import(job)
    for export in release_expired_export_leases():
        logger.info("Export %s: recovered", export.public_id)
        tasks.enqueue_export(export)


def _enqueue_indexing() -> None:
    if wants_indexing():
        tasks.index.enqueue()
