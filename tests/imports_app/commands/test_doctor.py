from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.activity.sealing import seal_pending
from accounts.models import ActivityEntry, ActivityLogHead
from accounts.services.activity import record_change
from imports_app.models import WorkerHeartbeat
from tests.accounts.activity.entries import AUTHOR
from tests.live import ROOT


def findings_of(printed: str) -> dict[str, str]:
    """Return the first finding of each subject."""
    rows = re.findall(r"^│ ([\w ]+?) +│ (.*?) +│", printed, re.MULTILINE)
    return dict(reversed(rows))


@pytest.fixture
def worker(db: None) -> WorkerHeartbeat:
    """A worker with a current heartbeat."""
    return WorkerHeartbeat.objects.create(worker_id="w", host="here", pid=1)


def examine() -> dict[str, str]:
    """Return the problems that doctor reports."""
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    assert ended.value.code == 1
    return {
        subject: finding
        for subject, finding in findings_of(out.getvalue()).items()
        if finding != "OK"
    }


def test_all_checks_pass_on_a_running_server(worker: WorkerHeartbeat) -> None:
    out = StringIO()

    call_command("doctor", stdout=out)

    assert set(findings_of(out.getvalue()).values()) == {"OK"}
    assert "All checks passed." in out.getvalue()


def test_reports_a_missing_worker(db: None) -> None:
    assert list(examine()) == ["worker"]


@pytest.mark.parametrize("damage", ["head", "entry"])
def test_reports_an_unsealed_activity_log(worker: WorkerHeartbeat, damage: str) -> None:
    record_change(
        ActivityEntry.Subject.ROLE, "porter", by=AUTHOR, before=None, after={"x": 1}
    )
    if damage == "head":
        ActivityLogHead.objects.update(sequence=7)
    else:
        long_ago = timezone.now() - timedelta(hours=1)
        ActivityEntry.objects.update(created_at=long_ago)
        seal_pending()

    assert examine() == {"activity log": "New entries are not sealed."}


def test_reports_the_demo_token_on_a_public_server(
    worker: WorkerHeartbeat, settings: Settings
) -> None:
    call_command("seed_demo", stdout=StringIO())
    settings.BIND_IS_LOOPBACK = False
    settings.ALLOWED_HOSTS = ["import.example.org"]

    assert list(examine()) == ["demo"]


def test_reports_hosts_that_exclude_other_machines(
    worker: WorkerHeartbeat, settings: Settings
) -> None:
    settings.BIND_IS_LOOPBACK = False
    settings.ALLOWED_HOSTS = ["localhost"]

    assert "ALLOWED_HOSTS" in examine()["settings"]


def test_reports_a_missing_data_folder(
    worker: WorkerHeartbeat, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "gone"

    assert "can't be written" in examine()["storage"]


def test_reports_a_full_disk(worker: WorkerHeartbeat, settings: Settings) -> None:
    settings.DISK_RESERVE_BYTES = 10**18

    assert "uploads are rejected" in examine()["storage"]


@pytest.mark.parametrize("alias", ["uploads", "imported"])
def test_reports_an_unavailable_storage(
    worker: WorkerHeartbeat, settings: Settings, alias: str
) -> None:
    options = {
        **{"bucket_name": "imports", "endpoint_url": "http://127.0.0.1:1"},
        **{"access_key": "key", "secret_key": "hush"},
    }
    entry = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, alias: entry}

    found = examine()["storage"]

    assert "is not available: EndpointConnectionError" in found
    assert "hush" not in found


@pytest.mark.parametrize("url", ["redis://:hush@127.0.0.1:1/0", "nonsense://hush"])
def test_reports_an_unreachable_redis(
    worker: WorkerHeartbeat, settings: Settings, url: str
) -> None:
    settings.TASK_BACKEND = "rq"
    settings.REDIS_URL = url

    found = examine()

    assert found["redis"].startswith("Redis does not answer")
    assert "hush" not in found["redis"]


def test_reports_problems_of_a_new_installation(
    tmp_path: Path,
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
    }

    def doctor(**changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", "doctor"],
            env={**environment, **changes},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    new = doctor(DEBUG="on", RATE_LIMIT="many")
    assert new.returncode == 1
    for words in (
        "manage.py",
        "DEBUG is on",
        "RATE_LIMIT",
        "migrations",
    ):
        assert words in new.stdout
    assert "Traceback" not in new.stderr

    unknown = doctor(TASK_BACKEND="celery")
    assert unknown.returncode == 1
    assert "TASK_BACKEND is 'celery'; set it to db or rq." in unknown.stderr

    away = doctor(DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert away.returncode == 1
    assert "DATABASE_URL" in away.stdout
    assert "Connection refused" in away.stdout
    assert findings_of(away.stdout)["worker"] == "not checked"
    assert "Traceback" not in away.stderr
