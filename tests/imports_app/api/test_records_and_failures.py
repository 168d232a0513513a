"""Lists of records, failures.zip, retry and cancel."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from accounts.models import ActivityEntry, ImportId, User
from imports_app.models import (
    ImportOperation,
    ImportRecord,
    Message,
    Room,
    RoomMember,
)
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.contract import golden
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import SMALL, current, imported, packed
from tests.working import work

MESSY = {
    **SMALL,
    "users.csv": "ann,,Ann\nbo,,Bo\n,,=nobody\n",
    "channels.csv": "news,ann,public,bo\n,ann,public,\nlab,bo,private,ann\n",
    "news/1.csv": "spook,1600000000001,=1+1\nann,never,late\nann\nann,1600000000008,\0",
    "lost/1.csv": "ann,1600000000000,lost\n",
    "DirectMessages/1.csv": "ann,,1600000000003,psst\nghost,ann,1600000000004,boo\n",
}


@pytest.fixture
def messy(importer_api: ApiClient) -> ImportOperation:
    return imported(importer_api, packed(MESSY))


def page(api: ApiClient, operation: ImportOperation, **params: str) -> Any:
    """Return a page of records."""
    path = f"importOperations/{operation.public_id}/records"
    return api.get(path, params).json()


def test_failed_records_have_file_line_code_and_reason(
    importer_api: ApiClient, messy: ImportOperation
) -> None:
    body = page(importer_api, messy, outcome="failed")

    assert {(row["file"], row["line"], row["code"]) for row in body["records"]} == {
        ("users.csv", 3, "importer-user-missing-email-and-username"),
        ("channels.csv", 2, "importer-channel-missing-name"),
        ("news/1.csv", 1, "importer-message-unknown-user"),
        ("news/1.csv", 2, "importer-message-invalid-timestamp"),
        ("news/1.csv", 3, "importer-row-too-short"),
        ("news/1.csv", 4, "importer-row-nul"),
        ("lost/1.csv", 1, "importer-message-unknown-room"),
        ("DirectMessages/1.csv", 1, "importer-message-missing-recipient"),
    }
    assert all(row["message"] for row in body["records"])
    assert body["cursor"] is None


def test_records_are_paginated_and_filtered(
    importer_api: ApiClient, messy: ImportOperation
) -> None:
    everything = page(importer_api, messy)["records"]
    walked: list[Any] = []
    cursor = None
    while True:
        given: dict[str, str] = {"cursor": cursor} if cursor else {}
        body = page(importer_api, messy, count="4", **given)
        walked += body["records"]
        cursor = body["cursor"]
        if cursor is None:
            break

    assert walked == everything
    users = page(importer_api, messy, kind="user", outcome="imported")["records"]
    assert users == [
        {
            "key": str(messy.records.get(kind="user", import_id=name).pk),
            "kind": "user",
            "importId": name,
            "outcome": "imported",
            "file": "users.csv",
            "line": line,
        }
        for line, name in enumerate(("ann", "bo"), 1)
    ]


@pytest.mark.parametrize(
    ("params", "error"),
    [
        (
            {"outcome": "lost"},
            "outcome: must be equal to one of the allowed values: staged, imported,"
            " updated, unchanged, skipped, failed",
        ),
        ({"count": "0"}, "count: must be >= 1"),
        ({"x": "1"}, "must NOT have additional properties"),
        (
            {"cursor": "x"},
            "cursor: must be the cursor of an earlier response; omit it for the first"
            " page",
        ),
    ],
)
def test_rejects_invalid_parameters(
    importer_api: ApiClient, params: dict[str, str], error: str
) -> None:
    body = page(importer_api, ImportOperationFactory.create(), **params)

    assert body["error"] == f"{error} [invalid-params]"


def test_a_current_page_returns_304(
    importer_api: ApiClient, messy: ImportOperation
) -> None:
    path = f"importOperations/{messy.public_id}/records"
    etag = importer_api.get(path).headers["ETag"]

    assert importer_api.get(path, headers={"If-None-Match": etag}).status_code == 304
    other = importer_api.get(f"{path}?count=1", headers={"If-None-Match": etag})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["records", "failures.zip"])
def test_an_unknown_operation_is_404(importer_api: ApiClient, path: str) -> None:
    response = importer_api.get(f"importOperations/unknown/{path}")

    assert (response.status_code, response.content) == (404, golden("404"))


def failures(api: ApiClient, operation: ImportOperation) -> dict[str, str]:
    """Download failures.zip and return its files."""
    response = api.get(f"importOperations/{operation.public_id}/failures.zip")
    assert response.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_download_of_failures_is_logged(
    importer_api: ApiClient, messy: ImportOperation
) -> None:
    failures(importer_api, messy)

    entry = ActivityEntry.objects.latest("pk")
    assert (entry.action, entry.subject) == ("downloaded", "import")
    assert (entry.author_name, entry.name) == ("ivan", str(messy))


def test_failures_have_the_layout_of_the_source(
    importer_api: ApiClient, messy: ImportOperation
) -> None:
    files = failures(importer_api, messy)

    assert set(files) == {
        *("FAILURES.txt", "users.csv", "channels.csv"),
        *("news/1.csv", "lost/1.csv", "DirectMessages/1.csv"),
    }
    assert files["users.csv"].startswith('"","","\'=nobody","","importer-user-missing')
    first, second, *_rest = files["news/1.csv"].splitlines()
    assert first.startswith('"spook","1600000000001","\'=1+1","importer-message')
    assert second.startswith('"ann","never","late","importer-message-invalid')
    assert files["DirectMessages/1.csv"].startswith(
        '"ann","","1600000000003","psst","importer-message-missing-recipient"'
    )


def test_failures_can_be_corrected_and_imported(
    importer_api: ApiClient, messy: ImportOperation
) -> None:
    files = failures(importer_api, messy)
    files["users.csv"] = '"spook","",""\n'
    files["channels.csv"] = '"news","","public",""\n"lost","","public",""\n'
    files["news/1.csv"] = files["news/1.csv"].replace("never", "1600000000009")

    operation = imported(importer_api, packed(files))

    texts = set(Message.objects.values_list("text", flat=True))
    assert {"=1+1", "late", "lost"} <= texts
    assert operation.count_error == 2  # a row that is too short, one without partner
    assert "importer-row-extra-columns" not in operation.report["warnings"]


def test_failures_of_messages_name_their_rooms(importer_api: ApiClient) -> None:
    rooms = {"channels.csv": "news,ann,public,bo\nlab,bo,private,ann\n"}
    people = {"users.csv": "ann,,\nbo,,\n"}
    said = {"news/1.csv": "ann,never,a\n", "lab/1.csv": "bo,1600000000000,fine\nx\n"}
    operation = imported(importer_api, packed({**people, **rooms, **said}))
    files = failures(importer_api, operation)
    owners = set(RoomMember.objects.values_list("room__name", "user", "is_owner"))

    files["news/1.csv"] = files["news/1.csv"].replace("never", "1600000000009")
    files["lab/1.csv"] = files["lab/1.csv"].replace('"x",""', '"ann","1600000000001"')
    again = imported(importer_api, packed(files))

    assert set(files) == {"FAILURES.txt", "channels.csv", "news/1.csv", "lab/1.csv"}
    assert files["channels.csv"].splitlines() == [
        '"lab","","private","","",""',
        '"news","","public","","",""',
    ]
    assert (again.count_error, Message.objects.count()) == (0, 3)
    assert Room.objects.count() == 2
    after = set(RoomMember.objects.values_list("room__name", "user", "is_owner"))
    assert after == owners


def test_an_empty_author_creates_no_user(importer_api: ApiClient) -> None:
    rows = {"users.csv": "ann,,\n", "directmessages/1.csv": ",ann,1600000000000,hi\n"}
    operation = imported(importer_api, packed(rows))

    failed = ImportRecord.objects.get(operation=operation, outcome="failed")
    assert (failed.source_file, failed.source_line) == ("directmessages/1.csv", 1)
    assert failed.code == "importer-message-unknown-user"
    assert failed.message == (
        "The message has no author. Write the author's username in the first column."
    )
    assert not ImportId.objects.filter(value="").exists()
    assert Room.objects.count() == 0


def test_failures_without_failed_records_are_an_archive(
    importer_api: ApiClient,
) -> None:
    operation = imported(importer_api, packed({"users.csv": "ann,,\n"}))

    assert list(failures(importer_api, operation)) == ["FAILURES.txt"]


def test_a_retry_processes_failed_records_only(
    importer_api: ApiClient, messy: ImportOperation
) -> None:
    spook = User.objects.create(username="spook")

    response = importer_api.post(f"importOperations/{messy.public_id}/retry")
    work()

    child = current()
    assert response.json()["operation"]["_id"] == child.public_id
    assert (child.parent_id, child.status) == (messy.pk, Status.DONE)
    message = Message.objects.filter(author_id=spook.public_id, text="=1+1")
    assert message.exists()
    assert child.counters["total"] == 3
    body = importer_api.get(f"importOperations/{child.public_id}").json()
    assert body["operation"]["retryOf"] == messy.public_id


def test_an_import_without_failures_is_not_retried(
    importer_api: ApiClient,
) -> None:
    operation = imported(importer_api, packed({"users.csv": "ann,,\n,,x\n"}))

    response = importer_api.post(f"importOperations/{operation.public_id}/retry")

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-nothing-to-retry"
    assert current() == operation


def test_a_running_import_is_not_retried(importer_api: ApiClient) -> None:
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )

    response = importer_api.post(f"importOperations/{operation.public_id}/retry")

    assert response.json() == {
        "success": False,
        "error": "The import operation has not finished yet. Wait or cancel it."
        " [error-operation-running]",
        "errorType": "error-operation-running",
    }


def test_cancel_ends_an_import(importer_api: ApiClient) -> None:
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_USERS, is_valid=True
    )
    path = f"importOperations/{operation.public_id}/cancel"

    body = importer_api.post(path).json()
    again = importer_api.post(path)

    assert body["operation"]["valid"] is False
    assert body["operation"]["status"] == "importer_importing_users"
    document = importer_api.get(f"importOperations/{operation.public_id}").json()
    assert document["operation"]["error"]["code"] == "importer-cancelled"
    assert again.status_code == 400
    assert again.json() == {
        "success": False,
        "error": "The import operation has already finished. [error-operation-ended]",
        "errorType": "error-operation-ended",
    }
