"""What is different since the last import, in the review and on its page."""

from __future__ import annotations

import pytest
from django.test import Client

from imports_app.models import Message
from imports_app.services.review import changes as service
from tests.conftest import ApiClient
from tests.imports_app.admin.preview.test_preview_page import address_of, text_of
from tests.imports_app.api.importing import imported, packed, staged
from tests.imports_app.api.test_changes import NEXT
from tests.working import work


def test_the_review_begins_with_the_changes(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    imported(admin_api)
    operation = staged(admin_api, packed(NEXT))

    review = text_of(admin_browser, address_of(operation, "select"))

    assert "Since the last import" in review
    assert "2 new messages , 1 message gone , 1 new user" in review
    assert "2 messages unchanged. Unchanged records are not written." in review


def test_a_first_import_has_no_page(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = staged(admin_api)

    assert "Since the last" not in text_of(
        admin_browser, address_of(operation, "select")
    )
    assert admin_browser.get(address_of(operation, "changes")).status_code == 302


def test_messages_by_room_and_one_by_one(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    imported(admin_api)
    operation = staged(admin_api, packed(NEXT))
    page = address_of(operation, "changes")

    rooms = text_of(admin_browser, page)
    assert "#news 1 0 0 1" in rooms
    assert "#lab 1 0 1 0" in rooms
    gone = admin_browser.get(f"{page}?kind=message&effect=gone").content.decode()
    message = Message.objects.get(text="secret")
    assert f"around={message.pk}#m{message.pk}" in gone
    assert "secret" not in gone
    users = text_of(admin_browser, f"{page}?kind=user")
    assert "cy new" in users


def test_the_page_waits_for_a_worker(
    admin_api: ApiClient, admin_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(admin_api)
    operation = staged(admin_api, packed(NEXT))
    monkeypatch.setattr(service, "_FEW_MESSAGES", 0)
    page = address_of(operation, "changes")

    answer = admin_browser.get(page)
    assert answer.headers["Refresh"]
    assert "The file is being compared" in answer.content.decode()
    review = text_of(admin_browser, address_of(operation, "select"))
    assert "Show progress" in review
    work()

    assert "Refresh" not in admin_browser.get(page).headers
