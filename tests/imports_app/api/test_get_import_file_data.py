from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from imports_app.api.views import runs
from imports_app.models import ImportOperation, ImportRecord
from imports_app.statuses import Status
from imports_app.transitions import SERVER, invalidate
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import (
    current,
    imported,
    packed,
    staged,
    uploaded,
)
from tests.working import work

WAITING = {"waiting": True, "success": True}


def test_returns_the_selection_after_the_file_is_read(
    importer_api: ApiClient,
) -> None:
    uploaded(importer_api)

    assert importer_api.get("getImportFileData").json() == WAITING
    assert importer_api.get("getImportFileData").json() == WAITING
    work()

    assert importer_api.get("getImportFileData").json() == {
        "name": "CSV",
        "users": [
            {
                "user_id": "ann",
                "username": "ann",
                "email": "ann@example.org",
                "is_deleted": False,
                "is_bot": False,
                "do_import": True,
                "is_email_taken": False,
            },
            {
                "user_id": "bo",
                "username": "bo",
                "is_deleted": False,
                "is_bot": False,
                "do_import": True,
                "is_email_taken": False,
            },
        ],
        "channels": [
            {
                "channel_id": "csv-c-news",
                "name": "news",
                "is_archived": False,
                "do_import": True,
                "is_private": False,
                "is_direct": False,
            },
            {
                "channel_id": "csv-p-lab",
                "name": "lab",
                "is_archived": False,
                "do_import": True,
                "is_private": True,
                "is_direct": False,
            },
            {
                "channel_id": "__directMessages__",
                "name": "Direct Messages",
                "is_archived": False,
                "do_import": True,
                "is_private": True,
                "is_direct": True,
            },
        ],
        "contacts": [],
        "message_count": 4,
        "success": True,
    }
    operation = current()
    assert operation.status == Status.USER_SELECTION
    assert operation.counters == {
        "total": 9,
        "users": 2,
        "channels": 3,
        "messages": 4,
    }
    moves = [event.to_status for event in operation.events.in_order()]
    assert moves[3:] == [
        Status.PREPARING_STARTED,
        Status.PREPARING_MESSAGES,
        Status.USER_SELECTION,
    ]


def test_without_any_operation(importer_api: ApiClient) -> None:
    response = importer_api.get("getImportFileData")

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": "Import Operation Not Found [error-operation-not-found]",
        "errorType": "error-operation-not-found",
        "details": "getImportFileData",
    }


def test_with_an_unknown_importer(importer_api: ApiClient) -> None:
    ImportOperationFactory.create(importer_key="hipchatenterprise")

    response = importer_api.get("getImportFileData")

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": "The importer (hipchatenterprise) has no import class defined."
        " [error-importer-not-defined]",
        "errorType": "error-importer-not-defined",
        "details": "getImportFileData",
    }


@pytest.mark.parametrize(
    "status", [Status.FILE_LOADED, Status.PREPARING_USERS, Status.DOWNLOADING_FILE]
)
def test_an_operation_replaced_before_reading_is_invalid(
    importer_api: ApiClient, status: Status
) -> None:
    ImportOperationFactory.create(status=status, is_valid=False)

    response = importer_api.get("getImportFileData")

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": "Invalid Import Operation [error-import-operation-invalid]",
        "errorType": "error-import-operation-invalid",
        "details": "getImportFileData",
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg/>", "importer-not-a-zip"),
        (b"PK\x03\x04 cut off", "importer-zip-damaged"),
        (packed({"../users.csv": "x"}), "importer-zip-unsafe-name"),
        (packed({"nothing.txt": "x"}), "importer-nothing-found"),
    ],
)
def test_an_unreadable_file_returns_the_reason_every_time(
    importer_api: ApiClient, content: bytes, code: str
) -> None:
    operation = staged(importer_api, content)

    assert operation.status == Status.FAILED
    for _again in range(2):
        response = importer_api.get("getImportFileData")
        body = response.json()
        assert response.status_code == 400
        assert body["errorType"] == operation.error_code == code
        assert body["error"] == f"{operation.error_message} [{code}]"
        assert body["details"] == "getImportFileData"
    assert importer_api.get("import.status").json()["state"] == "error"


def test_a_missing_file_returns_the_reason(
    importer_api: ApiClient, settings: Settings
) -> None:
    operation = uploaded(importer_api)
    (Path(settings.DATA_DIR) / "uploads" / operation.public_id).unlink()

    importer_api.get("getImportFileData")
    work()

    assert current().error_code == "importer-file-missing"


def test_a_finished_import_can_be_selected_again(importer_api: ApiClient) -> None:
    operation = imported(importer_api)
    assert operation.status == Status.DONE

    body = importer_api.get("getImportFileData").json()

    assert [user["user_id"] for user in body["users"]] == ["ann", "bo"]
    assert body["message_count"] == 4  # the run processes all of them again
    assert current().status == Status.USER_SELECTION


def test_an_invalid_operation_stays_invalid(importer_api: ApiClient) -> None:
    operation = staged(importer_api)
    invalidate(operations=[operation], actor=SERVER)

    assert importer_api.get("getImportFileData").json()["success"]

    assert not current().is_valid


def test_a_running_import_is_not_changed(importer_api: ApiClient) -> None:
    operation = staged(importer_api)
    ImportOperation.objects.filter(pk=operation.pk).change(
        status=Status.IMPORTING_MESSAGES
    )

    assert importer_api.get("getImportFileData").json()["success"]

    assert current().status == Status.IMPORTING_MESSAGES


def test_unreadable_rows_are_not_selectable(importer_api: ApiClient) -> None:
    content = packed({"users.csv": "ann,,\n,,nobody\n"})

    staged(importer_api, content)

    body = importer_api.get("getImportFileData").json()
    assert [user["user_id"] for user in body["users"]] == ["ann"]
    failed = ImportRecord.objects.failed(current().pk).get()
    assert (failed.source_file, failed.source_line) == ("users.csv", 2)


def test_a_process_makes_one_large_answer_at_a_time(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged(importer_api)
    monkeypatch.setattr(runs, "_LARGE", 5)

    with runs._LARGE_ANSWER:  # as while another caller's is made
        assert importer_api.get("getImportFileData").json() == WAITING

    for _ in range(2):
        assert len(importer_api.get("getImportFileData").json()["users"]) == 2


def test_small_answers_do_not_wait_for_a_large_one(importer_api: ApiClient) -> None:
    staged(importer_api)

    with runs._LARGE_ANSWER:
        answer = importer_api.get("getImportFileData").json()

    assert len(answer["users"]) == 2
