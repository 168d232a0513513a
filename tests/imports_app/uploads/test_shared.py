"""Uploads and prepared messages in a storage that all machines share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from config.db.ids import new_public_id
from imports_app import tasks
from imports_app.admin.new_import import column_pages
from imports_app.engine import jobs, retries
from imports_app.errors import (
    FileGoneError,
    OperationInProgressError,
    StorageUnavailableError,
    UploadQuotaError,
)
from imports_app.models import ImportOperation, Message
from imports_app.selection.rules import EVERYTHING
from imports_app.services.pruning import prune_files
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploading.uploads import import_stored_file, upload_file
from imports_app.statuses import Status
from imports_app.transitions import Actor
from imports_app.uploads.shared import ALIAS, shared_files
from imports_app.uploads.storage import is_stored
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.s3 import S3, running_s3

FOLDER = "django.core.files.storage.FileSystemStorage"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with running_s3() as running:
        yield running


@pytest.fixture(params=["folder", "s3"])
def shared(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> dict[str, Any]:
    """Return the options of a shared storage, which the server uses."""
    if request.param == "s3":
        running: S3 = request.getfixturevalue("s3")
        running.empty()
        backend, options = "storages.backends.s3.S3Storage", running.options("uploads")
    else:
        backend, options = FOLDER, {"location": tmp_path / "shared"}
    entry = {"BACKEND": backend, "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, ALIAS: entry}
    return options


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "team.zip"
    write_csv_archive(path, Plan(users=5, channels=2, messages=60))
    return path


def upload(path: Path, user: User, **fields: Any) -> ImportOperation:
    return upload_file(
        actor=Actor(user),
        importer_key="csv",
        file_name=path.name,
        content_type="application/zip",
        content=[path.read_bytes()],
        limit=path.stat().st_size,
        **fields,
    )


def prepare(operation: ImportOperation, user: User) -> None:
    start_preparing(operation=operation, actor=Actor(user))
    jobs.prepare(operation.pk)
    operation.refresh_from_db()


def names() -> set[str]:
    """Return the names of all shared files."""
    shared = shared_files()
    assert shared is not None
    parts = [
        f"{one}/{name}" for one in shared.folders() for name in shared.files_in(one)
    ]
    return {*shared.files_in(), *parts}


def local_files(data: Path) -> list[str]:
    folder = data / "uploads"
    return os.listdir(folder) if folder.exists() else []


@pytest.mark.usefixtures("shared")
def test_an_import_leaves_nothing_in_the_folder_of_a_machine(
    admin_user: User, archive: Path, tmp_path: Path
) -> None:
    operation = upload(archive, admin_user)
    assert names() == {operation.public_id}
    assert local_files(tmp_path) == []

    prepare(operation, admin_user)
    assert operation.status == Status.USER_SELECTION
    assert names() == {operation.public_id, f"{operation.public_id}.spool/0"}

    start_run(operation=operation, selection=EVERYTHING, actor=Actor(admin_user))
    jobs.run(operation.pk)

    operation.refresh_from_db()
    assert operation.status == Status.DONE
    counted = operation.kind_counts.get(kind="message")
    assert Message.objects.count() == counted.imported > 60
    assert local_files(tmp_path) == []


@pytest.mark.usefixtures("shared")
def test_a_stored_file_is_imported_again(admin_user: User, archive: Path) -> None:
    first = upload(archive, admin_user)

    second = import_stored_file(
        operation=first, importer_key="csv", actor=Actor(admin_user)
    )

    assert names() == {first.public_id, second.public_id}
    assert second.file_digest == first.file_digest
    prepare(second, admin_user)
    assert second.status == Status.USER_SELECTION


def test_the_column_page_reads_a_shared_file(
    shared: dict[str, Any], admin_client: Client, admin_user: User, tmp_path: Path
) -> None:
    path = tmp_path / "users.csv"
    path.write_text("ann,ann@example.org,Ann\n")
    operation = upload(path, admin_user)

    address = f"/admin/imports_app/importoperation/{operation.pk}/columns/"
    assert "ann@example.org" in admin_client.get(address).content.decode()
    columns = {"users-0": "email", "users-1": "username", "users-2": "name"}
    answer = admin_client.post(address, {**columns, "replace": "on"})
    newest = ImportOperation.objects.latest("pk")
    assert newest != operation, answer.content.decode()
    assert newest.reading_options["columns"]["users"]
    assert local_files(tmp_path) == []


@pytest.mark.usefixtures("shared")
def test_the_column_page_reports_a_file_that_can_not_be_read(
    admin_client: Client,
    admin_user: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "users.csv"
    path.write_text("ann,ann@example.org,Ann\n")
    operation = upload(path, admin_user)
    address = f"/admin/imports_app/importoperation/{operation.pk}/columns/"
    replace(operation, b"bob,bob@example.org,Bob\n")

    changed = admin_client.get(address, follow=True).content.decode()
    assert "has changed in the server&#x27;s storage" in changed

    monkeypatch.setattr(column_pages, "is_stored", lambda operation: True)
    unavailable(monkeypatch)
    answer = admin_client.get(address)
    assert answer.status_code == 302


@pytest.mark.usefixtures("shared")
def test_a_rejected_upload_leaves_no_file(admin_user: User, archive: Path) -> None:
    running = upload(archive, admin_user)
    prepare(running, admin_user)
    before = names()

    with pytest.raises(OperationInProgressError):
        upload(archive, admin_user, may_replace=())

    assert names() == before


@pytest.mark.usefixtures("shared")
def test_shared_files_count_against_the_quota(
    admin_user: User, archive: Path, settings: Settings
) -> None:
    size = archive.stat().st_size
    settings.UPLOAD_QUOTA_BYTES = 2 * size
    upload(archive, admin_user)
    upload(archive, admin_user)

    with pytest.raises(UploadQuotaError):
        upload(archive, admin_user)

    settings.UPLOAD_QUOTA_BYTES, settings.UPLOAD_QUOTA_FILES = 0, 2
    with pytest.raises(UploadQuotaError, match="2 of 2"):
        upload(archive, admin_user)


@pytest.mark.usefixtures("shared")
def test_messages_of_a_cancelled_import_are_deleted(
    admin_user: User, archive: Path
) -> None:
    operation = upload(archive, admin_user)
    prepare(operation, admin_user)
    ImportOperation.objects.filter(pk=operation.pk).update(is_valid=False)

    tasks.discard.call(operation.pk)

    assert names() == {operation.public_id}


@pytest.mark.usefixtures("shared")
def test_files_of_finished_imports_are_removed(
    admin_user: User, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = upload(archive, admin_user)
    prepare(finished, admin_user)
    waiting = upload(archive, admin_user)
    files = shared_files()
    assert files is not None
    stray = new_public_id()
    foreign = {"backup.zip", "backups/monday", f"{stray}.zip"}
    for name in (stray, *foreign):
        files.save(name, ContentFile(b"content"))
    now = timezone.now()

    assert prune_files(before=now + timedelta(hours=1)) == 2
    assert names() == {waiting.public_id, stray, *foreign}

    later = now + timedelta(days=2)
    monkeypatch.setattr("imports_app.services.pruning.timezone.now", lambda: later)
    assert prune_files(before=now - timedelta(days=1)) == 1
    assert names() == {waiting.public_id, *foreign}


def test_a_changed_file_is_not_imported(
    shared: dict[str, Any], admin_user: User, archive: Path, tmp_path: Path
) -> None:
    operation = upload(archive, admin_user)
    content = bytearray(archive.read_bytes())
    content[40] ^= 1
    replace(operation, bytes(content))

    prepare(operation, admin_user)

    assert operation.status == Status.FAILED
    assert operation.error_code == "importer-file-unreadable"
    with pytest.raises(FileGoneError):
        import_stored_file(
            operation=operation, importer_key="csv", actor=Actor(admin_user)
        )
    assert local_files(tmp_path) == []


@pytest.mark.usefixtures("shared")
def test_a_longer_file_is_not_imported(admin_user: User, archive: Path) -> None:
    operation = upload(archive, admin_user)
    replace(operation, archive.read_bytes() + b"more")

    prepare(operation, admin_user)

    assert operation.error_code == "importer-file-unreadable"


def replace(operation: ImportOperation, content: bytes) -> None:
    shared = shared_files()
    assert shared is not None
    shared.save(operation.public_id, ContentFile(content))


@pytest.mark.usefixtures("shared")
def test_a_missing_file_fails_the_import(admin_user: User, archive: Path) -> None:
    operation = upload(archive, admin_user)
    shared = shared_files()
    assert shared is not None
    shared.delete(operation.public_id)

    assert not is_stored(operation)
    prepare(operation, admin_user)
    assert operation.error_code == "importer-file-missing"


def unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every access to the storage fail with an error of its own class."""
    shared = shared_files()
    assert shared is not None
    kind: type[Storage] = type(shared._storage)

    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("no answer")

    for name in ("save", "open", "exists", "delete", "listdir"):
        monkeypatch.setattr(kind, name, fail)


