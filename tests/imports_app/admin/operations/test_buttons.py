"""Buttons of an operation's page and the pages behind them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from imports_app.models import ImportOperation, Message
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory, RoleFactory, UserFactory
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
