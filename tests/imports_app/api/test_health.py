from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from imports_app.heartbeat import Heartbeat
from imports_app.models import WorkerHeartbeat


def beat(age: timedelta = timedelta()) -> None:
    """Leave a worker's sign of life."""
    WorkerHeartbeat.objects.create(
        worker_id="w", host="here", pid=1, seen_at=timezone.now() - age
    )


def test_is_alive_without_a_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_is_ready_with_database_and_worker(client: Client, db: None) -> None:
    beat()

    assert client.get("/readyz").json() == {"status": "ok"}


def test_is_not_ready_without_a_living_worker(client: Client, db: None) -> None:
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


def test_the_doctor_is_content(db: None) -> None:
    beat()

    call_command("doctor")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_starts_and_ends_its_sign_of_life() -> None:
    beat(timedelta(days=2))

    with Heartbeat():
        pass

    assert not WorkerHeartbeat.objects.exists()


def test_probes_may_come_to_an_address_of_any_name(
    client: Client, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["import.example.org"]

    assert client.get("/healthz", headers={"Host": "10.0.0.5:3000"}).status_code == 200
    assert client.get("/admin/", headers={"Host": "10.0.0.5:3000"}).status_code == 400
