"""The queue on Redis."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from imports_app.models import ImportOperation, Message
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.factories import UserFactory
from tests.faults.snapshots import assert_outcomes_sum
from tests.faults.workers import environment, wait_until, worker
from tests.live import ROOT, free_port, manage, wait_for

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def redis_url() -> Iterator[str]:
    """Separate Redis server."""
    program = shutil.which("redis-server")
    assert program, "install redis-server"
    port = free_port()
    process = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    try:
        with redis.Redis.from_url(url) as client:
            wait_for(lambda: answers(client))
        yield url
    finally:
        process.kill()
        process.wait()


def answers(client: redis.Redis) -> bool:
    """Return whether Redis is running."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


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
