"""Pages of exports in the admin."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from imports_app.models import Room, WorkspaceExport
from imports_app.services.outgoing.exports import ExportSettings, start_export
from imports_app.statuses import Status, UndoState
from imports_app.transitions import Actor
from tests.factories import ImportOperationFactory
from tests.working import work
from tests.workspace import direct_room_of, room_of, say

pytestmark = pytest.mark.django_db
LIST = "/admin/imports_app/workspaceexport/"
FIELDS = {
    "format": "slack",
    "file_mode": "none",
    **dict.fromkeys(
        (
            *("rooms", "users", "since", "until", "operation", "team"),
            *("mail_domain", "existing_users"),
        ),
        "",
    ),
}


@pytest.fixture
def room(admin_user: User) -> Room:
    room = room_of(admin_user)
    say(room, admin_user, "<b>hello</b>", "two")
    return room


@pytest.fixture
def export(admin_user: User, room: Room) -> WorkspaceExport:
    wanted = ExportSettings(file_format="slack")
    return start_export(wanted=wanted, actor=Actor(admin_user))


def page_of(export: WorkspaceExport, page: str = "change") -> str:
    return f"{LIST}{export.pk}/{page}/"


def test_from_the_form_to_the_download(
    admin_browser: Client, admin_user: User, room: Room
) -> None:
    say(direct_room_of(admin_user), admin_user, "psst")
    answer = admin_browser.post(f"{LIST}add/", {**FIELDS, "rooms": "general\n"})
    export = WorkspaceExport.objects.get()
    assert answer["Location"] == page_of(export)
    assert export.selection == {"rooms": [room.public_id]}
    waiting = admin_browser.get(page_of(export)).content.decode()
    assert "Waiting for a worker" in waiting
    assert "Cancel export" in waiting
    live = admin_browser.get(page_of(export, "live"))
    tag = {"If-None-Match": live["ETag"]}
    unchanged = admin_browser.get(page_of(export, "live"), headers=tag)
    assert unchanged.status_code == 304

    work()

    changed = admin_browser.get(page_of(export, "live"), headers=tag).content.decode()
    assert "part-001.zip" in changed
    assert "Everything that was selected is included." in changed
    assert "rooms general" in changed
    download = admin_browser.get(page_of(export, "download"))
    content = b"".join(download.streaming_content)  # type: ignore[attr-defined]
    with ZipFile(io.BytesIO(content)) as archive:
        assert "users.json" in archive.namelist()
    assert "part-001.zip" in download["Content-Disposition"]
    assert str(export.pk) in admin_browser.get(LIST).content.decode()


def test_errors_of_the_form(admin_browser: Client, room: Room) -> None:
    for fields, text in (
        ({"format": "mattermost"}, "is not a valid name of a team"),
        ({"rooms": "nowhere"}, "There is no room with the name or ID"),
        ({"team": "acme"}, "has no option team"),
        ({"file_mode": "links"}, "Links to files need the public address"),
        ({"since": "yesterday"}, "Enter a valid date"),
    ):
        answer = admin_browser.post(f"{LIST}add/", {**FIELDS, **fields})
        assert answer.status_code == 200
        assert text in answer.content.decode()
    assert not WorkspaceExport.objects.exists()


def test_cancellation_and_deletion(
    admin_browser: Client, export: WorkspaceExport
) -> None:
    question = admin_browser.get(page_of(export, "cancel")).content.decode()
    assert "Archives written so far are deleted." in question
    admin_browser.post(page_of(export, "cancel"))
    export.refresh_from_db()
    assert export.state == "cancelled"
    again = admin_browser.post(page_of(export, "cancel"), follow=True)
    assert "The export has already ended." in again.content.decode()
    missing = admin_browser.get(page_of(export, "download"), follow=True)
    assert "archives of the export are not on this server" in missing.content.decode()

    admin_browser.post(page_of(export, "delete"), {"post": "yes"})

    assert not WorkspaceExport.objects.exists()


def test_selected_rooms_and_an_import_lead_to_the_form(
    admin_browser: Client, admin_user: User, room: Room
) -> None:
    answer = admin_browser.post(
        reverse("admin:imports_app_room_changelist"),
        {"action": "export_rooms", "_selected_action": [room.pk]},
    )
    assert answer["Location"] == f"{LIST}add/?rooms={room.public_id}"
    assert ">general</textarea>" in admin_browser.get(
        answer["Location"]
    ).content.decode().replace("\n", "")
    operation = ImportOperationFactory.create(
        user=admin_user, status=Status.DONE, undo_state=UndoState.AVAILABLE
    )
    page = reverse("admin:imports_app_importoperation_change", args=[operation.pk])
    link = f"{LIST}add/?operation={operation.public_id}"
    assert f'href="{link}"' in admin_browser.get(page).content.decode()
    assert f'value="{operation.public_id}"' in admin_browser.get(link).content.decode()


def test_others_see_nothing(importer_browser: Client, export: WorkspaceExport) -> None:
    assert "workspaceexport" not in importer_browser.get("/admin/").content.decode()
    for path in (
        LIST,
        f"{LIST}add/",
        *(page_of(export, name) for name in ("change", "live", "download", "cancel")),
    ):
        assert importer_browser.get(path).status_code in {403, 302}, path
    assert importer_browser.post(page_of(export, "cancel")).status_code == 403
    assert importer_browser.post(page_of(export, "delete")).status_code == 403
    export.refresh_from_db()
    assert export.state == "waiting"
