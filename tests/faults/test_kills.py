"""A worker that dies at any moment costs nothing and doubles nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

import pytest

from accounts.models import User
from imports_app.models import ImportOperation
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.factories import UserFactory
from tests.faults.snapshots import assert_adds_up, snapshot, wipe
from tests.faults.workers import (
    start_everything,
    start_worker,
    upload,
    wait_until,
    worker,
)
from tests.live import wait_for

KILLS = 40
PLANS = (
    Plan(users=60, messages=20_000),
    SlackPlan(users=500, channels=50, messages=15_000),
    Plan(users=2_500, channels=300, directs=200, messages=6_000),
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_a_killed_import_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    random = Random(4)  # noqa: S311 - moments
    starter = UserFactory.create(roles=["admin"])
    kills, number = 0, 0
    while kills < KILLS:
        plan = PLANS[number % len(PLANS)]
        number += 1
        path = tmp_path / f"{number}.zip"
        if isinstance(plan, SlackPlan):
            importer = "slack"
            write_slack_archive(path, plan, seed=number)
        else:
            importer = "csv"
            write_csv_archive(path, plan, seed=number)
        undisturbed = import_undisturbed(path, starter, importer)
        wipe(starter)

        operation = upload(path, starter, importer)
        kills += kill_until(operation, "importer_user_selection", random)
        start_everything(operation, starter)
        kills += kill_until(operation, "importer_done", random)

        assert_adds_up(operation)
        assert snapshot(operation) == undisturbed
        wipe(starter)


def import_undisturbed(path: Path, starter: User, importer: str) -> object:
    """Import an archive in peace, and return what it leaves behind."""
    with worker():
        operation = upload(path, starter, importer)
        wait_until(operation, "importer_user_selection")
        start_everything(operation, starter)
        wait_until(operation, "importer_done")
    assert_adds_up(operation)
    return snapshot(operation)


def kill_until(
    operation: ImportOperation, status: str, random: Random, *, seconds: float = 0.35
) -> int:
    """Kill one worker after another until the operation got there; count the dead.

    Each lives for some time up to these seconds, once it is at work.
    """
    kills = 0
    while True:
        process = start_worker()
        try:
            wait_for(lambda process=process: is_at_work(operation, process, status))  # type: ignore[misc]
            if operation.status == status:
                return kills
            process.wait(timeout=random.uniform(0, seconds))
        except subprocess.TimeoutExpired:
            kills += 1
        finally:
            process.kill()
            process.wait()
        operation.refresh_from_db()
        if operation.status == status:
            return kills


def is_at_work(
    operation: ImportOperation, process: subprocess.Popen[bytes], status: str
) -> bool:
    """Tell whether this worker has the operation, or it is there already."""
    assert process.poll() is None, "the worker ended by itself"
    operation.refresh_from_db()
    return operation.status == status or f":{process.pid}:" in operation.lease_owner
