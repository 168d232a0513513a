from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ActivityEntry
from accounts.services.activity import record_event
from imports_app.health.heartbeat import Heartbeat
from imports_app.models import WorkerHeartbeat
from tests.accounts.activity.entries import AUTHOR


def beat(age: timedelta = timedelta()) -> None:
    """Create a worker heartbeat."""
    WorkerHeartbeat.objects.create(
        worker_id="w", host="here", pid=1, seen_at=timezone.now() - age
    )


def test_is_alive_without_a_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_is_ready_with_database_and_worker(client: Client, db: None) -> None:
    beat()

    assert client.get("/readyz").json() == {"status": "ok"}


def test_is_not_ready_without_a_worker_heartbeat(client: Client, db: None) -> None:
    beat(timedelta(minutes=2))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert [problem["subject"] for problem in answer.json()["problems"]] == ["worker"]


def test_is_not_ready_while_migrations_are_missing(client: Client, db: None) -> None:
    MigrationRecorder.Migration.objects.filter(app="imports_app").delete()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    [problem] = answer.json()["problems"]
    assert problem["subject"] == "migrations"


def test_doctor_finds_no_problems(db: None) -> None:
    beat()

    call_command("doctor")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_adds_and_removes_its_heartbeat() -> None:
    beat(timedelta(days=2))

    with Heartbeat():
        pass

    assert not WorkerHeartbeat.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_prunes_the_activity_log(settings: Settings) -> None:
    settings.ACTIVITY_RETENTION_DAYS = -1
    record_event(
        ActivityEntry.Action.VIEWED, ActivityEntry.Subject.ROOM, "general", by=AUTHOR
    )

    with Heartbeat():
        pass

    [pruned] = ActivityEntry.objects.all()
    assert (pruned.author_name, pruned.name) == ("worker", "entries 1 to 1")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_removes_old_uploads(settings: Settings) -> None:
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir()
    for name in ("incoming-old", "incoming-new"):
        (folder / name).touch()
    os.utime(folder / "incoming-old", (0, 0))

    with Heartbeat():
        pass

    assert [path.name for path in folder.iterdir()] == ["incoming-new"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_keeps_an_altered_activity_log(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ACTIVITY_RETENTION_DAYS = -1
    record_event(
        ActivityEntry.Action.VIEWED, ActivityEntry.Subject.ROOM, "general", by=AUTHOR
    )
    ActivityEntry.objects.update(name="random")

    with Heartbeat():
        pass

    assert ActivityEntry.objects.get().name == "random"
    assert "The activity log was not pruned: Entry 1" in caplog.text


def test_health_checks_accept_any_host(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["import.example.org"]

    assert client.get("/healthz", headers={"Host": "10.0.0.5:3000"}).status_code == 200
    assert client.get("/admin/", headers={"Host": "10.0.0.5:3000"}).status_code == 400
