"""Links to files of exports: over real HTTP, and what ends them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import ActivityEntry, User
from config.files.stored_files import imported_files
from imports_app.engine.downloads import parallel
from imports_app.engine.exports.archives import read_archive
from imports_app.exporters.base import FileMode
from imports_app.models import FileState, Message, MessageFile, Room, WorkspaceExport
from imports_app.services.outgoing.exports import ExportSettings, start_export
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import UserFactory
from tests.imports_app.engine.test_slack_import import import_slack
from tests.imports_app.exporters.test_export_command import contents
from tests.imports_app.exporters.test_files import CONTENT, attach, with_avatar
from tests.imports_app.exporters.test_slack_round_trip import export
from tests.working import work
from tests.workspace import room_of, say


@pytest.fixture
def addresses(admin_user: User, settings: Settings, tmp_path: Path) -> list[str]:
    """Paths of the links to a file and to an avatar."""
    settings.BASE_URL = "https://import.example/base"
    with_avatar(admin_user)
    [message] = say(room_of(admin_user), admin_user, "see")
    attach(message, "plan ä/b.txt")
    export(tmp_path / "out", "--files", "links")
    found = contents(tmp_path / "out")
    [day] = [value for name, value in found.items() if "/" in name]
    urls = [
        day[0]["files"][0]["url_private_download"],
        found["users.json"][0]["profile"]["image_original"],
    ]
    assert all(url.startswith(f"{settings.BASE_URL}/export-links/") for url in urls)
    return [urlsplit(url).path.removeprefix("/base") for url in urls]


def read(answer: Any) -> bytes:
    """Return the content of a streamed answer, which closes the file."""
    return b"".join(answer.streaming_content)


@pytest.mark.django_db
def test_links_need_no_login(client: Client, addresses: list[str]) -> None:
    file, avatar = addresses
    answer = client.get(file)
    assert read(answer) == CONTENT
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert not answer.cookies
    picture = client.head(avatar)
    assert (picture.status_code, read(picture)) == (200, b"")
    assert client.post(file).status_code == 405
    logged = ActivityEntry.objects.filter(name__startswith="links of export")
    assert logged.count() == 1


@pytest.mark.django_db
def test_links_can_not_be_changed(client: Client, addresses: list[str]) -> None:
    _start, folder, export_id, target, signature, name = addresses[0].split("/")
    other = WorkspaceExport.objects.get()
    other.pk, other.public_id = None, "x" * 17
    other.save()

    def status(*parts: str) -> int:
        answer = client.get("/" + "/".join((folder, *parts)))
        assert answer.status_code == 404 or read(answer) == CONTENT
        return answer.status_code

    assert status(export_id, target, signature, "other-name") == 200
    for parts in (
        (export_id, f"{target}0", signature),
        (export_id, f"a{target[1:]}", signature),
        (other.public_id, target, signature),
        (export_id, target, signature[:-1] + ("0" if signature[-1] != "0" else "1")),
        (export_id, target, signature[:-1]),
        (export_id, target, "0" * 64),
    ):
        assert status(*parts, name) == 404


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["expired", "deleted", "not stored"])
def test_links_end(client: Client, addresses: list[str], end: str) -> None:
    if end == "expired":
        past = timezone.now() - timedelta(seconds=1)
        WorkspaceExport.objects.update(expires_at=past)
    elif end == "deleted":
        WorkspaceExport.objects.all().delete()
    else:
        MessageFile.objects.update(state=FileState.FAILED)

    assert client.get(addresses[0]).status_code == 404


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_files_arrive_through_links(
    admin_api: ApiClient,
    admin_user: User,
    live_server: LiveServer,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.BASE_URL = live_server.url
    settings.DOWNLOAD_ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    monkeypatch.setattr(parallel, "PAUSES", (0.0, 0.0))
    ann = UserFactory.create(username="ann")
    [message] = say(room_of(ann), ann, "see")
    original = attach(message, "plan.txt", content_type="text/plain")
    wanted = ExportSettings(file_format="slack", files=FileMode.LINKS)
    start_export(wanted=wanted, actor=Actor(admin_user))
    work()
    exported = WorkspaceExport.objects.get()
    assert exported.state == "completed"
    archive = tmp_path / "part.zip"
    archive.write_bytes(b"".join(read_archive(exported, "part-001.zip")))
    Message.objects.all().delete()
    Room.objects.update(name="kept")  # the source still has the file

    import_slack(admin_api, archive)
    admin_api.post("downloadPendingFiles")
    work()

    [arrived] = MessageFile.objects.exclude(pk=original.pk)
    assert (arrived.state, arrived.name) == (FileState.STORED, "plan.txt")
    assert arrived.stored_name != original.stored_name
    with imported_files().open(arrived.stored_name) as content:
        assert content.read() == CONTENT
