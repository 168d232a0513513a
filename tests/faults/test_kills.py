"""Killed workers: nothing is lost and nothing is duplicated."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from accounts.models import User
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.factories import UserFactory
from tests.faults.killing import Killer
from tests.faults.snapshots import assert_outcomes_sum, snapshot, wipe
from tests.faults.workers import (
    ForkedWorker,
    forking_workers,
    start_everything,
    upload,
    wait_until,
)

KILLS = 34
"""Of each plan."""
PLANS = (
    Plan(users=60, messages=20_000),
    SlackPlan(users=500, channels=50, messages=15_000),
    Plan(users=2_500, channels=300, directs=200, messages=6_000),
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.mark.parametrize("plan", PLANS)
def test_killed_import_has_the_same_result(
    tmp_path: Path, plan: Plan | SlackPlan
) -> None:
    random = Random(4)  # noqa: S311 - moments
    initiator = UserFactory.create(roles=["admin"])
    kills, number = 0, 0
    with forking_workers() as fork:
        while kills < KILLS or number < 2:
            number += 1
            path = tmp_path / f"{number}.zip"
            importer = _write(path, plan, seed=number)
            undisturbed, preparing, running = import_without_interruption(
                path, initiator, importer, fork
            )
            wipe(initiator)

            workers = (2, 1, 3)[number % 3]
            killer = Killer(fork, upload(path, initiator, importer), random, workers)
            kills += killer.kill_until("importer_user_selection", preparing)
            start_everything(killer.operation, initiator)
            kills += killer.kill_until("importer_done", running)

            assert_outcomes_sum(killer.operation)
            assert snapshot(killer.operation) == undisturbed
            wipe(initiator)


def _write(path: Path, plan: Plan | SlackPlan, *, seed: int) -> str:
    """Write an archive; return the key of its importer."""
    if isinstance(plan, SlackPlan):
        write_slack_archive(path, plan, seed=seed)
        return "slack"
    write_csv_archive(path, plan, seed=seed)
    return "csv"


def import_without_interruption(
    path: Path, initiator: User, importer: str, fork: Callable[[], ForkedWorker]
) -> tuple[object, float, float]:
    """Import an archive without interruption.

    Returns:
        What it leaves behind, and the seconds of preparing and of the run.
    """
    worker = fork()
    try:
        operation = upload(path, initiator, importer)
        began = time.monotonic()
        wait_until(operation, "importer_user_selection")
        prepared = time.monotonic()
        start_everything(operation, initiator)
        wait_until(operation, "importer_done")
        ended = time.monotonic()
    finally:
        worker.kill()
    assert_outcomes_sum(operation)
    return snapshot(operation), prepared - began, ended - prepared
