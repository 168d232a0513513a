"""Concurrent workers, and other writes during an import."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from accounts.models import AuthToken
from accounts.services.activity import COMMAND_LINE
from accounts.services.tokens import issue_token
from imports_app import tasks
from imports_app.models import ImportOperation, Message, OperationEvent
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.factories import UserFactory
from tests.faults.snapshots import assert_outcomes_sum
from tests.faults.workers import (
    start_everything,
    upload,
    wait_until,
    worker,
)

PLAN = Plan(users=50, messages=15_000)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_concurrent_workers_run_an_operation_once(tmp_path: Path) -> None:
    starter = UserFactory.create(roles=["admin"])
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, PLAN)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(worker())
        operation = upload(path, starter)
        for _ in range(5):
            tasks.enqueue(operation)
        wait_until(operation, "importer_user_selection")
        start_everything(operation, starter)
        for _ in range(5):
            tasks.enqueue(operation)
        wait_until(operation, "importer_done")

    assert_outcomes_sum(operation)
    assert Message.objects.count() == sum(expectation.counts.values())
    reached = OperationEvent.objects.filter(operation=operation)
    statuses = list(reached.values_list("to_status", flat=True))
    assert len(statuses) == len(set(statuses))


def test_other_writes_succeed_during_an_import(tmp_path: Path) -> None:
    starter = UserFactory.create(roles=["admin"])
    path = tmp_path / "team.zip"
    write_csv_archive(path, PLAN)
    written = 0
    with worker():
        operation = upload(path, starter)
        wait_until(operation, "importer_user_selection")
        start_everything(operation, starter)
        while ImportOperation.objects.get(pk=operation.pk).status != "importer_done":
            issue_token(user=starter, kind=AuthToken.Kind.LOGIN, by=COMMAND_LINE)
            written += 1

    assert written > 10
    assert AuthToken.objects.count() == written
    assert_outcomes_sum(operation)
