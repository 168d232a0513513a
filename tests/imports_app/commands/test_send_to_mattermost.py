"""`manage.py send_to_mattermost`, and the check of a connected Mattermost."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import ActivityEntry
from imports_app.models import Server
from imports_app.services.outgoing.checks import check_server
from imports_app.services.outgoing.servers import find_server
from tests.factories import UserFactory
from tests.fakes.mattermost import FakeMattermost, serving_mattermost
from tests.imports_app.exporters.test_slack_round_trip import export
from tests.workspace import room_of, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeMattermost]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    with serving_mattermost(FakeMattermost(polls=0)) as fake:
        yield fake


@pytest.fixture
def server(fake: FakeMattermost, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{fake.token}\n"))
    arguments = ("add_server", "team", fake.url)
    with pytest.raises(CommandError, match="--user-id"):
        call_command(*arguments, stdout=io.StringIO())
    call_command(*arguments, "--kind", "mattermost", stdout=io.StringIO())
    return find_server("team")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    ann = UserFactory.create(username="ann")
    say(room_of(ann), ann, "hello")
    export(
        tmp_path / "out",
        *("--format", "mattermost", "--team", "acme", "--mail-domain", "x.example"),
    )
    return tmp_path / "out" / "mattermost.zip"


def send(*arguments: str) -> str:
    output = io.StringIO()
    call_command("send_to_mattermost", *arguments, stdout=output)
    return output.getvalue()


def test_an_exported_workspace_arrives(
    fake: FakeMattermost, server: Server, archive: Path
) -> None:
    first = send("team", str(archive))
    second = send("team", str(archive))

    [arrived] = fake.imported
    assert {name: len(posts) for name, posts in arrived["posts"].items()} == {
        "general": 1
    }
    assert list(fake.archives.values()) == [archive.read_bytes()]
    assert "Mattermost has imported the archive." in first
    assert "--again" in second
    entries = list(ActivityEntry.objects.filter(name="archive for team").values())
    assert [entry["after"] for entry in entries] == [
        {"file": str(archive), "server": "team"}
    ] * 2
    assert fake.token not in str(entries)


def test_nothing_is_sent_that_mattermost_would_refuse(
    fake: FakeMattermost, server: Server, archive: Path
) -> None:
    with ZipFile(archive, "a") as content, pytest.warns(match="Duplicate"):
        content.writestr("data.jsonl", "{}\n")

    with pytest.raises(CommandError, match="not valid, so it was not sent"):
        send("team", str(archive))
    with pytest.raises(CommandError, match="can't be read"):
        send("team", str(archive.with_name("none.zip")))
    Server.objects.update(kind="rocketchat")
    with pytest.raises(CommandError, match="does not run Mattermost"):
        send("team", str(archive))

    assert fake.calls == []


def test_the_check_says_what_is_missing(fake: FakeMattermost, server: Server) -> None:
    good = check_server(server)
    fake.roles = "system_user"
    poor = check_server(server)
    fake.token = "another"
    bad = check_server(server)

    assert good.version == "10.11.2"
    assert {one.code: one.level for one in good.findings} == {
        "version": "ok",
        "token": "ok",
        "upload": "warning",
        "imports": "ok",
    }
    assert [one.code for one in poor.findings if one.level == "error"] == ["roles"]
    assert [one.code for one in bad.findings if one.level == "error"] == ["token"]
    assert fake.received == 0
    assert not fake.jobs
