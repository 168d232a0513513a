"""Change of the importer of an uploaded file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.statuses import Status
from imports_app.uploads.storage import owner_of
from tests.factories import ImportOperationFactory
from tests.imports_app.api.importing import SMALL, current, packed
from tests.working import work

PAGES = "/admin/imports_app/importoperation"


def page(operation: ImportOperation) -> str:
    return f"{PAGES}/{operation.pk}/read-as/"


def text_of(browser: Client, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def mistaken(importer_browser: Client) -> ImportOperation:
    """A Slack export that was uploaded as a CSV archive."""
    importer = find_importer("slack")
    assert importer is not None
    assert importer.guide is not None
    export = importer.guide.template.as_bytes()
    fields = {"importer": "csv", "file": SimpleUploadedFile("export.zip", export)}
    importer_browser.post(f"{PAGES}/new/", fields)
    work()
    return current()


def test_the_report_links_to_the_importer_choice(
    importer_browser: Client, mistaken: ImportOperation
) -> None:
    text = text_of(importer_browser, f"{PAGES}/{mistaken.pk}/change/")

    assert "This file can&#x27;t be imported" in text
    assert "This is a Slack export. Choose the importer Slack export." in text
    assert page(mistaken) in text
    choice = text_of(importer_browser, page(mistaken))
    assert "<strong>export.zip</strong> is already on the server" in choice


def test_the_selected_importer_reads_the_same_file(
    importer_browser: Client, mistaken: ImportOperation, tmp_path: Path
) -> None:
    response = importer_browser.post(page(mistaken), {"importer": "slack"})

    again = current()
    assert again != mistaken
    assert response.headers["Location"] == f"{PAGES}/{again.pk}/change/"
    assert again.importer_key == "slack"
    assert again.file_digest == mistaken.file_digest
    assert again.file_size == mistaken.file_size
    assert again.file_name.endswith("_export.zip")
    work()
    again.refresh_from_db()
    assert again.status == Status.USER_SELECTION
    assert [event.to_status for event in again.events.in_order()][:4] == [
        Status.NEW,
        Status.UPLOADING,
        Status.FILE_LOADED,
        Status.PREPARING_STARTED,
    ]
    stored = {path.name for path in (tmp_path / "uploads").iterdir()}
    assert {owner_of(name) for name in stored} == {
        mistaken.public_id,
        again.public_id,
    }


def test_works_without_hard_links(
    importer_browser: Client,
    mistaken: ImportOperation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)

    importer_browser.post(page(mistaken), {"importer": "slack"})
    work()

    assert current().status == Status.USER_SELECTION


def test_a_table_can_be_read_as_a_slack_member_list(
    importer_browser: Client,
) -> None:
    members = SimpleUploadedFile("members.csv", b"ann,ann@example.org,Member\n")
    importer_browser.post(f"{PAGES}/new/", {"importer": "csv", "file": members})
    work()
    members_operation = current()
    assert members_operation.status == Status.USER_SELECTION
    assert page(members_operation) in text_of(
        importer_browser, f"{PAGES}/{members_operation.pk}/change/"
    )

    importer_browser.post(page(members_operation), {"importer": "slack-users"})

    assert current().importer_key == "slack-users"
    members_operation.refresh_from_db()
    assert not members_operation.is_valid


def test_changing_needs_consent_to_cancel_another_import(
    importer_browser: Client, mistaken: ImportOperation
) -> None:
    importer_browser.post(
        f"{PAGES}/new/",
        {"importer": "csv", "file": SimpleUploadedFile("x.zip", packed(SMALL))},
    )
    other = current()

    text = importer_browser.post(page(mistaken), {"importer": "slack"})
    assert "Confirm that the new import cancels it." in text.content.decode()
    assert current() == other

    fields: dict[str, Any] = {"importer": "slack", "replaces": other.pk}
    importer_browser.post(page(mistaken), fields)
    assert current().importer_key == "slack"


def test_a_removed_file_has_to_be_uploaded_again(
    importer_browser: Client, mistaken: ImportOperation, tmp_path: Path
) -> None:
    (tmp_path / "uploads" / mistaken.public_id).unlink()

    operation_page = f"{PAGES}/{mistaken.pk}/change/"
    assert page(mistaken) not in text_of(importer_browser, operation_page)
    response = importer_browser.post(page(mistaken), {"importer": "slack"}, follow=True)

    assert "The file is no longer on the server" in response.content.decode()
    assert current() == mistaken


def test_viewers_can_not_change_the_importer(
    viewer_browser: Client, mistaken: ImportOperation
) -> None:
    operation_page = f"{PAGES}/{mistaken.pk}/change/"
    assert page(mistaken) not in text_of(viewer_browser, operation_page)
    assert viewer_browser.get(page(mistaken)).status_code == 403
    assert viewer_browser.post(page(mistaken), {"importer": "slack"}).status_code == 403
    assert current() == mistaken


def test_an_unknown_operation_is_not_found(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create()
    path = page(operation)
    operation.delete()

    assert importer_browser.get(path).status_code == 404
