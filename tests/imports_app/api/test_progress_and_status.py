"""getImportProgress, getCurrentImportOperation, importers.list, import.status."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from config.api.wire import epoch_ms, iso_ms
from imports_app.models import ImportOperation, ImportPart
from imports_app.statuses import State, Status
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import imported, staged

POLLED = ("getImportProgress", "getCurrentImportOperation", "import.status")


def test_progress_without_an_operation(importer_api: ApiClient) -> None:
    response = importer_api.get("getImportProgress")

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": "Import Operation Not Found [error-operation-not-found]",
        "errorType": "error-operation-not-found",
        "details": "getImportProgress",
    }


def test_progress_without_counters(importer_api: ApiClient) -> None:
    importer_api.post("import.new")

    assert importer_api.get("getImportProgress").json() == {
        "key": "api",
        "name": "api",
        "step": "importer_new",
        "count": {"total": 0, "completed": 0, "error": 0},
        "success": True,
    }


def test_progress_at_the_end(importer_api: ApiClient) -> None:
    imported(importer_api)

    body = importer_api.get("getImportProgress").json()

    assert body["step"] == "importer_done"
    assert body["count"] == {"total": 9, "completed": 8, "error": 1}


def test_the_current_operation(importer_api: ApiClient) -> None:
    assert importer_api.get("getCurrentImportOperation").json() == {"success": True}
    ImportOperationFactory.create()
    newest = ImportOperationFactory.create()

    body = importer_api.get("getCurrentImportOperation").json()

    assert body == {
        "operation": {
            "_id": newest.public_id,
            "type": "CSV",
            "importerKey": "csv",
            "ts": epoch_ms(newest.created_at),
            "status": "importer_done",
            "valid": False,
            "user": newest.user_id,
            "_updatedAt": iso_ms(newest.updated_at),
        },
        "success": True,
    }


def test_importers_are_a_bare_array(importer_api: ApiClient) -> None:
    assert importer_api.get("importers.list").json() == [
        {"key": "csv", "name": "CSV"},
        {"key": "slack", "name": "Slack"},
        {"key": "slack-users", "name": "Slack_Users"},
        {"key": "jsonl", "name": "JSONL"},
    ]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.NEW, State.NEW),
        (Status.PREPARING_USERS, State.LOADING),
        (Status.USER_SELECTION, State.READY),
        (Status.IMPORTING_MESSAGES, State.IMPORTING),
        (Status.DONE, State.DONE),
        (Status.FAILED, State.ERROR),
        (Status.CANCELLED, State.CANCELED),
    ],
)
def test_the_status(importer_api: ApiClient, status: Status, state: State) -> None:
    assert importer_api.get("import.status").json() == {
        "state": "none",
        "success": True,
    }
    ImportOperationFactory.create(status=status, is_valid=True)

    body = importer_api.get("import.status?ignored=1").json()

    assert list(body) == ["state", "operation", "success"]
    assert body["state"] == state.value
    assert body["operation"]["status"] == status.value


@pytest.mark.parametrize("path", POLLED)
def test_a_current_version_returns_304(importer_api: ApiClient, path: str) -> None:
    operation = staged(importer_api)
    etag = importer_api.get(path).headers["ETag"]

    again = importer_api.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    ImportOperation.objects.filter(pk=operation.pk).change(count_completed=1)
    changed = importer_api.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200


@pytest.mark.parametrize("path", [*POLLED, "getLatestImportOperations"])
def test_a_running_import_sends_retry_after(importer_api: ApiClient, path: str) -> None:
    if importer_api.user is not None and path == "getLatestImportOperations":
        ImportOperationFactory.create_batch(2)
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )
    assert importer_api.get(path).headers["Retry-After"] == "1"

    ImportOperation.objects.filter(pk=operation.pk).change(status=Status.DONE)

    assert "Retry-After" not in importer_api.get(path).headers


def test_the_operation_has_its_progress(importer_api: ApiClient) -> None:
    operation = imported(importer_api)

    body = importer_api.get(f"importOperations/{operation.public_id}").json()

    progress = body["operation"]["progress"]
    assert progress["phase"] == "done"
    assert progress["kinds"]["message"] == {
        "staged": 4,
        "imported": 3,
        "updated": 0,
        "unchanged": 0,
        "notProcessed": 0,
        "skipped": 0,
        "failed": 1,
        "guessed": 0,
    }
    assert progress["recordsPerSecond"] > 0
    assert progress["heartbeatAge"] >= 0
    assert progress["stalled"] is False
    assert "estimatedEnd" not in progress
    assert len(body["operation"]["fileDigest"]) == 64


def test_a_run_without_heartbeat_is_stalled(importer_api: ApiClient) -> None:
    now = timezone.now()
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES,
        is_valid=True,
        run_started_at=now - timedelta(minutes=9),
        heartbeat_at=now - timedelta(seconds=59),
    )
    path = f"importOperations/{operation.public_id}"
    first = importer_api.get(path)
    ImportOperation.objects.filter(pk=operation.pk).update(
        heartbeat_at=now - timedelta(seconds=61)
    )

    later = importer_api.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.json()["operation"]["progress"]["stalled"] is False
    assert later.json()["operation"]["progress"]["stalled"] is True


def test_the_workers_of_a_running_import_are_listed(importer_api: ApiClient) -> None:
    now = timezone.now()
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES,
        is_valid=True,
        lease_owner="one:7:1",
        lease_expires_at=now + timedelta(seconds=50),
    )
    owners = {
        "one:7:1": 55,
        "two:9:1": 40,
        f"{socket.gethostname()}:1:never": 40,  # has ended
        "expired:9:1": -1,
        "": 40,
    }
    for position, (owner, seconds) in enumerate(owners.items()):
        ImportPart.objects.create(
            operation=operation,
            position=position,
            offset=0,
            size=1,
            messages=5,
            lease_owner=owner,
            lease_expires_at=now + timedelta(seconds=seconds),
        )

    def workers() -> list[dict[str, float]]:
        body = importer_api.get(f"importOperations/{operation.public_id}").json()
        listed: list[dict[str, float]] = body["operation"]["progress"]["workers"]
        return listed

    ages = [worker["heartbeatAge"] for worker in workers()]
    assert len(ages) == 2
    assert ages == pytest.approx([20, 5], abs=3)

    ImportOperation.objects.filter(pk=operation.pk).change(status=Status.DONE)
    assert workers() == []
