"""Concurrent workers, and other writes during an import."""

from __future__ import annotations

import select
import signal
import subprocess
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import AuthToken
from accounts.services.activity import COMMAND_LINE
from accounts.services.tokens import issue_token
from config.db.errors import short_lock_waits
from imports_app import tasks
from imports_app.models import (
    ImportOperation,
    ImportPart,
    Message,
    OperationEvent,
    WorkerHeartbeat,
)
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.factories import UserFactory
from tests.faults.snapshots import assert_outcomes_sum
from tests.faults.workers import (
    start_everything,
    upload,
    wait_until,
    worker,
)
from tests.live import wait_for

PLAN = Plan(users=50, messages=15_000)
LONG_PLAN = Plan(users=50, messages=60_000)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_concurrent_workers_run_an_operation_once(tmp_path: Path) -> None:
    initiator = UserFactory.create(roles=["admin"])
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, PLAN)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(worker())
        operation = upload(path, initiator)
        for _ in range(5):
            tasks.enqueue(operation)
        wait_until(operation, "importer_user_selection")
        start_everything(operation, initiator)
        for _ in range(5):
            tasks.enqueue(operation)
        wait_until(operation, "importer_done")

    assert_outcomes_sum(operation)
    assert Message.objects.count() == sum(expectation.counts.values())
    reached = OperationEvent.objects.filter(operation=operation)
    statuses = list(reached.values_list("to_status", flat=True))
    assert len(statuses) == len(set(statuses))


def test_frozen_worker_writes_nothing_after_a_takeover(tmp_path: Path) -> None:
    initiator = UserFactory.create(roles=["admin"])
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, LONG_PLAN)
    with worker() as frozen:
        operation = upload(path, initiator)
        wait_until(operation, "importer_user_selection")
        start_everything(operation, initiator)
        wait_for(lambda: 0 < Message.objects.count() < LONG_PLAN.messages)
        freeze(frozen, operation)
        # A worker that is killed leaves its task as it is, so only this one is awaited.
        running = DBTaskResult.objects.filter(status="RUNNING")
        task = running.filter(pk=running.get().pk)
        with worker():
            wait_until(operation, "importer_done")
        frozen.send_signal(signal.SIGCONT)
        wait_for(lambda: not task.exists())

    assert_outcomes_sum(operation)
    assert Message.objects.count() == sum(expectation.counts.values())
    counted = operation.kind_counts.get(kind="message")
    assert (counted.imported, counted.updated) == (Message.objects.count(), 0)


def freeze(process: subprocess.Popen[bytes], operation: ImportOperation) -> None:
    """Stop a worker, and date its leases back.

    A process that stops within a transaction keeps what it has written: on SQLite it
    stops all others, on PostgreSQL those that write the same messages. So it is stopped
    again until it is between two transactions.
    """
    past = timezone.now() - timedelta(minutes=1)
    with short_lock_waits():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 10")
        while True:
            process.send_signal(signal.SIGSTOP)
            with suppress(OperationalError), transaction.atomic():
                if not has_open_transaction():
                    ImportOperation.objects.filter(pk=operation.pk).update(
                        lease_expires_at=past
                    )
                    held = ImportPart.objects.exclude(lease_owner="")
                    held.update(lease_expires_at=past)
                    return
            process.send_signal(signal.SIGCONT)
            assert Message.objects.count() < LONG_PLAN.messages, "it was not stopped"
            select.select([], [], [], 0.01)  # let it get to another place


def has_open_transaction() -> bool:
    """Return whether another session of PostgreSQL is within a transaction."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return bool(cursor.fetchone()[0])


def test_workers_share_an_import(tmp_path: Path) -> None:
    initiator = UserFactory.create(roles=["admin"])
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, Plan(users=50, channels=20, messages=60_000))
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(worker())
        wait_for(lambda: WorkerHeartbeat.objects.count() == 3)
        operation = upload(path, initiator)
        wait_until(operation, "importer_user_selection")
        start_everything(operation, initiator)
        wait_until(operation, "importer_done")

    owners = ImportPart.objects.values_list("lease_owner", flat=True)
    assert len(set(owners)) > 1
    assert_outcomes_sum(operation)
    assert Message.objects.count() == sum(expectation.counts.values())


def test_other_writes_succeed_during_an_import(tmp_path: Path) -> None:
    initiator = UserFactory.create(roles=["admin"])
    path = tmp_path / "team.zip"
    write_csv_archive(path, PLAN)
    written = 0
    with worker():
        operation = upload(path, initiator)
        wait_until(operation, "importer_user_selection")
        start_everything(operation, initiator)
        while ImportOperation.objects.get(pk=operation.pk).status != "importer_done":
            issue_token(user=initiator, kind=AuthToken.Kind.LOGIN, by=COMMAND_LINE)
            written += 1

    assert written > 10
    assert AuthToken.objects.count() == written
    assert_outcomes_sum(operation)
