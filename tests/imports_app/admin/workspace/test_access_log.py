from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ActivityEntry, User
from config.files.stored_files import imported_files
from imports_app.models import FileState, ImportOperation, MessageFile, Room
from tests.conftest import ApiClient
from tests.workspace import room_of, say

ADMIN = "admin:imports_app"
Action = ActivityEntry.Action


def actions() -> list[tuple[str, str, str, str]]:
    found = ActivityEntry.objects.order_by("pk")
    return list(found.values_list("action", "subject", "name", "author_name"))


@pytest.fixture
def room(admin_user: User) -> Room:
    return room_of(admin_user, name="general")


def test_reading_a_conversation_is_logged_once_per_period(
    admin_browser: Client, admin_user: User, room: Room
) -> None:
    (message,) = say(room, admin_user, "hi")
    conversation = reverse(f"{ADMIN}_room_conversation_page", args=[room.pk])

    admin_browser.get(conversation)
    admin_browser.get(f"{conversation}?around={message.pk}")
    admin_browser.get(f"/admin/imports_app/message/{message.pk}/change/")
    read = ("viewed", "room", f"#general ({room.public_id})", "ada")
    assert actions() == [read]

    ActivityEntry.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    admin_browser.get(conversation)
    assert actions() == [read, read]


def test_searches_are_logged_with_their_terms(
    admin_browser: Client, admin_user: User, room: Room
) -> None:
    page = "/admin/imports_app/message/"
    query = {"q": "tea", "room": "general", "since": "2024-01-01"}
    admin_browser.get(page, query)
    admin_browser.get(page, query)
    admin_browser.get(page)

    terms = [name for _action, _subject, name, _author in actions()]
    assert terms == ["q: tea, room: general, since: 2024-01-01", "all messages"]


def test_downloads_of_files_are_logged(
    admin_browser: Client, admin_user: User, room: Room
) -> None:
    stored = imported_files().save("plan", ContentFile(b"bytes"))
    file = MessageFile.objects.create(
        room=room,
        source_id="F1",
        name="plan.pdf",
        message_import_id="m-1",
        state=FileState.STORED,
        stored_name=stored,
        size=5,
        sent_at=timezone.now(),
    )

    path = reverse(f"{ADMIN}_messagefile_download_page", args=[file.pk])
    assert b"".join(admin_browser.get(path)) == b"bytes"

    assert actions() == [("downloaded", "file", "plan.pdf", "ada")]
    details: Any = ActivityEntry.objects.get().after
    assert details["room"] == f"#general ({room.public_id})"


def test_downloads_of_avatars_are_logged_once_per_period(
    admin_browser: Client, admin_user: User
) -> None:
    png = ContentFile(b"\x89PNG\r\n\x1a\n" + b"\0" * 20)
    admin_user.avatar_name = imported_files().save("ada", png)
    admin_user.save()

    for _ in range(2):
        answer = admin_browser.get(f"/admin/accounts/user/{admin_user.pk}/picture/")
        assert b"".join(answer).startswith(b"\x89PNG")

    assert actions() == [("downloaded", "file", "avatar of ada", "ada")]


def test_actions_on_imports_are_logged_with_their_author(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    body = {
        "binaryContent": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==",
        "contentType": "application/zip",
        "fileName": "a.zip",
        "importerKey": "csv",
    }
    admin_api.post("uploadImportFile", body)
    operation = ImportOperation.objects.get()
    admin_api.post("import.clear")
    page = f"/admin/imports_app/importoperation/{operation.pk}/delete/"
    admin_browser.post(page, {"post": "yes"})

    assert not ImportOperation.objects.exists()
    assert actions() == [
        ("created", "import", f"CSV {operation.public_id}", "ada"),
        ("cancelled", "import", f"a.zip ({operation.public_id})", "ada"),
        ("deleted", "import", f"a.zip ({operation.public_id})", "ada"),
    ]
    addresses = ActivityEntry.objects.values_list("address", flat=True)
    assert set(addresses) == {"127.0.0.1"}
