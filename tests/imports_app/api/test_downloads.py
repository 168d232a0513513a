"""POST downloadPublicImportFile, downloadPendingFiles and -Avatars: wire-api.md 2."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from config.files.stored_files import imported_files
from imports_app.engine.downloads import parallel
from imports_app.engine.jobs import run
from imports_app.engine.lease import Lease
from imports_app.models import FileState, ImportOperation, ImportRecord, MessageFile
from imports_app.services.operations import cancel_operation
from imports_app.statuses import Status
from imports_app.transitions import SERVER
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.conftest import ApiClient
from tests.factories import RoomFactory, UserFactory
from tests.imports_app.api.importing import current
from tests.web import PNG, Web, misbehaving
from tests.working import work


@pytest.fixture(autouse=True)
def _impatient(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PREPARE_WAIT_SECONDS = 0
    settings.DOWNLOAD_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.DOWNLOAD_IDLE_SECONDS = 0.5
    settings.DOWNLOAD_SECONDS = 1.5
    settings.DOWNLOAD_MAX_BYTES = settings.FILE_MAX_BYTES = 50_000
    monkeypatch.setattr(parallel, "PAUSES", (0.0, 0.0))


@pytest.fixture
def web() -> Iterator[Web]:
    with misbehaving() as server:
        yield server


@pytest.mark.parametrize("path", ["downloadPendingFiles", "downloadPendingAvatars"])
def test_pending_downloads_refuse_properties(
    importer_api: ApiClient, path: str
) -> None:
    response = importer_api.post(path, {"count": 1})

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": "must NOT have additional properties [invalid-params]",
        "errorType": "invalid-params",
    }
    assert not ImportOperation.objects.exists()
    assert importer_api.request("POST", path).json() == {"count": 0, "success": True}


def waiting_file(url: str, source_id: str = "F1", **fields: Any) -> MessageFile:
    """Create a pending file."""
    return MessageFile.objects.create(
        **{
            "room": RoomFactory.create(),
            "message_import_id": f"m-{MessageFile.objects.count()}",
            "source_id": source_id,
            "name": "report.txt",
            "url": url,
            "sent_at": datetime(2020, 9, 13, tzinfo=UTC),
            **fields,
        }
    )


def content_of(file: MessageFile) -> bytes:
    file.refresh_from_db()
    with imported_files().open(file.stored_name) as stream:
        content: bytes = stream.read()
    return content


def download(api: ApiClient, url: str, importer: str = "csv") -> Any:
    body = {"fileUrl": url, "importerKey": importer}
    return api.post("downloadPublicImportFile", body)


# Pending files ------------------------------------------------------------------------


def test_an_operation_without_pending_files_is_done(importer_api: ApiClient) -> None:
    response = importer_api.post("downloadPendingFiles")

    assert response.json() == {"count": 0, "success": True}
    operation = current()
    assert (operation.importer_key, operation.importer_name) == (
        "pending-files",
        "Pending Files",
    )
    assert operation.status == Status.DONE
    document = importer_api.get("getCurrentImportOperation").json()["operation"]
    assert "count" not in document


def test_pending_files_are_downloaded(importer_api: ApiClient, web: Web) -> None:
    first = waiting_file(web.url("ok/one"))
    second = waiting_file(web.url("ok/two"), "F2")

    response = importer_api.post("downloadPendingFiles")

    assert response.json() == {"count": 2, "success": True}
    progress = importer_api.get("getImportProgress").json()
    assert progress == {
        "key": "pending-files",
        "name": "Pending Files",
        "step": "importer_importing_files",
        "count": {"total": 2, "completed": 0, "error": 0},
        "success": True,
    }
    work()
    assert (content_of(first), content_of(second)) == (b"one", b"two")
    assert (first.state, first.size) == (FileState.STORED, 3)
    operation = current()
    assert operation.status == Status.DONE
    assert (operation.count_completed, operation.count_error) == (2, 0)
    assert importer_api.post("downloadPendingFiles").json()["count"] == 0


def test_a_file_keeps_the_time_of_its_message(
    importer_api: ApiClient, web: Web
) -> None:
    file = waiting_file(web.url("ok"))
    importer_api.post("downloadPendingFiles")
    work()

    file.refresh_from_db()
    assert file.sent_at == datetime(2020, 9, 13, tzinfo=UTC)


def test_a_file_of_two_messages_is_downloaded_once(
    importer_api: ApiClient, web: Web
) -> None:
    first, second = waiting_file(web.url("ok/x?t=1")), waiting_file(web.url("ok/x?t=2"))
    importer_api.post("downloadPendingFiles")
    work()
    third = waiting_file(web.url("ok/x?t=3"))
    importer_api.post("downloadPendingFiles")
    work()

    assert sum(web.asked.values()) == 1
    assert content_of(first) == content_of(second) == content_of(third)
    assert current().count_completed == 1


def test_failed_downloads_are_listed_without_secrets(
    importer_api: ApiClient, web: Web
) -> None:
    paths = ["status/404", "login", "short", "ok/fine", "drip", "huge"]
    for number, path in enumerate(paths):
        waiting_file(web.url(f"{path}?t=xoxe-secret"), f"F{number}")
    waiting_file("http://10.0.0.1/x?t=xoxe-secret", "F7")

    importer_api.post("downloadPendingFiles")
    work()

    operation = current()
    assert operation.status == Status.DONE
    assert (operation.count_completed, operation.count_error) == (1, 6)
    path = f"importOperations/{operation.public_id}/records?outcome=failed"
    body = importer_api.get(path)
    assert "secret" not in body.content.decode()
    assert [row["code"] for row in body.json()["records"]] == [
        *("fetch-unexpected-status", "fetch-unexpected-type", "fetch-broken-off"),
        *("fetch-too-slow", "fetch-too-large", "fetch-forbidden-address"),
    ]
    assert body.json()["records"][0]["message"] == (
        f"{web.url('status/404')}: Unexpected response status 404."
    )


def test_a_temporary_failure_is_retried(importer_api: ApiClient, web: Web) -> None:
    file = waiting_file(web.url("flaky/x"))

    importer_api.post("downloadPendingFiles")
    work()

    assert content_of(file) == b"at last"
    assert web.asked["flaky/x"] == 3


def test_an_html_file_is_downloaded(importer_api: ApiClient, web: Web) -> None:
    file = waiting_file(web.url("login"), name="page.html", content_type="text/html")
    importer_api.post("downloadPendingFiles")
    work()

    assert content_of(file) == b"<html>Sign in</html>"


def test_links_are_not_downloaded(importer_api: ApiClient, web: Web) -> None:
    waiting_file(web.url("ok"), state=FileState.LINK)

    assert importer_api.post("downloadPendingFiles").json()["count"] == 0


def test_a_retry_downloads_failed_files(importer_api: ApiClient, web: Web) -> None:
    file = waiting_file(web.url("status/404"))
    waiting_file(web.url("ok"), "F2")
    importer_api.post("downloadPendingFiles")
    work()
    parent = current()
    MessageFile.objects.filter(pk=file.pk).update(url=web.url("ok/now"))

    importer_api.post(f"importOperations/{parent.public_id}/retry")
    work()

    child = current()
    assert (child.parent_id, child.status) == (parent.pk, Status.DONE)
    assert child.count_completed == child.count_total == 1
    assert content_of(file) == b"now"


def test_failed_downloads_are_in_failures_zip(
    importer_api: ApiClient, web: Web
) -> None:
    waiting_file(web.url("status/404?t=secret"))
    importer_api.post("downloadPendingFiles")
    work()

    path = f"importOperations/{current().public_id}/failures.zip"
    content = b"".join(importer_api.get(path).streaming_content)

    assert b"files.csv" in content


# Pending avatars ----------------------------------------------------------------------


def test_avatars_are_downloaded(importer_api: ApiClient, web: Web) -> None:
    ann = UserFactory.create(pending_avatar_url=web.url("png"))
    UserFactory.create(pending_avatar_url=web.url("login"))

    response = importer_api.post("downloadPendingAvatars")
    work()

    assert response.json() == {"count": 2, "success": True}
    ann.refresh_from_db()
    assert ann.pending_avatar_url == ""
    with imported_files().open(ann.avatar_name) as stream:
        assert stream.read() == PNG
    operation = current()
    assert (operation.count_completed, operation.count_error) == (1, 1)
    assert User.objects.with_pending_avatar().count() == 1
    failed = ImportRecord.objects.get(outcome="failed")
    assert failed.code == "fetch-unexpected-type"


# The file of an import ----------------------------------------------------------------


def test_a_file_is_downloaded_and_imported(
    importer_api: ApiClient, web: Web, tmp_path: Path, settings: Settings
) -> None:
    settings.FILE_MAX_BYTES = 10_000_000
    write_csv_archive(tmp_path / "team.zip", Plan(messages=20))
    web.files["team.zip"] = (tmp_path / "team.zip").read_bytes()

    response = download(importer_api, web.url("file/team.zip?t=secret"))

    assert response.json() == {"success": True}
    operation = current()
    assert operation.status == Status.DOWNLOADING_FILE
    assert operation.file_name.endswith("_team.zip")
    document = importer_api.get("getCurrentImportOperation").json()["operation"]
    assert "contentType" not in document
    assert importer_api.get("getImportFileData").json() == {
        "waiting": True,
        "success": True,
    }
    work()
    operation.refresh_from_db()
    assert operation.status == Status.FILE_LOADED
    assert operation.source_url == ""
    assert operation.file_size == len(web.files["team.zip"])
    importer_api.get("getImportFileData")
    work()
    selection = importer_api.get("getImportFileData").json()
    assert selection["name"] == "CSV"
    assert len(selection["users"]) > 20


@pytest.mark.parametrize("url", ["htt://www.example.com/dog", "/etc/passwd", ""])
def test_only_http_urls_are_allowed(importer_api: ApiClient, url: str) -> None:
    assert download(importer_api, url).json() == {
        "success": False,
        "error": f"{url} [error-import-file-missing]",
        "errorType": "error-import-file-missing",
        "details": "downloadPublicImportFile",
    }
    assert not ImportOperation.objects.exists()


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://[::1]:3000/x", "http://10.0.0.1/"]
)
def test_private_networks_are_rejected(importer_api: ApiClient, url: str) -> None:
    response = download(importer_api, url)

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-import-file-missing"
    assert "is in a private network" in response.json()["error"]
    assert not ImportOperation.objects.exists()


def test_an_unknown_importer_is_rejected(importer_api: ApiClient) -> None:
    assert download(importer_api, "http://example.org/", "png").json() == {
        "success": False,
        "error": "The importer (png) has no import class defined."
        " [error-importer-not-defined]",
        "errorType": "error-importer-not-defined",
        "details": "downloadImportFile",
    }
    assert not ImportOperation.objects.exists()


def test_an_error_status_is_reported_at_once(importer_api: ApiClient, web: Web) -> None:
    response = download(importer_api, web.url("status/404"))

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": "Unexpected response status 404",
    }
    operation = current()
    assert operation.status == Status.FAILED
    assert operation.error_code == "fetch-unexpected-status"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("drip", "fetch-too-slow"),
        ("endless", "fetch-too-large"),
        ("short", "fetch-broken-off"),
    ],
)
def test_a_failed_download_fails_the_operation(
    importer_api: ApiClient, web: Web, path: str, code: str
) -> None:
    assert download(importer_api, web.url(f"{path}?t=secret")).status_code == 200
    work()

    operation = current()
    assert (operation.status, operation.error_code) == (Status.FAILED, code)
    assert "secret" not in operation.error_message
    body = importer_api.get("getImportFileData").json()
    assert body["errorType"] == code
    uploads = list((Path(imported_files().path("")).parent / "uploads").glob("*"))
    assert not [path for path in uploads if path.name.startswith("incoming")]


def test_a_download_can_be_cancelled(importer_api: ApiClient, web: Web) -> None:
    download(importer_api, web.url("ok"))
    importer_api.post(f"importOperations/{current().public_id}/cancel")
    work()

    operation = current()
    assert (operation.status, operation.is_valid) == (Status.DOWNLOADING_FILE, False)


# Interruptions ------------------------------------------------------------------------


class Killed(BaseException):
    """Simulated kill of the process."""


def test_a_killed_download_resumes(importer_api: ApiClient, web: Web) -> None:
    files = [waiting_file(web.url(f"ok/{n}"), f"F{n}") for n in range(45)]
    importer_api.post("downloadPendingFiles")
    operation = current()
    pages = iter([None, None])

    def die() -> None:
        if next(pages, Killed) is Killed:
            raise Killed

    with pytest.raises(Killed):
        run(operation.pk, die)
    operation.refresh_from_db()
    assert operation.status == Status.IMPORTING_FILES
    fetched = sum(web.asked.values())
    assert 0 < fetched < 45

    work()

    operation.refresh_from_db()
    assert (operation.status, operation.count_completed) == (Status.DONE, 45)
    assert web.asked == Counter(f"ok/{n}" for n in range(45))
    assert content_of(files[44]) == b"44"


def test_cancelling_stops_active_downloads(
    importer_api: ApiClient,
    web: Web,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DOWNLOAD_SECONDS = 60
    for number in range(30):
        waiting_file(web.url(f"drip/{number}"), f"F{number}")
    importer_api.post("downloadPendingFiles")
    operation = current()
    renew = Lease.renew

    def cancel_first(lease: Lease, **values: Any) -> None:
        if web.asked:
            wanted = ImportOperation.objects.filter(pk=operation.pk, is_valid=True)
            for one in wanted:
                cancel_operation(operation=one, actor=SERVER)
        renew(lease, **values)

    monkeypatch.setattr(Lease, "renew", cancel_first)

    started = time.monotonic()
    run(operation.pk)

    assert time.monotonic() - started < 10
    operation.refresh_from_db()
    assert operation.status == Status.IMPORTING_FILES
    assert operation.count_completed == 0
    assert sum(web.asked.values()) <= 8
