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
from tests.live import ROOT, manage

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_imports_run_on_redis(tmp_path: Path, redis_url: str) -> None:
    UserFactory.create(username="boss", roles=["admin"])
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, Plan(messages=2_000))
    queue = {"TASK_BACKEND": "rq", "REDIS_URL": redis_url}
    with worker(**queue):
        subprocess.run(
            manage("import_file", str(path), "--importer", "csv", "--all"),
            cwd=ROOT,
            env={**environment(), **queue},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        operation = ImportOperation.objects.get()
        wait_until(operation, "importer_done")

    assert_outcomes_sum(operation)
    assert Message.objects.count() == sum(expectation.counts.values())
