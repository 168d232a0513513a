"""Message files and avatars in the admin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accounts.models import User
from config.files.stored_files import imported_files
from imports_app.models import FileState, Message, MessageFile, Room
from tests.factories import RoomFactory, UserFactory
from tests.web import PNG

ADMIN = "/admin/imports_app"
SENT = datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)


def message_in(room: Room, import_id: str = "m-1", **fields: Any) -> Message:
    author = UserFactory.create()
    return Message.objects.create(
        **{
            "room": room,
            "import_id": import_id,
            "author_id": author.public_id,
            "sent_at": SENT,
            **fields,
        }
    )


def file_in(room: Room, content: bytes | None, **fields: Any) -> MessageFile:
    """Create a file of the message `m-1`, stored if it has content."""
    stored = {}
    if content is not None:
        name = imported_files().save("files/1", ContentFile(content))
        stored = {"state": FileState.STORED, "stored_name": name}
    return MessageFile.objects.create(
        **{
            "room": room,
            "message_import_id": "m-1",
            "source_id": f"F{MessageFile.objects.count()}",
            "name": "report.html",
            "content_type": "text/html",
            "url": "https://files.example.org/r?t=xoxe-secret",
            "sent_at": SENT,
            **stored,
            **fields,
        }
    )


def text_of(browser: Client, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_a_file_is_served_as_a_download(admin_browser: Client) -> None:
    file = file_in(RoomFactory.create(), b"<script>alert(1)</script>")

    response = admin_browser.get(f"{ADMIN}/messagefile/{file.pk}/download/")

    assert response.getvalue() == b"<script>alert(1)</script>"
    headers = response.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == 'attachment; filename="report.html"'
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_files_need_permission_to_read_rooms(importer_browser: Client) -> None:
    file = file_in(RoomFactory.create(), b"x")

    for page in ("", f"{file.pk}/change/", f"{file.pk}/download/"):
        response = importer_browser.get(f"{ADMIN}/messagefile/{page}")
        assert response.status_code == 403


def test_a_pending_file_can_not_be_downloaded(admin_browser: Client) -> None:
    waiting = file_in(RoomFactory.create(), None)
    gone = file_in(waiting.room, b"x")
    imported_files().delete(gone.stored_name)

    page = f"{ADMIN}/messagefile"
    assert admin_browser.get(f"{page}/{waiting.pk}/download/").status_code == 403
    assert admin_browser.get(f"{page}/{gone.pk}/download/").status_code == 404


def test_the_details_of_a_file_are_labels(admin_browser: Client) -> None:
    file = file_in(RoomFactory.create(), None)

    page = admin_browser.get(f"{ADMIN}/messagefile/{file.pk}/change/").content.decode()

    assert "not downloaded" in page
    assert "&#x27;waiting&#x27;" not in page


def test_no_page_shows_the_secret_of_a_url(admin_browser: Client) -> None:
    room = RoomFactory.create()
    message = message_in(room)
    file = file_in(room, None)
    pages = (
        *(f"{ADMIN}/messagefile/", f"{ADMIN}/messagefile/{file.pk}/change/"),
        f"{ADMIN}/message/{message.pk}/change/",
    )

    texts = [text_of(admin_browser, page) for page in pages]

    assert all("secret" not in text for text in texts)
    assert "https://files.example.org/r" in texts[1]
    assert f"{ADMIN}/message/{message.pk}/change/" in texts[1]


def test_a_message_shows_all_of_its_parts(admin_browser: Client) -> None:
    room = RoomFactory.create()
    root = message_in(room, text="the beginning")
    file = file_in(room, b"x", message_import_id="m-2", name="<b>.txt")
    reply = message_in(
        room,
        "m-2",
        text="a reply",
        thread="m-1",
        edited_at=SENT,
        extras={
            "alias": "deployer",
            "reactions": {":tada:": ["ann", "bo"]},
            "attachments": [{"text": "<i>built</i>"}],
        },
    )

    page = text_of(admin_browser, f"{ADMIN}/message/{reply.pk}/change/")

    for part in (
        *("a reply", "the beginning", f"{ADMIN}/message/{root.pk}/change/"),
        *("ann, bo", "&lt;b&gt;.txt", "&lt;i&gt;built", "deployer", "edited"),
        f"{ADMIN}/messagefile/{file.pk}/download/",
    ):
        assert part in page


@pytest.mark.parametrize(
    ("event", "text", "shown"),
    [
        ("uj", "", "joined"),
        ("room_changed_topic", "<b>50% off", "changed the topic: &lt;b&gt;50% off"),
        ("something-new", "", "something-new"),
    ],
)
def test_an_event_has_a_description(
    admin_browser: Client, event: str, text: str, shown: str
) -> None:
    message_in(RoomFactory.create(), event=event, text=text)

    assert shown in text_of(admin_browser, f"{ADMIN}/message/")


def test_a_reply_shows_that_its_thread_was_not_imported(admin_browser: Client) -> None:
    reply = message_in(RoomFactory.create(), thread="slack-C1-1")

    page = text_of(admin_browser, f"{ADMIN}/message/{reply.pk}/change/")

    assert "slack-C1-1 (not imported)" in page


def user_with_avatar(content: bytes) -> User:
    name = imported_files().save("avatars/1", ContentFile(content))
    return UserFactory.create(avatar_name=name)


def test_an_avatar_is_shown_on_the_user_page(admin_browser: Client) -> None:
    user = user_with_avatar(PNG)
    page = f"/admin/accounts/user/{user.pk}/picture/"

    response = admin_browser.get(page)

    assert page in text_of(admin_browser, f"/admin/accounts/user/{user.pk}/change/")
    assert response.getvalue() == PNG
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_not_an_image_is_not_shown_as_avatar(
    admin_browser: Client, importer_browser: Client
) -> None:
    bad = user_with_avatar(b"<svg onload=alert(1)>")
    none = UserFactory.create()
    for user in (bad, none):
        page = f"/admin/accounts/user/{user.pk}/picture/"
        assert admin_browser.get(page).status_code == 404
        assert importer_browser.get(page).status_code == 403
