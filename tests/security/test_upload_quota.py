"""The upload quota applies to all endpoints."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from imports_app.engine.staging import PAGE
from imports_app.models import ImportOperation, ImportRecord
from imports_app.uploads.storage import SPOOL_SUFFIX
from tests.conftest import ApiClient
from tests.imports_app.api.importing import EVERYTHING, SMALL, packed, upload_body
from tests.live import free_port, running_server
from tests.security.conftest import Attacks
from tests.security.live import UPLOAD, Server, request, status_of
from tests.working import work

NEW_IMPORT = "/admin/imports_app/importoperation/new/"
SCRIPTED = f"{NEW_IMPORT}upload/?importer=csv&name=x.zip&modified=0"
STREAMED = "importOperations/file?importerKey=csv&fileName=x.zip"
UPLOADS = "importOperations/uploads"
CONTENT = packed(SMALL)
QUOTA = "error-upload-quota-exceeded"

Way = Callable[[ApiClient, Client, Path], str]
"""Sends a file, and returns what the server answers."""


def replaced() -> int | str:
    current = ImportOperation.objects.in_progress()
    return current.pk if current else ""


def in_base64(api: ApiClient, browser: Client, path: Path) -> str:
    return str(api.post("uploadImportFile", upload_body(CONTENT)).json())


def as_a_stream(api: ApiClient, browser: Client, path: Path) -> str:
    answer = api.request("PUT", STREAMED, data=CONTENT, content_type="application/zip")
    return str(answer.json())


def by_the_page(api: ApiClient, browser: Client, path: Path) -> str:
    file = SimpleUploadedFile("x.zip", CONTENT)
    fields = {"importer": "csv", "file": file, "replaces": replaced()}
    return html.unescape(browser.post(NEW_IMPORT, fields).content.decode())


def by_the_script(api: ApiClient, browser: Client, path: Path) -> str:
    address = f"{SCRIPTED}&size={len(CONTENT)}&replaces={replaced()}"
    created = browser.post(address)
    if created.status_code != 201:
        return created.content.decode()
    url = created.json()["url"]
    browser.put(f"{url}?offset=0", CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    address = f"{url}import/?sha256={digest}&replaces={replaced()}"
    return browser.post(address).content.decode()


def by_the_protocol(api: ApiClient, browser: Client, path: Path) -> str:
    tus = {"Tus-Resumable": "1.0.0"}
    size = {"Upload-Length": str(len(CONTENT))}
    created = api.request("POST", UPLOADS, headers={**tus, **size})
    if created.status_code != 201:
        return str(created.json())
    place = created.headers["Location"]
    part = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    api.request("PATCH", place, data=CONTENT, headers={**tus, **part})
    return str(api.post(f"{place}/import").json())


def from_the_shell(api: ApiClient, browser: Client, path: Path) -> str:
    path.write_bytes(CONTENT)
    try:
        call_command(
            "import_file", str(path), importer="csv", user=str(api.user), replace=True
        )
    except CommandError as error:
        return str(error)
    return ""


WAYS: list[Way] = [
    *(in_base64, as_a_stream, by_the_page, by_the_script, by_the_protocol),
    from_the_shell,
]


def kept_files(settings: Settings) -> list[Path]:
    """Return the stored uploads, without what workers read from them."""
    folder = Path(settings.DATA_DIR) / "uploads"
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in found if path.suffix != SPOOL_SUFFIX]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("limit", ["files", "bytes"])
def test_no_endpoint_exceeds_the_quota(
    importer_api: ApiClient,
    importer_browser: Client,
    settings: Settings,
    tmp_path: Path,
    attacks: Attacks,
    way: Way,
    limit: str,
) -> None:
    in_base64(importer_api, importer_browser, tmp_path)
    before = kept_files(settings)
    assert len(before) == 1
    if limit == "files":
        settings.UPLOAD_QUOTA_FILES = 1
    else:
        settings.UPLOAD_QUOTA_BYTES = 2 * len(CONTENT) - 1
    operations = ImportOperation.objects.count()

    answer = way(importer_api, importer_browser, tmp_path / "x.zip")

    assert "raise the quota" in answer
    grew = kept_files(settings) != before
    started = ImportOperation.objects.count() != operations
    attacks.record(f"{way.__name__}, {limit}", got_through=grew or started)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_within_the_quota_is_accepted(
    importer_api: ApiClient,
    importer_browser: Client,
    settings: Settings,
    tmp_path: Path,
    way: Way,
) -> None:
    settings.UPLOAD_QUOTA_FILES = 1
    settings.UPLOAD_QUOTA_BYTES = len(CONTENT)

    way(importer_api, importer_browser, tmp_path / "x.zip")

    assert len(kept_files(settings)) == 1


def test_a_download_over_quota_is_rejected_before_any_connection(
    importer_api: ApiClient, settings: Settings
) -> None:
    importer_api.post("uploadImportFile", upload_body(CONTENT))
    settings.UPLOAD_QUOTA_FILES = 1

    body = {"fileUrl": "https://files.example.org/x.zip", "importerKey": "csv"}
    answer = importer_api.post("downloadPublicImportFile", body)

    assert answer.status_code == 400
    assert answer.json()["errorType"] == QUOTA


def test_quotas_apply_per_user(
    importer_api: ApiClient, admin_api: ApiClient, settings: Settings
) -> None:
    settings.UPLOAD_QUOTA_FILES = 1

    for api in (importer_api, admin_api):
        assert api.post("uploadImportFile", upload_body(CONTENT)).status_code == 200


def test_reading_a_file_again_takes_its_bytes_once(
    importer_browser: Client, importer_api: ApiClient, settings: Settings
) -> None:
    importer_api.post("uploadImportFile", upload_body(CONTENT))
    operation = ImportOperation.objects.get()
    settings.UPLOAD_QUOTA_BYTES = len(CONTENT)

    page = f"/admin/imports_app/importoperation/{operation.pk}/read-as/"
    importer_browser.post(page, {"importer": "slack"})

    assert ImportOperation.objects.count() == 2


def test_the_reserve_of_the_disk_stays_free(
    importer_api: ApiClient,
    importer_browser: Client,
    settings: Settings,
    tmp_path: Path,
    attacks: Attacks,
) -> None:
    settings.DISK_RESERVE_BYTES = 10**18
    for way in WAYS:
        answer = way(importer_api, importer_browser, tmp_path / "x.zip")
        assert "disk is full" in answer
        attacks.record(way.__name__, got_through=bool(kept_files(settings)))


@pytest.mark.parametrize("phase", ["reading", "importing"])
def test_an_import_ends_when_it_reaches_the_reserve(
    importer_api: ApiClient, settings: Settings, attacks: Attacks, phase: str
) -> None:
    """A small archive can hold millions of rows."""
    rows = "".join(f"user{number},,User\n" for number in range(3 * PAGE))
    upload = upload_body(packed({"users.csv": rows}))
    importer_api.post("uploadImportFile", upload)
    importer_api.get("getImportFileData")
    if phase == "importing":
        work()
        importer_api.post("startImport", {"input": EVERYTHING})

    settings.DISK_RESERVE_BYTES = 10**18
    work()

    operation = ImportOperation.objects.get()
    assert operation.error_code == "importer-storage-full"
    written = User.objects.filter(username__startswith="user").count()
    if phase == "reading":
        written = ImportRecord.objects.count()
    attacks.record(phase, got_through=written > PAGE)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_uploads_at_the_same_time_do_not_exceed_the_quota_together(
    importer_api: ApiClient, settings: Settings, attacks: Attacks
) -> None:
    settings.UPLOAD_QUOTA_FILES = 3

    def send(_number: int) -> int:
        try:
            answer = importer_api.post("uploadImportFile", upload_body(CONTENT))
            return int(answer.status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(send, range(16)))

    attacks.record("16 at once", got_through=len(kept_files(settings)) > 3)
    assert statuses.count(200) == len(kept_files(settings))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose disk is almost full."""
    data = tmp_path_factory.mktemp("server")
    port = free_port()
    with running_server(
        data, port, "--workers", "1", demo=True, DISK_RESERVE_BYTES=str(10**18)
    ):
        server = Server(port, data)
        yield server
        server.close()


def test_a_body_ends_when_it_reaches_the_reserve(server: Server) -> None:
    body = json.dumps({"binaryContent": base64.b64encode(bytes(10**6)).decode()})
    head = request("POST", "/api/v1/uploadImportFile", length=len(body))
    announced = request("PUT", UPLOAD, length=10**6)

    assert status_of(server.ask(head + body.encode())) == 507
    assert status_of(server.ask(announced)) == 400
    assert list((server.data / "uploads").glob("*")) == []
