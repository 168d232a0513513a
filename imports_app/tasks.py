"""Background tasks; each takes an operation ID and calls the engine."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task

from imports_app.engine import jobs
from imports_app.engine.background.cleanup import delete_unprocessed
from imports_app.engine.background.search_indexing import index_messages
from imports_app.engine.changes.jobs import compute_stored_changes
from imports_app.engine.deliveries import job
from imports_app.engine.downloads.linked_contents import discard_linked_files
from imports_app.engine.downloads.linked_files import download_linked_files
from imports_app.engine.exports.jobs import run_export
from imports_app.engine.mattermost.jobs import send_export
from imports_app.engine.plans.jobs import compute_stored
from imports_app.models import (
    Delivery,
    FileDownload,
    ImportOperation,
    ImportPlan,
    MattermostImport,
    SourceChanges,
    WorkerHeartbeat,
    WorkspaceExport,
)
from imports_app.statuses import PREPARING, Status

_ALIVE: Final = timedelta(seconds=30)
"""A worker without a heartbeat for this long is not asked for help."""


@task()
def prepare(operation_id: int) -> None:
    """Read and stage an operation's file."""
    jobs.prepare(operation_id, request_help=partial(_request_help, operation_id))


@task()
def run(operation_id: int) -> None:
    """Import the staged records of an operation."""
    jobs.run(operation_id, request_help=partial(_request_help, operation_id))


@task()
def assist(operation_id: int) -> None:
    """Import messages of an operation that another worker is running."""
    jobs.assist(operation_id)


@task()
def download(operation_id: int) -> None:
    """Download an operation's file."""
    jobs.download(operation_id)


@task()
def plan(plan_id: int) -> None:
    """Compute the preview of an operation."""
    compute_stored(plan_id)


@task()
def compare(changes_id: int) -> None:
    """Compare the file of an operation with earlier imports of the same source."""
    compute_stored_changes(changes_id)


@task()
def discard(operation_id: int) -> None:
    """Delete the unprocessed records of an ended operation."""
    if not delete_unprocessed(operation_id):
        discard.enqueue(operation_id)


@task()
def download_files(download_id: int) -> None:
    """Download the files that an import's messages link to, before the run."""
    if download_linked_files(download_id, jobs.limits()):
        download_files.enqueue(download_id)


@task()
def discard_files(download_id: int) -> None:
    """Delete the files that were downloaded before a run that will not happen."""
    discard_linked_files(download_id)


@task()
def deliver(delivery_id: int) -> None:
    """Send the workspace to a server, for one turn."""
    job.deliver(delivery_id)


@task()
def export(export_id: int) -> None:
    """Write an export of the workspace."""
    run_export(export_id)


@task()
def send_to_mattermost(import_id: int) -> None:
    """Send an export to Mattermost, or follow its import there, for one turn."""
    send_export(import_id)


@task()
def index() -> None:
    """Add new and changed messages to the search index."""
    index_messages()


def enqueue_discard(operation: ImportOperation) -> None:
    """Enqueue deleting the unprocessed records of an ended operation."""
    _enqueue(discard, operation)


def enqueue_file_download(download: FileDownload) -> None:
    """Enqueue downloading the files that an import's messages link to."""
    _enqueue(download_files, download)


def enqueue_file_discard(download: FileDownload) -> None:
    """Enqueue deleting the files that no run will use."""
    _enqueue(discard_files, download)


def enqueue_delivery(delivery: Delivery) -> None:
    """Enqueue the next turn of a delivery."""
    _enqueue(deliver, delivery)


def enqueue_export(new: WorkspaceExport) -> None:
    """Enqueue writing an export."""
    _enqueue(export, new)


def enqueue_mattermost_import(new: MattermostImport) -> None:
    """Enqueue the next turn of an import into Mattermost."""
    _enqueue(send_to_mattermost, new)


def enqueue_plan(new: ImportPlan) -> None:
    """Enqueue computing a preview."""
    _enqueue(plan, new)


def enqueue_changes(new: SourceChanges) -> None:
    """Enqueue comparing a file with earlier imports."""
    _enqueue(compare, new)


def enqueue(operation: ImportOperation) -> None:
    """Enqueue the next task of an operation, depending on its status.

    With the database queue, the task commits together with the status change. With
    Redis, it is sent after the commit; `release_expired_leases` recovers lost tasks.
    """
    if operation.status == Status.DOWNLOADING_FILE:
        _enqueue(download, operation)
    else:
        _enqueue(prepare if operation.status in PREPARING else run, operation)


def _request_help(operation_id: int, parts: int) -> None:
    """Enqueue a task for each other worker that could convert one of these parts."""
    seen_after = timezone.now() - _ALIVE
    alive = WorkerHeartbeat.objects.filter(seen_at__gte=seen_after)
    others = alive.count() - 1
    for _worker in range(min(others, parts)):
        assist.enqueue(operation_id)


def _enqueue(
    target: Task[[int], None],
    row: ImportOperation
    | ImportPlan
    | FileDownload
    | SourceChanges
    | WorkspaceExport
    | Delivery
    | MattermostImport,
) -> None:
    if settings.TASK_BACKEND == "db":
        target.enqueue(row.pk)
    else:
        transaction.on_commit(lambda: target.enqueue(row.pk))
