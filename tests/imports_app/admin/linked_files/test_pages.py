"""Panel and page of linked files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import ActivityEntry, User
from imports_app.engine.downloads import parallel
from imports_app.models import DownloadState, FileDownload, ImportOperation
from imports_app.reports.csv_report import write_report
from imports_app.services.operations import cancel_operation
from imports_app.transitions import SERVER
from tests.conftest import ApiClient
from tests.factories import RoleFactory, UserFactory
from tests.imports_app.api.importing import EVERYTHING
from tests.imports_app.linking import download, message, reviewed
from tests.web import Web, misbehaving
from tests.working import work


@pytest.fixture
def web(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    settings.PREPARE_WAIT_SECONDS = 0
    settings.DOWNLOAD_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.DOWNLOAD_MAX_BYTES = 50_000
    monkeypatch.setattr(parallel, "PAUSES", (0.0, 0.0))
    with misbehaving() as server:
        yield server


@pytest.fixture
def browser(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def url_of(operation: ImportOperation, page: str = "linked_files_page") -> str:
    return reverse(f"admin:imports_app_importoperation_{page}", args=[operation.pk])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_files_are_downloaded_with_one_click(
    admin_api: ApiClient, browser: Client, web: Web
) -> None:
    links = (("F1", web.url("ok/x?t=xoxe-1")), ("F2", web.url("status/404?t=xoxe-1")))
    operation = reviewed(
        admin_api, message(0, *links, ("F3", web.url("huge?t=xoxe-1")))
    )
    for page in ("change", "select_page"):
        shown = text_of(browser.get(url_of(operation, page)))
        assert "The source has 3 links to files, not the files themselves." in shown
        assert "Download files" in shown

    response = browser.post(url_of(operation), {"do": "download"}, follow=True)

    assert "Searching the messages for links to files." in text_of(response)
    assert response.headers["Refresh"] == "2"
    assert "The linked files are being downloaded." in text_of(
        browser.post(
            url_of(operation, "select_page"),
            {"do": "start", "revision": operation.revision},
            follow=True,
        )
    )
    work()
    coverage = "Downloaded 1 of 3 files, 1 no longer available, 1 failed."
    for page in ("change", "select_page", "linked_files_page"):
        shown = text_of(browser.get(url_of(operation, page)))
        assert coverage in shown
        assert "Retry failed files" in shown
        assert "xoxe" not in shown
    assert "#lobby" in shown
    assert f"{web.url('status/404')}: Unexpected response status 404." in shown
    gone = text_of(browser.get(url_of(operation), {"state": "gone"}))
    assert "F2.txt" in gone
    assert "F1.txt" not in gone
    assert ActivityEntry.objects.latest("id").after == {"linked files": "started"}
    admin_api.post("startImport", {"input": EVERYTHING})
    work()
    shown = text_of(browser.get(url_of(operation, "change")))
    assert coverage in shown
    assert "Retry failed files" not in shown
    assert "1 of 3 files" in write_report(ImportOperation.objects.get(pk=operation.pk))


def test_a_download_is_stopped_and_continued(
    admin_api: ApiClient, browser: Client, web: Web
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    browser.post(url_of(operation), {"do": "download"})

    browser.post(url_of(operation), {"do": "stop"})

    assert FileDownload.objects.get().state == DownloadState.STOPPED
    assert "Continue download" in text_of(browser.get(url_of(operation)))
    browser.post(url_of(operation), {"do": "download"})
    work()
    assert "Downloaded 1 of 1 file." in text_of(browser.get(url_of(operation)))


def test_the_live_page_changes_with_the_download(
    admin_api: ApiClient, browser: Client, web: Web
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    live = url_of(operation, "live_page")
    before = browser.get(live)

    download(admin_api, operation)

    after = browser.get(live, headers={"if-none-match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "Downloaded 1 of 1 file." in text_of(after)
    again = browser.get(live, headers={"if-none-match": after.headers["ETag"]})
    assert again.status_code == 304


def test_without_run_import_the_list_is_read_only(
    admin_api: ApiClient, client: Client, web: Web
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("huge"))))
    download(admin_api, operation)
    role = RoleFactory.create(permissions=["view-import-operations"])
    viewer = UserFactory.create(roles=[role])
    client.force_login(viewer)

    shown = text_of(client.get(url_of(operation)))

    assert "Downloaded 0 of 1 file, 1 failed." in shown
    assert "Retry failed files" not in shown
    assert client.post(url_of(operation), {"do": "download"}).status_code == 403


def test_a_cancelled_import_has_no_list(
    admin_api: ApiClient, browser: Client, web: Web
) -> None:
    operation = reviewed(admin_api, message(0, ("F1", web.url("ok/x"))))
    download(admin_api, operation)
    cancel_operation(operation=operation, actor=SERVER)
    work()

    for response in (
        browser.get(url_of(operation), follow=True),
        browser.post(url_of(operation), {"do": "download"}, follow=True),
    ):
        shown = text_of(response)
        assert "The import has changed in the meantime." in shown
        assert "Linked files" not in shown


def test_an_import_without_links_has_no_panel(
    admin_api: ApiClient, browser: Client, web: Web
) -> None:
    operation = reviewed(admin_api, message(0))

    assert "Linked files" not in text_of(browser.get(url_of(operation, "change")))
