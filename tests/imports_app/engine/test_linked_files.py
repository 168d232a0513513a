"""Download of an import's linked files before its run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from config.files.stored_files import imported_files
from imports_app.engine import jobs
from imports_app.engine.downloads import linked_files, parallel
from imports_app.engine.downloads.file_lease import (
    FileLease,
    release_expired_file_leases,
)
from imports_app.engine.downloads.linked_files import download_linked_files
from imports_app.engine.retries import StoppedError
from imports_app.errors import StorageFullError
from imports_app.models import (
    DownloadState,
    FileDownload,
    FileState,
    ImportOperation,
    LinkedFile,
    MessageFile,
)
from imports_app.services.operations import cancel_operation, delete_operations
from imports_app.services.pruning import prune_imports
from imports_app.services.undo import start_undo
from imports_app.statuses import Status, UndoState
from imports_app.transitions import SERVER, Actor
from tests.conftest import ApiClient
from tests.imports_app.api.importing import EVERYTHING, current
from tests.imports_app.linking import download, message, reviewed
from tests.web import Web, misbehaving
from tests.working import work


@pytest.fixture(autouse=True)
def _impatient(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PREPARE_WAIT_SECONDS = 0
    settings.DOWNLOAD_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.DOWNLOAD_MAX_BYTES = 50_000
    monkeypatch.setattr(parallel, "PAUSES", (0.0, 0.0))


@pytest.fixture
def web() -> Iterator[Web]:
    with misbehaving() as server:
        yield server


def run(api: ApiClient) -> None:
    assert api.post("startImport", {"input": EVERYTHING}).json() == {"success": True}
    work()
    assert current().status == Status.DONE


def contents() -> dict[str, str]:
    """Return name and content of every stored file of this kind."""
    root = Path(imported_files().path(""))
    files = [path for path in root.glob("files/linked/*/*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_text() for path in files}


def test_downloaded_files_are_used_by_the_run(admin_api: ApiClient, web: Web) -> None:
    operation = reviewed(
        admin_api,
        message(0, ("F1", web.url("ok/one?t=xoxe-1")), ("F2", web.url("ok/two"))),
        message(1, ("F1", web.url("ok/one?t=xoxe-2"))),
    )
    before = operation.revision, operation.updated_at

    numbers = download(admin_api, operation)

    assert (numbers["state"], numbers["found"], numbers["stored"]) == ("finished", 2, 2)
    operation.refresh_from_db()
    assert (operation.revision, operation.updated_at) == before
    run(admin_api)
    files = MessageFile.objects.order_by("id")
    assert [(one.source_id, one.state, one.size) for one in files] == [
        ("F1", FileState.STORED, 3),
        ("F2", FileState.STORED, 3),
        ("F1", FileState.STORED, 3),
    ]
    assert set(contents()) == {one.stored_name for one in files}
    assert admin_api.post("downloadPendingFiles").json()["count"] == 0
    assert sum(web.asked.values()) == 2


def test_gone_and_failed_files_are_told_apart(admin_api: ApiClient, web: Web) -> None:
    paths = ("status/404", "status/410", "status/403", "login", "status/500", "huge")
    links = [(f"F{n}", web.url(f"{path}?t=xoxe-s")) for n, path in enumerate(paths)]
    links.append(("F6", "http://10.0.0.1/x?t=xoxe-s"))
    operation = reviewed(admin_api, message(0, *links, ("F7", web.url("ok/x"))))

    numbers = download(admin_api, operation)

    counts = [
        numbers[name] for name in ("found", "stored", "gone", "failed", "waiting")
    ]
    assert counts == [8, 1, 4, 3, 0]
    path = f"importOperations/{operation.public_id}/files"
    answer = admin_api.get(f"{path}?state=failed")
    assert "xoxe" not in admin_api.get(path).content.decode()
    assert [file["code"] for file in answer.json()["files"]] == [
        "fetch-unexpected-status",
        "fetch-too-large",
        "fetch-forbidden-address",
    ]
    assert answer.json()["files"][0] == {
        "id": "F4",
        "name": "F4.txt",
        "address": web.url("status/500"),
        "state": "failed",
        "code": "fetch-unexpected-status",
        "message": f"{web.url('status/500')}: Unexpected response status 500.",
        "room": "C01",
        "messageId": LinkedFile.objects.get(source_id="F4").message,
        "file": "lobby/2021-03-01.json",
        "line": 1,
    }
    first = admin_api.get(f"{path}?state=gone&count=3").json()
    rest = admin_api.get(f"{path}?state=gone&cursor={first['cursor']}").json()
    assert [one["id"] for one in first["files"] + rest["files"]] == [
        *("F0", "F1", "F2", "F3")
    ]
    assert rest["cursor"] is None
    run(admin_api)
    states = dict(MessageFile.objects.values_list("source_id", "state"))
    assert states.pop("F7") == FileState.STORED
    assert set(states.values()) == {FileState.FAILED}
    assert admin_api.post("downloadPendingFiles").json()["count"] == 7


def test_failed_files_can_be_tried_again(admin_api: ApiClient, web: Web) -> None:
    links = (("F1", web.url("status/404")), ("F2", web.url("file/late")))
    operation = reviewed(admin_api, message(0, *links))
    web.files["late"] = b"x" * 60_000
    assert download(admin_api, operation)["failed"] == 1
    web.files["late"] = b"late"

    numbers = download(admin_api, operation)

    assert (numbers["stored"], numbers["gone"], numbers["failed"]) == (1, 1, 0)
    assert web.asked["status/404"] == 1
    asked = sum(web.asked.values())
    assert download(admin_api, operation)["state"] == "finished"
    assert sum(web.asked.values()) == asked


def test_a_start_during_the_download_is_refused(admin_api: ApiClient, web: Web) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    path = f"importOperations/{operation.public_id}/files"
    admin_api.post(f"{path}/download")
    admin_api.post(f"{path}/download")

    refused = admin_api.post("startImport", {"input": EVERYTHING})

    assert refused.status_code == 400
    assert refused.json()["errorType"] == "error-files-downloading"
    assert current().status == Status.USER_SELECTION
    stopped = admin_api.post(f"{path}/stop").json()["download"]
    assert stopped["state"] == "stopped"
    work()
    assert not web.asked
    assert admin_api.post(f"{path}/stop").json()["download"]["state"] == "stopped"
    assert download(admin_api, operation)["stored"] == 1
    run(admin_api)


def test_files_of_earlier_imports_are_not_downloaded_again(
    admin_api: ApiClient, web: Web
) -> None:
    first = reviewed(admin_api, message(0, ("F1", web.url("ok/x?t=1"))))
    download(admin_api, first)
    run(admin_api)
    second = reviewed(admin_api, message(0, ("F1", web.url("ok/x?t=2"))))

    assert download(admin_api, second)["stored"] == 1

    assert sum(web.asked.values()) == 1
    cancel_operation(operation=second, actor=SERVER)
    work()
    assert list(contents().values()) == ["x"]


def test_an_existing_file_gets_its_content(admin_api: ApiClient, web: Web) -> None:
    link = message(0, ("F1", web.url("ok/x?t=1")))
    reviewed(admin_api, link)
    run(admin_api)
    assert MessageFile.objects.get().state == FileState.WAITING
    again = reviewed(admin_api, link)
    download(admin_api, again)

    run(admin_api)

    assert MessageFile.objects.get().state == FileState.STORED
    counts = current().kind_counts.get(kind="message")
    assert (counts.updated, counts.unchanged) == (1, 0)
    start_undo(operation=current(), actor=Actor(admin_api.user))
    work()
    file = MessageFile.objects.get()
    assert (file.state, file.stored_name, file.digest) == (FileState.WAITING, "", "")
    assert contents() == {}


@pytest.mark.parametrize("ends", ["cancelled", "replaced", "deleted"])
def test_files_are_deleted_if_the_import_ends_without_a_run(
    admin_api: ApiClient, web: Web, ends: str
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    download(admin_api, operation)
    assert len(contents()) == 1

    if ends == "deleted":
        rows = ImportOperation.objects.filter(pk=operation.pk)
        delete_operations(operations=rows, by=Actor(admin_api.user).author)
    elif ends == "replaced":
        admin_api.post("import.new")
    else:
        cancel_operation(operation=operation, actor=SERVER)
    work()

    assert contents() == {}
    assert not LinkedFile.objects.exists()


def test_unused_files_are_deleted_after_the_retention(
    admin_api: ApiClient, web: Web
) -> None:
    links = (("F1", web.url("ok/used")), ("F2", web.url("ok/unused")))
    operation = reviewed(admin_api, message(0, *links))
    download(admin_api, operation)
    run(admin_api)
    MessageFile.objects.filter(source_id="F2").delete()

    prune_imports(before=timezone.now() + timedelta(days=1))

    assert list(contents().values()) == ["used"]
    numbers = FileDownload.objects.get()
    assert (numbers.state, numbers.stored) == (DownloadState.DELETED, 2)
    assert not FileDownload.objects.superfluous(before=timezone.now()).exists()


def test_undo_deletes_the_files(admin_api: ApiClient, web: Web) -> None:
    links = (("F1", web.url("ok/used")), ("F2", web.url("status/404")))
    operation = reviewed(admin_api, message(0, *links))
    download(admin_api, operation)
    run(admin_api)
    assert len(contents()) == 1

    start_undo(operation=operation, actor=Actor(admin_api.user))
    work()

    operation.refresh_from_db()
    assert operation.undo_state == UndoState.UNDONE
    assert contents() == {}
    assert not MessageFile.objects.exists()
    assert not LinkedFile.objects.exists()


class Killed(BaseException):
    """Simulated kill of the process."""


def test_a_killed_download_continues(
    admin_api: ApiClient, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linked_files, "PAGE", 3)
    links = [(f"F{n}", web.url(f"ok/{n}")) for n in range(10)]
    operation = reviewed(admin_api, message(0, *links))
    admin_api.post(f"importOperations/{operation.public_id}/files/download")
    download_id = FileDownload.objects.get().pk
    pages = iter([None, None])

    def die() -> None:
        if next(pages, Killed) is Killed:
            raise Killed

    with pytest.raises(Killed):
        download_linked_files(download_id, jobs.limits(), die)
    assert FileDownload.objects.get().stored == 6
    assert release_expired_file_leases() == []
    FileDownload.objects.update(lease_owner="elsewhere:1:1", lease_expires_at=None)
    assert len(release_expired_file_leases()) == 1
    assert release_expired_file_leases() == []

    assert not download_linked_files(download_id, jobs.limits())

    finished = FileDownload.objects.get()
    assert (finished.state, finished.stored) == (DownloadState.FINISHED, 10)
    assert web.asked == {f"ok/{n}": 1 for n in range(10)}


def test_a_download_gives_way_to_other_tasks(
    admin_api: ApiClient, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linked_files, "PAGE", 1)
    links = [(f"F{n}", web.url(f"ok/{n}")) for n in range(3)]
    operation = reviewed(admin_api, message(0, *links))
    admin_api.post(f"importOperations/{operation.public_id}/files/download")
    download_id = FileDownload.objects.get().pk
    turns = 1

    while download_linked_files(download_id, jobs.limits(), turn_seconds=-1):
        turns += 1

    assert turns == 5  # a part of messages, three files, and the end
    assert FileDownload.objects.get().state == DownloadState.FINISHED


def test_a_stopping_worker_releases_the_download(
    admin_api: ApiClient, web: Web
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    admin_api.post(f"importOperations/{operation.public_id}/files/download")
    download_id = FileDownload.objects.get().pk

    def stop() -> None:
        raise StoppedError

    assert not download_linked_files(download_id, jobs.limits(), stop)

    assert len(release_expired_file_leases()) == 1


def test_a_cancelled_import_leaves_no_file_behind(
    admin_api: ApiClient, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    admin_api.post(f"importOperations/{operation.public_id}/files/download")
    fetch = parallel.Fetcher.fetch

    def cancel_after(fetcher: Any, page: Any) -> Any:
        found = fetch(fetcher, page)
        cancel_operation(operation=current(), actor=SERVER)
        work()
        return found

    monkeypatch.setattr(parallel.Fetcher, "fetch", cancel_after)

    download_linked_files(FileDownload.objects.get().pk, jobs.limits())

    assert web.asked
    assert contents() == {}


def test_a_full_disk_ends_the_download(
    admin_api: ApiClient, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))

    def no_room() -> None:
        raise StorageFullError

    with monkeypatch.context() as context:
        context.setattr(linked_files, "check_free_space", no_room)
        numbers = download(admin_api, operation)

    assert numbers["state"] == "failed"
    assert "disk is full" in numbers["error"]
    assert download(admin_api, operation)["stored"] == 1


def test_an_unexpected_error_has_a_reference(
    admin_api: ApiClient, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    admin_api.post(f"importOperations/{operation.public_id}/files/download")
    monkeypatch.setattr(linked_files, "check_free_space", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        download_linked_files(FileDownload.objects.get().pk, jobs.limits())

    failed = FileDownload.objects.get()
    assert failed.state == DownloadState.FAILED
    assert "search the server's log for" in failed.error


def test_a_lease_is_exclusive(admin_api: ApiClient, web: Web) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    admin_api.post(f"importOperations/{operation.public_id}/files/download")
    row = FileDownload.objects.get()
    FileDownload.objects.update(lease_owner="elsewhere:1:1")

    assert FileLease.take(row.pk, lambda: None) is None
    assert not download_linked_files(row.pk, jobs.limits())

    assert not web.asked


def test_only_imports_that_wait_for_a_review_have_downloads(
    admin_api: ApiClient, web: Web
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    path = f"importOperations/{operation.public_id}/files"
    assert admin_api.get(path).json()["download"] == {"state": "none"}
    run(admin_api)

    refused = admin_api.post(f"{path}/download")

    assert refused.status_code == 400
    assert not FileDownload.objects.exists()
    assert admin_api.get(f"{path}?cursor=WyJpZCIsMCwxXQ").status_code == 400
