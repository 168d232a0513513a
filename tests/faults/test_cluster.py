"""Web server and workers that share no folder, as in `compose.cluster.yaml`."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from accounts.models import User
from accounts.services.activity import COMMAND_LINE
from accounts.services.tokens import issue_token
from imports_app.models import ImportOperation, ImportPart, Message, WorkerHeartbeat
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.factories import UserFactory
from tests.faults.snapshots import assert_outcomes_sum
from tests.faults.workers import database_url, wait_until
from tests.live import ROOT, environment_of, free_port, is_ready, manage, wait_for
from tests.s3 import S3, running_s3

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.cluster.yaml").read_text())
TOKEN = "only-for-this-test-" + "x" * 24
PLAN = Plan(users=50, channels=20, messages=60_000)
LONG_PLAN = Plan(users=50, channels=20, messages=150_000)
"""Takes several seconds, in which another worker can get the file and join."""


@pytest.fixture
def s3() -> Iterator[S3]:
    with running_s3() as running:
        yield running


@pytest.fixture
def admin() -> User:
    user = UserFactory.create(username="boss", roles=["admin"])
    issue_token(user=user, plain=TOKEN, by=COMMAND_LINE)
    return user


class Cluster:
    """Processes with the settings of the compose file, each with its own folder."""

    def __init__(self, s3: S3, redis_url: str, folder: Path, stack: ExitStack) -> None:
        self._settings = {
            **COMPOSE["services"]["web"]["environment"],
            **s3.variables(),
            "REDIS_URL": redis_url,
            "DATABASE_URL": database_url(),
            "HTTPS": "off",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        for name in ("DATABASE_PASSWORD_FILE", "SECRET_KEY_FILE", "TMPDIR"):
            del self._settings[name]
        self._folder = folder
        self._stack = stack
        self.url = ""

    def start(self, service: str, name: str) -> subprocess.Popen[bytes]:
        """Start a service of the compose file."""
        data = self._folder / name
        data.mkdir()
        port = free_port()
        given = {
            key: value
            for key, value in self._settings.items()
            if key not in ("BIND", "CSRF_TRUSTED_ORIGINS", "SECURITY_CONTACT")
        }
        with (data / "log").open("wb") as log:
            process = subprocess.Popen(
                manage(*COMPOSE["services"][service]["command"][2:]),
                cwd=ROOT,
                env=environment_of(data, port, **given),
                stdout=log,
                stderr=log,
            )
        self._stack.callback(end, process)
        if service == "web":
            self.url = f"http://127.0.0.1:{port}"
            wait_for(lambda: is_ready(self.url))
        return process

    def files_of(self, name: str) -> list[Path]:
        """Return the uploads in the folder of a process."""
        return list((self._folder / name / "uploads").glob("*"))


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


@pytest.fixture
def cluster(s3: S3, redis_url: str, tmp_path: Path) -> Iterator[Cluster]:
    """Run a web server and two workers."""
    with ExitStack() as stack:
        running = Cluster(s3, redis_url, tmp_path / "machines", stack)
        (tmp_path / "machines").mkdir()
        running.start("web", "web")
        for number in range(COMPOSE["services"]["worker"]["deploy"]["replicas"]):
            running.start("worker", f"worker-{number}")
        wait_for(lambda: WorkerHeartbeat.objects.count() == 2)
        yield running


def call(cluster: Cluster, user: User, path: str, **options: Any) -> Any:
    """Call the API and return the response's body."""
    response = requests.request(
        options.pop("method", "POST"),
        f"{cluster.url}/api/v1/{path}",
        headers={"X-User-Id": user.public_id, "X-Auth-Token": TOKEN},
        timeout=60,
        **options,
    )
    assert response.ok, response.text
    return response.json()


def start_import(cluster: Cluster, admin: User, path: Path) -> ImportOperation:
    """Upload a file to the web server and start the import of everything."""
    with path.open("rb") as file:
        call(
            cluster,
            admin,
            "importOperations/file?importerKey=csv&fileName=team.zip",
            method="PUT",
            data=file,
        )
    call(cluster, admin, "getImportFileData", method="GET")
    operation = ImportOperation.objects.get()
    wait_until(operation, "importer_user_selection")
    everything = {"all": True}
    groups = ("users", "channels", "contacts")
    call(
        cluster, admin, "startImport", json={"input": dict.fromkeys(groups, everything)}
    )
    return operation


def test_workers_without_a_common_folder_share_an_import(
    cluster: Cluster, s3: S3, admin: User, tmp_path: Path
) -> None:
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, LONG_PLAN)

    operation = start_import(cluster, admin, path)
    wait_until(operation, "importer_done")

    owners = ImportPart.objects.values_list("lease_owner", flat=True)
    assert len(set(owners)) == 2
    assert_outcomes_sum(operation)
    assert Message.objects.count() == sum(expectation.counts.values())
    for name in ("web", "worker-0", "worker-1"):
        assert cluster.files_of(name) == []
    assert f"uploads/{operation.public_id}" in s3.names()


def test_an_import_survives_an_outage_of_the_storage(
    cluster: Cluster, s3: S3, admin: User, tmp_path: Path
) -> None:
    path = tmp_path / "team.zip"
    expectation = write_csv_archive(path, PLAN)

    operation = start_import(cluster, admin, path)
    wait_for(lambda: Message.objects.count() > 0)
    s3.process.send_signal(signal.SIGSTOP)
    before = Message.objects.count()
    threading.Timer(3, s3.process.send_signal, [signal.SIGCONT]).start()
    wait_until(operation, "importer_done")

    assert before < Message.objects.count() == sum(expectation.counts.values())
    assert_outcomes_sum(operation)
