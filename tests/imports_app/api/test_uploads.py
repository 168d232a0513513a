"""Resumable uploads by the tus protocol."""

from __future__ import annotations

import base64
import fcntl
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.permission_names import PermissionName
from imports_app.models import ImportOperation, PartialUpload
from imports_app.services.uploading import partial_uploads
from imports_app.services.uploading.partial_uploads import delete_expired_uploads
from imports_app.statuses import Status
from imports_app.uploads import partial
from imports_app.uploads.shared import ALIAS
from tests.conftest import ApiClient, api_client_of
from tests.factories import RoleFactory, UserFactory
from tests.imports_app.api.importing import SMALL, packed

UPLOADS = "importOperations/uploads"
PART = "application/offset+octet-stream"
CONTENT = packed(SMALL)


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def call(
    api: ApiClient, method: str, path: str, data: bytes = b"", **headers: Any
) -> Any:
    """Call an endpoint with headers such as `Upload_Offset`."""
    named = {"Tus-Resumable": "1.0.0"} | {
        name.replace("_", "-"): str(value) for name, value in headers.items()
    }
    return api.request(method, path, data=data, headers=named)


def create(api: ApiClient, size: int = len(CONTENT), name: str = "team.zip") -> str:
    """Create an upload and return its path."""
    metadata = f"filename {encoded(name)},filetype {encoded('application/zip')}"
    response = call(api, "POST", UPLOADS, Upload_Length=size, Upload_Metadata=metadata)
    assert response.status_code == 201, response.content
    return str(response.headers["Location"]).removeprefix("/api/v1/")


def append(api: ApiClient, path: str, offset: int, part: bytes, **headers: Any) -> Any:
    headers = {"Content_Type": PART, "Upload_Offset": offset, **headers}
    return call(api, "PATCH", path, part, **headers)


def offset_of(api: ApiClient, path: str) -> int:
    return int(call(api, "HEAD", path).headers["Upload-Offset"])


def stored(settings: Settings) -> list[Path]:
    return sorted((Path(settings.DATA_DIR) / "uploads").glob("*"))


def importer() -> ApiClient:
    role = RoleFactory.create(permissions=[PermissionName.RUN_IMPORT])
    return api_client_of(UserFactory.create(roles=[role]))


def test_a_file_is_uploaded_in_parts_and_imported(
    importer_api: ApiClient, settings: Settings
) -> None:
    path = create(importer_api)
    half = len(CONTENT) // 2
    assert offset_of(importer_api, path) == 0

    first = append(importer_api, path, 0, CONTENT[:half])
    assert (first.status_code, first.content) == (204, b"")
    assert first.headers["Upload-Offset"] == str(half)
    assert first.headers["Tus-Resumable"] == "1.0.0"
    early = importer_api.post(f"{path}/import")
    assert early.status_code == 409
    assert early.json()["errorType"] == "error-upload-incomplete"
    state = call(importer_api, "HEAD", path).headers
    assert (state["Upload-Offset"], state["Upload-Length"]) == (
        str(half),
        str(len(CONTENT)),
    )
    assert state["Upload-Metadata"].startswith("filename ")
    assert state["Cache-Control"] == "no-store"
    assert "GMT" in state["Upload-Expires"]
    append(importer_api, path, half, CONTENT[half:])

    digest = hashlib.sha256(CONTENT).hexdigest()
    body = importer_api.post(f"{path}/import", {"sha256": digest}).json()

    operation = ImportOperation.objects.get()
    assert body["operation"]["_id"] == operation.public_id
    assert body["detected"].startswith("This looks like an archive of CSV tables")
    assert (operation.status, operation.importer_key) == (Status.FILE_LOADED, "csv")
    assert operation.file_digest == digest
    assert operation.content_type == "application/zip"
    assert operation.file_name.endswith("_team.zip")
    [file] = stored(settings)
    assert (file.name, file.read_bytes()) == (operation.public_id, CONTENT)
    again = importer_api.post(f"{path}/import").json()
    assert again["operation"]["_id"] == operation.public_id
    assert importer_api.get(UPLOADS).json()["uploads"] == []
    document = importer_api.get(path).json()["upload"]
    assert document["operation"] == operation.public_id


