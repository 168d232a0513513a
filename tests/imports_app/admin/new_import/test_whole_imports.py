"""A whole import in the browser, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from imports_app.models import FileState, ImportOperation, Message, MessageFile, Room
from imports_app.statuses import Status
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import SMALL, current, packed
from tests.web import Web, misbehaving
from tests.working import work

PAGES = "/admin/imports_app/importoperation"


def page(operation: ImportOperation) -> str:
    return f"{PAGES}/{operation.pk}/change/"


def upload(browser: Client, content: bytes, importer: str = "csv", **more: Any) -> Any:
    file = SimpleUploadedFile("team.zip", content, "application/zip")
    fields = {"importer": importer, "file": file, **more}
    return browser.post(f"{PAGES}/new/", fields)


def text_of(browser: Client, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("importer", ["csv", "slack"])
def test_an_archive_is_imported(
    importer_browser: Client, tmp_path: Path, importer: str
) -> None:
    content = packed(SMALL)
    if importer == "slack":
        write_slack_archive(tmp_path / "x.zip", SlackPlan(messages=40))
        content = (tmp_path / "x.zip").read_bytes()
    assert f"{PAGES}/new/" in text_of(importer_browser, f"{PAGES}/")
    assert "users, rooms and messages as CSV" in text_of(
        importer_browser, f"{PAGES}/new/"
    )

    response = upload(importer_browser, content, importer)

    operation = current()
    assert response.headers["Location"] == page(operation)
    assert "Waiting for a worker" in text_of(importer_browser, page(operation))
    work()
    assert f"{PAGES}/{operation.pk}/select/" in text_of(
        importer_browser, page(operation)
    )
    operation.refresh_from_db()
    importer_browser.post(
        f"{PAGES}/{operation.pk}/select/",
        {"do": "start", "revision": operation.revision},
    )
    work()
    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert "Finished with" in text_of(importer_browser, page(operation))
    assert Message.objects.exists()
    assert Room.objects.filter(type="d").exists()


def test_an_unreadable_file_is_reported_on_the_operation_page(
    importer_browser: Client,
) -> None:
    upload(importer_browser, b"\x89PNG\r\n\x1a\n")
    work()

    text = text_of(importer_browser, page(current()))
    assert "The file is a PNG image. Upload a ZIP archive of CSV files, or an" in text


@pytest.fixture
def web(settings: Settings) -> Iterator[Web]:
    settings.DOWNLOAD_ALLOWED_HOSTS = ["127.0.0.1"]
    with misbehaving() as server:
        yield server


def test_a_file_can_be_imported_from_a_url(importer_browser: Client, web: Web) -> None:
    web.files["team.zip"] = packed(SMALL)
    fields = {"importer": "csv", "address": web.url("file/team.zip")}

    importer_browser.post(f"{PAGES}/new/", fields)
    work()

    operation = current()
    assert operation.status == Status.FILE_LOADED
    read = f"{PAGES}/{operation.pk}/read/"
    assert read in text_of(importer_browser, page(operation))
    assert "Nothing is imported until you start" in text_of(importer_browser, read)
    importer_browser.post(read)
    work()
    operation.refresh_from_db()
    assert operation.status == Status.USER_SELECTION


def test_pending_files_can_be_downloaded(importer_browser: Client, web: Web) -> None:
    importer_browser.post(f"{PAGES}/fetch-files/")
    assert current().status == Status.DONE
    room = Room.objects.create(type="c", name="news")
    file = MessageFile.objects.create(
        room=room,
        message_import_id="m",
        source_id="F1",
        url=web.url("ok"),
        sent_at=current().created_at,
    )
    assert "stored as links" in text_of(importer_browser, f"{PAGES}/fetch-files/")

    importer_browser.post(f"{PAGES}/fetch-files/")
    work()

    file.refresh_from_db()
    assert file.state == FileState.STORED
    importer_browser.post(f"{PAGES}/fetch-pictures/")
    assert current().importer_key == "pending-avatars"


def test_viewers_can_not_start_imports(viewer_browser: Client) -> None:
    operation = ImportOperationFactory.create(
        status=Status.USER_SELECTION, is_valid=True
    )

    for path in ("new", "fetch-files", "fetch-pictures", f"{operation.pk}/select"):
        assert f"{PAGES}/{path}/" not in text_of(viewer_browser, f"{PAGES}/")
        assert viewer_browser.get(f"{PAGES}/{path}/").status_code == 403
        assert viewer_browser.post(f"{PAGES}/{path}/").status_code == 403


@pytest.mark.parametrize(
    ("status", "path"),
    [
        (Status.DONE, "select"),
        (Status.DONE, "cancel"),
        (Status.DONE, "retry"),
        (Status.DONE, "failures"),
        (Status.USER_SELECTION, "read"),
        (Status.USER_SELECTION, "retry"),
        (Status.NEW, "read"),
    ],
)
def test_a_stale_page_redirects_to_the_current_state(
    importer_browser: Client, status: Status, path: str
) -> None:
    operation = ImportOperationFactory.create(status=status, is_valid=True)

    for call in (importer_browser.get, importer_browser.post):
        response: Any = call(f"{PAGES}/{operation.pk}/{path}/", follow=True)
        assert response.redirect_chain[-1][0] == page(operation)
        assert "The import has changed in the meantime." in response.content.decode()

    operation.refresh_from_db()
    assert operation.status == status
