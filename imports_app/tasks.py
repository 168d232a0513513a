"""The queue's entry points: ids in, nothing out; the engine does the work."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django_tasks import task
from django_tasks.base import Task

from imports_app.engine import jobs
from imports_app.engine.cleanup import delete_unprocessed
from imports_app.engine.search_indexing import index_messages
from imports_app.models import ImportOperation
from imports_app.statuses import PREPARING, Status


@task()
def prepare(operation_id: int) -> None:
    """Stage an operation's source."""
    jobs.prepare(operation_id)


@task()
def run(operation_id: int) -> None:
    """Convert what an operation staged."""
    jobs.run(operation_id)


@task()
def download(operation_id: int) -> None:
    """Download an operation's file."""
    jobs.download(operation_id)


@task()
def discard(operation_id: int) -> None:
    """Remove what an ended operation staged and never tried."""
    if not delete_unprocessed(operation_id):
        discard.enqueue(operation_id)


@task()
def index() -> None:
    """Let messages be found that came in, or were changed, since the last time."""
    index_messages()


def enqueue_discard(operation: ImportOperation) -> None:
    """Ask for the removal of what an operation will never try."""
    _send(discard, operation)


def enqueue(operation: ImportOperation) -> None:
    """Ask for the work that an operation's status wants.

    In the database the queue commits with the change that asks for it; another queue
    is told right after. What gets lost in between is found by `take_up_abandoned`.
    """
    if operation.status == Status.DOWNLOADING_FILE:
        _send(download, operation)
    else:
        _send(prepare if operation.status in PREPARING else run, operation)


def _send(wanted: Task[[int], None], operation: ImportOperation) -> None:
    if settings.TASK_BACKEND == "db":
        wanted.enqueue(operation.pk)
    else:
        transaction.on_commit(lambda: wanted.enqueue(operation.pk))
