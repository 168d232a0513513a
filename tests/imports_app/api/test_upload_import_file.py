from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from imports_app.models import ImportOperation
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.imports_app.api.importing import SMALL, packed, upload_body, uploaded


def files_in(settings: Settings) -> list[str]:
    """Return the names of all stored files."""
    folder = Path(settings.DATA_DIR) / "uploads"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_stores_the_file_and_creates_an_operation(
    importer_api: ApiClient, settings: Settings
) -> None:
    content = packed(SMALL)

    operation = uploaded(importer_api, content)

    assert operation.status == Status.FILE_LOADED
    assert operation.content_type == "application/zip"
    assert operation.file_size == len(content)
    assert operation.file_digest == hashlib.sha256(content).hexdigest()
    assert files_in(settings) == [operation.public_id]
    at, user = operation.created_at, importer_api.user
    assert user is not None
    date = "".join(
        map(str, (at.year, at.month - 1, at.day, at.hour, at.minute, at.second))
    )
    assert operation.file_name == f"{date}_{user.public_id}_team.zip"
    moves = [event.to_status for event in operation.events.in_order()]
    assert moves == [Status.NEW, Status.UPLOADING, Status.FILE_LOADED]


def test_the_operation_matches_the_documented_example(importer_api: ApiClient) -> None:
    svg = upload_body(b"<svg/>", contentType="image/svg+xml", fileName="pp.svg")
    importer_api.post("uploadImportFile", svg)

    [row] = importer_api.get("getLatestImportOperations").json()

    assert list(row) == [
        *("_id", "type", "importerKey", "ts", "status", "valid", "user"),
        *("_updatedAt", "contentType", "file"),
    ]
    assert (row["type"], row["importerKey"]) == ("CSV", "csv")
    assert re.fullmatch(r"\d{8,14}_\w{17}_pp\.svg", row["file"])
    details = importer_api.get(f"importOperations/{row['_id']}").json()["operation"]
    assert "importer-not-a-zip" in details["report"]["warnings"]


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        (
            {"importerKey": "png"},
            {
                "success": False,
                "error": "The importer (png) has no import class defined."
                " [error-importer-not-defined]",
                "errorType": "error-importer-not-defined",
                "details": "uploadImportFile",
            },
        ),
        (
            {"binaryContent": "*no base64*"},
            {
                "success": False,
                "error": "binaryContent is not valid base64. Encode the file's bytes."
                " [error-invalid-file]",
                "errorType": "error-invalid-file",
                "details": "uploadImportFile",
            },
        ),
        (
            {"fileName": "../x.zip"},
            {
                "success": False,
                "error": "'../x.zip' is not a valid file name. Remove any folders from"
                " the name. [error-invalid-file-name]",
                "errorType": "error-invalid-file-name",
            },
        ),
        (
            {"fileName": ""},
            {
                "success": False,
                "error": "'' is not a valid file name. Remove any folders from the name"
                ". [error-invalid-file-name]",
                "errorType": "error-invalid-file-name",
            },
        ),
        (
            {"extra": "x"},
            {
                "success": False,
                "error": "must NOT have additional properties [invalid-params]",
                "errorType": "invalid-params",
            },
        ),
    ],
)
def test_rejects_invalid_uploads_without_changes(
    importer_api: ApiClient,
    settings: Settings,
    changes: dict[str, str],
    body: dict[str, object],
) -> None:
    first = uploaded(importer_api)

    response = importer_api.post("uploadImportFile", upload_body(b"x", **changes))

    assert (response.status_code, response.json()) == (400, body)
    first.refresh_from_db()
    assert first.is_valid
    assert files_in(settings) == [first.public_id]


@pytest.mark.parametrize(
    "name", ["binaryContent", "contentType", "fileName", "importerKey"]
)
def test_names_missing_properties(importer_api: ApiClient, name: str) -> None:
    body = upload_body(b"x")
    del body[name]

    response = importer_api.post("uploadImportFile", body)

    assert response.status_code == 400
    assert response.json()["error"] == (
        f"must have required property '{name}' [invalid-params]"
    )


def test_a_body_over_the_limit_is_413(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.UPLOAD_MAX_BYTES = 5_000_000
    fits = importer_api.post("uploadImportFile", upload_body(bytes(3_500_000)))
    response = importer_api.post("uploadImportFile", upload_body(bytes(4_000_000)))

    assert fits.status_code == 200
    assert response.status_code == 413
    assert response.json()["success"] is False
    assert ImportOperation.objects.count() == 1


def test_form_fields_are_accepted(importer_api: ApiClient) -> None:
    response = importer_api.post_form("uploadImportFile", upload_body(packed(SMALL)))

    assert response.json() == {"success": True}


def put(api: ApiClient, content: bytes, query: str) -> Any:
    """Stream a file."""
    return api.request(
        "PUT",
        f"importOperations/file?{query}",
        data=content,
        content_type="application/zip",
    )


def test_streams_a_file_of_any_size(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    content = bytes(6_000_000)

    response = put(importer_api, content, "importerKey=csv&fileName=big.zip")

    assert response.status_code == 200
    document = response.json()["operation"]
    assert document["status"] == "importer_file_loaded"
    assert document["contentType"] == "application/zip"
    stored = Path(settings.DATA_DIR) / "uploads" / document["_id"]
    assert stored.read_bytes() == content


def test_detects_the_importer_of_a_streamed_file(
    importer_api: ApiClient, settings: Settings
) -> None:
    response = put(importer_api, packed(SMALL), "fileName=team")
    refused = put(importer_api, b"%PDF-1.7 hello", "fileName=team").json()

    body = response.json()
    assert body["operation"]["importerKey"] == "csv"
    assert body["detected"].startswith("This looks like an archive of CSV tables with")
    assert refused["errorType"] == "importer-not-a-zip"
    assert "a PDF document" in refused["error"]
    assert files_in(settings) == [body["operation"]["_id"]]


def test_a_streamed_file_over_the_limit_is_not_stored(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.FILE_MAX_BYTES = 1000

    response = put(importer_api, bytes(1001), "importerKey=csv&fileName=big.zip")

    assert response.status_code == 413
    assert response.json() == {
        "success": False,
        "error": "The file is larger than 1000 bytes, the maximum upload size.",
    }
    assert files_in(settings) == []
    assert not ImportOperation.objects.exists()


def test_a_streamed_file_without_its_size_is_rejected(
    importer_api: ApiClient,
) -> None:
    response = importer_api.request(
        "PUT",
        "importOperations/file?importerKey=csv&fileName=x.zip",
        CONTENT_LENGTH="",
    )

    assert response.status_code == 400
    assert "Content-Length" in response.json()["error"]
    assert not ImportOperation.objects.exists()


def test_an_unwritable_disk_is_reported(
    importer_api: ApiClient, settings: Settings
) -> None:
    (Path(settings.DATA_DIR) / "uploads").write_text("in the way")

    response = importer_api.post("uploadImportFile", upload_body(b"x"))

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-storage-full"
    assert not ImportOperation.objects.exists()
