"""`manage.py export --format mattermost`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from imports_app.exporters.mattermost import archive
from imports_app.exporters.mattermost.validation import Violation
from imports_app.models import Message, Room
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.conftest import ApiClient
from tests.factories import UserFactory
from tests.imports_app.engine.test_slack_import import import_slack
from tests.imports_app.exporters.mattermost.oracle import read_strictly
from tests.imports_app.exporters.mattermost.workspaces import lines_of, of_type
from tests.imports_app.exporters.test_slack_round_trip import export
from tests.workspace import room_of, say

pytestmark = pytest.mark.django_db
MATTERMOST = ("--format", "mattermost", "--team", "acme")
DOMAIN = ("--mail-domain", "x.example")


def test_the_whole_workspace_is_exported(admin_api: ApiClient, tmp_path: Path) -> None:
    source = tmp_path / "source.zip"
    write_slack_archive(source, SlackPlan(messages=300))
    import_slack(admin_api, source)

    printed = export(tmp_path / "out", *MATTERMOST, *DOMAIN)
    export(tmp_path / "again", *MATTERMOST, *DOMAIN)

    path = tmp_path / "out" / "mattermost.zip"
    server = read_strictly(lines_of(path))
    manifest = orjson.loads((tmp_path / "out" / "export.json").read_bytes())
    kept = sum(len(posts) for posts in server["posts"].values())
    left_out = Message.objects.count() - kept
    assert manifest["messages"] == kept
    assert (
        0
        < left_out
        <= sum(
            one["number"]
            for one in manifest["notIncluded"]
            if one["what"].startswith(("Messages without text", "Room events"))
        )
    )
    assert len(server["channels"]) + len(server["direct"]) == Room.objects.count()
    assert len(server["users"]) >= User.objects.count()
    assert "mattermost.zip" in printed
    assert path.read_bytes() == (tmp_path / "again" / "mattermost.zip").read_bytes()
    call_command("validate_export", str(path), stdout=StringIO())


def test_existing_users_are_read_from_a_file(tmp_path: Path) -> None:
    people = [UserFactory.create(username=name) for name in ("ann", "bo", "cy")]
    say(room_of(*people), people[0], "hello")
    (tmp_path / "users.txt").write_text("bo\n\n")

    export(
        *(tmp_path / "out", *MATTERMOST, *DOMAIN, "--omit-user", "ann"),
        *("--existing-users", str(tmp_path / "users.txt")),
    )

    lines = lines_of(tmp_path / "out" / "mattermost.zip")
    assert [user["username"] for user in of_type(lines, "user")] == ["cy"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--format", "mattermost"), "needs --team"),
        (("--team", "acme"), "--team needs --format mattermost"),
        ((*MATTERMOST, "--reactions"), "--reactions needs --format slack"),
        (("--format", "mattermost", "--team", "A"), "not a valid name of a team"),
        ((*MATTERMOST, "--mail-domain", "-"), "not a valid domain"),
        ((*MATTERMOST, "--existing-users", "/nowhere"), "can't be read"),
        (MATTERMOST, "1 users have no valid e-mail address"),
    ],
)
def test_refusals_write_nothing(
    tmp_path: Path, options: tuple[str, ...], error: str
) -> None:
    User.objects.create(username="nobody")

    with pytest.raises(CommandError, match=error):
        export(tmp_path / "out", *options)

    assert not list(tmp_path.rglob("*.*"))


def test_an_invalid_archive_is_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        archive, "validate", lambda *_arguments: iter([Violation(3, "It is wrong.")])
    )

    with pytest.raises(CommandError, match="Line 3: It is wrong"):
        export(tmp_path / "out", *MATTERMOST, *DOMAIN)

    assert not (tmp_path / "out" / "export.json").exists()