def test_the_service_describes_itself(importer_api: ApiClient) -> None:
    response = call(importer_api, "OPTIONS", UPLOADS)

    assert response.headers["Tus-Version"] == "1.0.0"
    extensions = "creation,checksum,termination,expiration"
    assert response.headers["Tus-Extension"] == extensions
    assert response.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(response.headers["Tus-Max-Size"]) > 0
    assert "Tus-Version" not in call(importer_api, "OPTIONS", "me").headers


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus_Resumable": "0.2.2"}, 412, "error-tus-version"),
        ({"Content_Type": "application/zip"}, 415, "error-tus-media-type"),
        ({"Upload_Offset": "x"}, 400, "error-tus-header"),
        ({"Upload_Offset": "-1"}, 400, "error-tus-header"),
        ({"Upload_Offset": "1"}, 409, "error-upload-offset"),
        ({"Upload_Checksum": "md5 AAAA"}, 400, "error-tus-header"),
        ({"Upload_Checksum": "sha1 ?"}, 400, "error-tus-header"),
        ({"Upload_Checksum": "sha1 AAAA"}, 460, "error-upload-checksum"),
    ],
)
def test_an_invalid_part_changes_nothing(
    importer_api: ApiClient, headers: dict[str, str], status: int, code: str
) -> None:
    path = create(importer_api)

    response = append(importer_api, path, 0, b"x", **headers)

    assert response.status_code == status
    assert response.json()["errorType"] == code
    assert offset_of(importer_api, path) == 0
    assert append(importer_api, path, 0, CONTENT).status_code == 204


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_part_with_the_right_checksum_is_kept(
    importer_api: ApiClient, algorithm: str
) -> None:
    path = create(importer_api)
    checksum = f"{algorithm} {encoded(hashlib.new(algorithm, CONTENT).digest())}"

    response = append(importer_api, path, 0, CONTENT, Upload_Checksum=checksum)

    assert response.status_code == 204


def test_a_part_beyond_the_size_is_refused(importer_api: ApiClient) -> None:
    path = create(importer_api, 10)

    response = append(importer_api, path, 0, bytes(11))

    assert response.status_code == 413
    assert offset_of(importer_api, path) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload_Length": "x"},
        {"Upload_Length": 10, "Upload_Metadata": "filename ?"},
        {"Upload_Length": 10, "Upload_Metadata": f"filename {encoded(bytes([255]))}"},
        {"Upload_Length": 10, "Upload_Metadata": f"filename {encoded('../x')}"},
        {"Upload_Length": 10, "Upload_Metadata": "x " + "A" * 4_000},
        {"Upload_Length": 10, "Upload_Metadata": f"filetype {encoded('a' + chr(0))}"},
        {"Upload_Length": 10**14},
    ],
)
def test_an_invalid_upload_is_not_created(
    importer_api: ApiClient, settings: Settings, headers: dict[str, Any]
) -> None:
    response = call(importer_api, "POST", UPLOADS, **headers)

    assert response.status_code in {400, 413}
    assert response.json()["error"]
    assert not PartialUpload.objects.exists()
    assert stored(settings) == []


def test_two_parts_at_once_are_refused(importer_api: ApiClient) -> None:
    path = create(importer_api)
    upload = PartialUpload.objects.get()
    with partial.partial_path(upload).open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        response = append(importer_api, path, 0, CONTENT)

    assert response.status_code == 423
    assert append(importer_api, path, 0, CONTENT).status_code == 204
    assert append(importer_api, path, 0, CONTENT).status_code == 409


def test_bytes_of_an_interrupted_part_are_overwritten(
    importer_api: ApiClient, settings: Settings
) -> None:
    path = create(importer_api)
    append(importer_api, path, 0, CONTENT[:10])
    [file] = stored(settings)
    with file.open("ab") as killed:  # as a process that was killed before its commit
        killed.write(b"half a part")
    assert offset_of(importer_api, path) == 10

    append(importer_api, path, 10, CONTENT[10:])

    assert file.read_bytes() == CONTENT


def test_no_user_sees_or_continues_the_upload_of_another_user(
    importer_api: ApiClient,
) -> None:
    path = create(importer_api)
    other = importer()

    for response in (
        call(other, "HEAD", path),
        other.get(path),
        append(other, path, 0, CONTENT),
        call(other, "DELETE", path),
        other.post(f"{path}/import"),
    ):
        assert response.status_code == 404
    assert other.get(UPLOADS).json()["uploads"] == []
    assert [one["offset"] for one in importer_api.get(UPLOADS).json()["uploads"]] == [0]


def test_a_cancelled_upload_does_not_exist(
    importer_api: ApiClient, settings: Settings
) -> None:
    path = create(importer_api)

    assert call(importer_api, "DELETE", path).status_code == 204
    assert call(importer_api, "HEAD", path).status_code == 404
    assert append(importer_api, path, 0, CONTENT).status_code == 404
    assert stored(settings) == []


