"""The queue on Redis."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from imports_app.models import ImportOperation, Message
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.factories import UserFactory
from tests.faults.snapshots import assert_outcomes_sum
from tests.faults.workers import environment, wait_until, worker
from tests.live import DEADLINE_SECONDS, ROOT, manage, wait_for

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def queue(redis_url: str) -> dict[str, str]:
    return {"TASK_BACKEND": "rq", "REDIS_URL": redis_url}


def start_import(path: Path, queue: dict[str, str]) -> ImportOperation:
    """Start an import of everything in a file."""
    UserFactory.create(username="boss", roles=["admin"])
    subprocess.run(
        manage("import_file", str(path), "--importer", "csv", "--all"),
        cwd=ROOT,
        env={**environment(), **queue},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return ImportOperation.objects.get()


def test_imports_run_on_redis(tmp_path: Path, queue: dict[str, str]) -> None:
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, Plan(messages=2_000))

    with worker(**queue):
        operation = start_import(path, queue)
        wait_until(operation, "importer_done")

    assert_outcomes_sum(operation)
    assert Message.objects.count() == sum(expectation.counts.values())


def test_a_stopped_worker_leaves_the_rest_to_the_next_one(
    tmp_path: Path, queue: dict[str, str]
) -> None:
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, Plan(messages=40_000))
    expected = sum(expectation.counts.values())

    with worker(**queue) as first:
        operation = start_import(path, queue)
        wait_for(Message.objects.exists)
        first.terminate()
        assert first.wait(DEADLINE_SECONDS) == 0
    assert Message.objects.count() < expected

    with worker(**queue):
        wait_until(operation, "importer_done")

    assert_outcomes_sum(operation)
    assert Message.objects.count() == expected
