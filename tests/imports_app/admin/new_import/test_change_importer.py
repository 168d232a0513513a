"""Another importer for a file that is here already."""

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
    """A Slack export that was taken for a CSV archive."""
    importer = find_importer("slack")
    assert importer is not None
    assert importer.guide is not None
    export = importer.guide.template.as_bytes()
    fields = {"importer": "csv", "file": SimpleUploadedFile("export.zip", export)}
    importer_browser.post(f"{PAGES}/new/", fields)
    work()
    return current()


def test_the_report_says_so_and_leads_to_the_choice(
    importer_browser: Client, mistaken: ImportOperation
) -> None:
    text = text_of(importer_browser, f"{PAGES}/{mistaken.pk}/change/")

    assert "This file can&#x27;t be imported" in text
    assert "This is a Slack export. Choose the Slack importer." in text
    assert page(mistaken) in text
    choice = text_of(importer_browser, page(mistaken))
    assert "<strong>export.zip</strong> already; nothing is sent again" in choice


def test_another_importer_reads_the_same_file(
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
    assert stored == {mistaken.public_id, again.public_id}


def test_it_works_where_a_file_can_have_one_name_only(
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


def test_a_bare_table_can_be_read_as_slacks_list(importer_browser: Client) -> None:
    members = SimpleUploadedFile("members.csv", b"ann,ann@example.org,Member\n")
    importer_browser.post(f"{PAGES}/new/", {"importer": "csv", "file": members})
    work()
    taken_for_users = current()
    assert taken_for_users.status == Status.USER_SELECTION
    assert page(taken_for_users) in text_of(
        importer_browser, f"{PAGES}/{taken_for_users.pk}/change/"
    )

    importer_browser.post(page(taken_for_users), {"importer": "slack-users"})

    assert current().importer_key == "slack-users"
    taken_for_users.refresh_from_db()
    assert not taken_for_users.is_valid


def test_it_ends_no_other_import_without_being_asked(
    importer_browser: Client, mistaken: ImportOperation
) -> None:
    importer_browser.post(
        f"{PAGES}/new/",
        {"importer": "csv", "file": SimpleUploadedFile("x.zip", packed(SMALL))},
    )
    other = current()

    text = importer_browser.post(page(mistaken), {"importer": "slack"})
    assert "Say whether the new one takes its place" in text.content.decode()
    assert current() == other

    fields: dict[str, Any] = {"importer": "slack", "replaces": other.pk}
    importer_browser.post(page(mistaken), fields)
    assert current().importer_key == "slack"


def test_a_file_that_is_gone_has_to_be_sent_again(
    importer_browser: Client, mistaken: ImportOperation, tmp_path: Path
) -> None:
    (tmp_path / "uploads" / mistaken.public_id).unlink()

    operation_page = f"{PAGES}/{mistaken.pk}/change/"
    assert page(mistaken) not in text_of(importer_browser, operation_page)
    response = importer_browser.post(page(mistaken), {"importer": "slack"}, follow=True)

    assert "does not have the file any more" in response.content.decode()
    assert current() == mistaken


def test_who_only_looks_chooses_no_importer(
    viewer_browser: Client, mistaken: ImportOperation
) -> None:
    operation_page = f"{PAGES}/{mistaken.pk}/change/"
    assert page(mistaken) not in text_of(viewer_browser, operation_page)
    assert viewer_browser.get(page(mistaken)).status_code == 403
    assert viewer_browser.post(page(mistaken), {"importer": "slack"}).status_code == 403
    assert current() == mistaken


def test_an_operation_that_never_was_has_no_file(importer_browser: Client) -> None:
    operation = ImportOperationFactory.create()
    path = page(operation)
    operation.delete()

    assert importer_browser.get(path).status_code == 404