def test_an_upload_expires_after_its_last_part(
    importer_api: ApiClient, settings: Settings
) -> None:
    path = create(importer_api)
    PartialUpload.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    append(importer_api, path, 0, CONTENT[:5])
    upload = PartialUpload.objects.get()
    assert upload.expires_at > timezone.now() + timedelta(hours=23)
    assert delete_expired_uploads() == 0

    PartialUpload.objects.update(expires_at=timezone.now())

    assert call(importer_api, "HEAD", path).status_code == 404
    assert delete_expired_uploads() == 1
    assert stored(settings) == []


def test_a_file_with_another_digest_is_deleted(
    importer_api: ApiClient, settings: Settings
) -> None:
    path = create(importer_api)
    append(importer_api, path, 0, CONTENT)

    response = importer_api.post(f"{path}/import", {"sha256": "0" * 64})

    assert response.json()["errorType"] == "error-upload-digest"
    assert not ImportOperation.objects.exists()
    assert stored(settings) == []


def test_the_file_stays_until_its_importer_is_clear(
    importer_api: ApiClient, settings: Settings
) -> None:
    content = b"Kind regards\n"
    path = create(importer_api, len(content), name="letter.txt")
    append(importer_api, path, 0, content)

    refused = importer_api.post(f"{path}/import")

    assert refused.json()["errorType"] == "importer-kind-unknown"
    assert len(stored(settings)) == 1
    accepted = importer_api.post(f"{path}/import", {"importerKey": "csv"})
    assert accepted.json()["operation"]["importerKey"] == "csv"


def test_unfinished_uploads_count_towards_the_quota(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.UPLOAD_QUOTA_BYTES = 100
    create(importer_api, 60)

    response = call(importer_api, "POST", UPLOADS, Upload_Length=60)

    assert response.json()["errorType"] == "error-upload-quota-exceeded"
    assert len(stored(settings)) == 1


def test_the_number_of_unfinished_uploads_is_limited(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial_uploads, "MOST_PER_USER", 2)
    monkeypatch.setattr(partial_uploads, "MOST_IN_ALL", 3)
    create(importer_api)
    path = create(importer_api)

    mine = call(importer_api, "POST", UPLOADS, Upload_Length=5)
    other = importer()
    create(other)
    theirs = call(other, "POST", UPLOADS, Upload_Length=5)

    assert "You have 2 unfinished uploads" in mine.json()["error"]
    assert "too many unfinished uploads" in theirs.json()["error"]
    call(importer_api, "DELETE", path)
    create(other)


def test_all_unfinished_uploads_must_fit_on_the_disk(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(importer_api, 1_000)
    monkeypatch.setattr(
        "imports_app.uploads.incoming.has_free_space", lambda size: size <= 1_500
    )

    response = call(importer_api, "POST", UPLOADS, Upload_Length=600)

    assert response.json()["errorType"] == "error-storage-full"
    create(importer_api, 400)


def test_a_part_that_does_not_fit_on_the_disk_is_refused_completely(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    path = create(importer_api)
    append(importer_api, path, 0, CONTENT[:10])
    monkeypatch.setattr(
        "imports_app.uploads.incoming.has_free_space", lambda size: False
    )

    response = append(importer_api, path, 10, CONTENT[10:])

    assert response.json()["errorType"] == "error-storage-full"
    [file] = stored(settings)
    assert file.read_bytes() == CONTENT[:10]


def test_parts_stay_on_one_machine_and_the_file_goes_to_the_shared_storage(
    importer_api: ApiClient, settings: Settings, tmp_path: Path
) -> None:
    folder = "django.core.files.storage.FileSystemStorage"
    entry = {"BACKEND": folder, "OPTIONS": {"location": tmp_path / "shared"}}
    settings.STORAGES = {**settings.STORAGES, ALIAS: entry}
    path = create(importer_api)
    append(importer_api, path, 0, CONTENT[:10])
    [file] = stored(settings)

    away = file.rename(tmp_path / "on-another-machine")
    elsewhere = append(importer_api, path, 10, CONTENT[10:])
    assert elsewhere.status_code == 503
    assert "another machine" in elsewhere.json()["error"]
    away.rename(file)
    append(importer_api, path, 10, CONTENT[10:])
    body = importer_api.post(f"{path}/import").json()

    shared = tmp_path / "shared" / body["operation"]["_id"]
    assert shared.read_bytes() == CONTENT
    assert stored(settings) == []


def test_a_file_that_the_server_lost_is_uploaded_again(
    importer_api: ApiClient, settings: Settings
) -> None:
    path = create(importer_api)
    append(importer_api, path, 0, CONTENT[:10])
    [file] = stored(settings)
    file.write_bytes(b"short")

    assert append(importer_api, path, 10, CONTENT[10:]).status_code == 404
    file.unlink()
    assert append(importer_api, path, 10, CONTENT[10:]).status_code == 404
