"""Buttons of an operation's page and the pages behind them."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from imports_app.models import ImportOperation, Message, MessageFile
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import (
    ImportOperationFactory,
    ImportRecordFactory,
    KindCountFactory,
    RoleFactory,
    RoomFactory,
    UserFactory,
)
from tests.imports_app.api.importing import current, imported, staged
from tests.working import work

ADMIN = "/admin/imports_app"


def text_of(browser: Client, path: str) -> str:
    """Return the text of a page."""
    response = browser.get(path, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def operation_page(operation: ImportOperation) -> str:
    """Return the URL of an operation's page."""
    return f"{ADMIN}/importoperation/{operation.pk}"


def test_the_page_offers_actions_and_links_to_the_records(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = imported(importer_api)

    page = text_of(importer_browser, f"{operation_page(operation)}/change/")
    assert "Download failed records" in page
    assert "Retry failed records" in page
    assert "cancel_page" not in page
    records = text_of(importer_browser, f"{operation_page(operation)}/records/")

    assert "ghost" in records
    assert "importer-message-unknown-user" in records
    assert "news/1.csv:2" in records


def test_records_can_be_filtered_and_viewed(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = imported(importer_api)
    failed = operation.records.get(outcome="failed")
    listing = f"{ADMIN}/importrecord/?operation__id__exact={operation.pk}"

    filtered = text_of(importer_browser, f"{listing}&outcome__exact=failed")
    assert "csv-c-news" not in filtered
    assert "ghost" in filtered
    page = text_of(importer_browser, f"{ADMIN}/importrecord/{failed.pk}/change/")
    assert "importer-message-unknown-user" in page
    denied = importer_browser.post(f"{ADMIN}/importrecord/{failed.pk}/change/", {})
    assert denied.status_code == 403


def test_cancel_asks_for_confirmation(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = staged(importer_api)
    path = f"{operation_page(operation)}/cancel/"

    assert "Records imported so far are kept" in text_of(importer_browser, path)
    assert current().is_valid
    importer_browser.post(path)

    assert not current().is_valid
    event = current().events.in_order().last()
    assert event is not None
    assert event.actor == importer_api.user


def test_cancelling_twice_shows_a_message(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = staged(importer_api)
    path = f"{operation_page(operation)}/cancel/"
    importer_browser.post(path)
    events = operation.events.count()

    answer = importer_browser.post(path, follow=True)

    assert "The import has changed in the meantime." in answer.content.decode()
    assert operation.events.count() == events


def test_retry_asks_for_confirmation(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = imported(importer_api)
    User.objects.create(username="ghost")
    path = f"{operation_page(operation)}/retry/"

    assert "with the failed records only" in text_of(importer_browser, path)
    response = importer_browser.post(path)
    work()

    child = current()
    assert child.parent == operation
    assert response.headers["Location"] == f"{operation_page(child)}/change/"
    assert Message.objects.filter(text="boo").exists()


def test_failures_can_be_downloaded(
    importer_api: ApiClient, importer_browser: Client
) -> None:
    operation = imported(importer_api)

    response: Any = importer_browser.get(f"{operation_page(operation)}/failures/")

    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert "news/1.csv" in archive.namelist()


@pytest.mark.parametrize("page", ["cancel", "retry", "failures"])
def test_viewers_have_no_buttons(importer_api: ApiClient, page: str) -> None:
    operation = imported(importer_api)
    viewer = UserFactory.create(
        roles=[RoleFactory.create(permissions=["view-import-operations"])]
    )
    browser = Client()
    browser.force_login(viewer)

    assert browser.get(f"{operation_page(operation)}/{page}/").status_code == 403
    shown = text_of(browser, f"{operation_page(operation)}/change/")
    assert f"{operation_page(operation)}/{page}/" not in shown


def test_a_running_operation_offers_to_cancel(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True
    )

    page = text_of(importer_browser, f"{operation_page(operation)}/change/")

    assert f"{operation_page(operation)}/cancel/" in page


def ended(
    readable: int, unreadable: int, *, key: str = "csv", status: Status = Status.DONE
) -> ImportOperation:
    """Return an ended import with failed records of both sorts."""
    operation = ImportOperationFactory.create(
        importer_key=key, status=status, count_error=readable + unreadable
    )
    kind = {"pending-files": "file"}.get(key, "message")
    KindCountFactory.create(
        operation=operation,
        kind=kind,
        staged=5 + readable + unreadable,
        imported=5,
        failed=readable + unreadable,
    )
    for number in range(readable + unreadable):
        ImportRecordFactory.create(
            operation=operation,
            kind=kind,
            outcome="failed",
            code="importer-row-too-short",
            is_unreadable=number >= readable,
        )
    return operation


@pytest.mark.parametrize("status", [Status.DONE, Status.FAILED])
@pytest.mark.parametrize(
    ("readable", "unreadable", "can_retry", "texts"),
    [
        (2, 0, True, ["2 of 2 failed records can be retried."]),
        (
            *(1, 2, True),
            [
                "1 of 3 failed records can be retried.",
                "2 failed records could not be read, so they can&#x27;t be retried.",
            ],
        ),
        (
            *(0, 1, False),
            ["1 failed record could not be read, so it can&#x27;t be retried."],
        ),
    ],
)
def test_retry_is_offered_only_for_records_that_can_be_retried(
    importer_browser: Client,
    readable: int,
    unreadable: int,
    can_retry: bool,
    texts: list[str],
    status: Status,
) -> None:
    operation = ended(readable, unreadable, status=status)

    page = text_of(importer_browser, f"{operation_page(operation)}/change/")

    for text in texts:
        assert text in page
    assert ('id="button-retry"' in page) == can_retry
    assert 'id="button-failures"' in page
    primary = "button-retry" if can_retry else "button-failures"
    assert re.search(rf'id="{primary}"[^>]*class="act act-primary"', page)
    retry = importer_browser.get(f"{operation_page(operation)}/retry/")
    assert retry.status_code == (200 if can_retry else 302)


def test_failed_downloads_are_listed_instead_of_downloaded(
    importer_browser: Client,
) -> None:
    operation = ended(1, 0, key="pending-files")

    page = text_of(importer_browser, f"{operation_page(operation)}/change/")

    assert "List failed records" in page
    assert 'id="button-failures"' not in page
    answer = importer_browser.get(f"{operation_page(operation)}/failures/")
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.DONE, ""),
        (Status.FAILED, ""),
        (Status.IMPORTING_MESSAGES, "importer-cancelled"),
    ],
)
@pytest.mark.parametrize("failed", [0, 2])
def test_pending_downloads_are_offered_after_every_end(
    importer_browser: Client, status: Status, code: str, failed: int
) -> None:
    operation = ended(failed, 0, status=status)
    ImportOperation.objects.filter(pk=operation.pk).update(error_code=code)
    MessageFile.objects.create(
        room=RoomFactory.create(),
        message_import_id="m",
        source_id="F1",
        name="a.txt",
        url="https://example.org/a.txt",
        sent_at=operation.created_at,
    )
    UserFactory.create(pending_avatar_url="https://example.org/a.png")

    page = text_of(importer_browser, f"{operation_page(operation)}/change/")

    assert "Download files" in page
    assert "Download avatars" in page


@pytest.mark.parametrize("action", ["retry", "fetch-files", "fetch-pictures"])
def test_an_action_that_cancels_the_active_import_names_it_and_asks(
    importer_browser: Client, action: str
) -> None:
    finished = ended(1, 0)
    active = ImportOperationFactory.create(status=Status.USER_SELECTION, is_valid=True)
    page = f"{ADMIN}/importoperation/{action}/"
    if action == "retry":
        page = f"{operation_page(finished)}/retry/"

    shown = text_of(importer_browser, page)
    assert "Another import is in progress:" in shown
    assert f"{operation_page(active)}/change/" in shown
    assert "Waiting for review" in shown

    refused = importer_browser.post(page).content.decode()
    assert "Confirm that the new import cancels it." in refused
    other = importer_browser.post(page, {"replaces": finished.pk}).content.decode()
    assert "Confirm that the new import cancels it." in other
    active.refresh_from_db()
    assert active.is_valid

    importer_browser.post(page, {"replaces": active.pk})
    active.refresh_from_db()
    assert not active.is_valid
    assert current().pk > active.pk