@pytest.mark.usefixtures("shared")
def test_uploads_are_refused_while_the_storage_is_unavailable(
    admin_user: User, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unavailable(monkeypatch)

    with pytest.raises(StorageUnavailableError):
        upload(archive, admin_user)

    assert not ImportOperation.objects.exists()
    assert local_files(tmp_path) == []


@pytest.mark.usefixtures("shared")
def test_an_import_fails_after_a_long_outage(
    admin_user: User, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = upload(archive, admin_user)
    monkeypatch.setattr(retries, "STORAGE_PATIENCE", -1)
    unavailable(monkeypatch)

    prepare(operation, admin_user)

    assert operation.status == Status.FAILED
    assert operation.error_code == "importer-storage-unavailable"


@pytest.mark.parametrize("step", ["prepare", "run"])
def test_an_import_survives_a_short_outage(
    shared: dict[str, Any],
    admin_user: User,
    archive: Path,
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    operation = upload(archive, admin_user)
    if step == "run":
        prepare(operation, admin_user)
    pauses: list[float] = []
    with monkeypatch.context() as patch:

        def come_back(seconds: float) -> bool:
            pauses.append(seconds)
            patch.undo()
            return False

        patch.setattr(retries.stopping, "wait", come_back)
        unavailable(patch)
        if step == "prepare":
            prepare(operation, admin_user)
        else:
            start_run(
                operation=operation, selection=EVERYTHING, actor=Actor(admin_user)
            )
            jobs.run(operation.pk)

    operation.refresh_from_db()
    assert len(pauses) == 1
    assert operation.status == (
        Status.USER_SELECTION if step == "prepare" else Status.DONE
    )
