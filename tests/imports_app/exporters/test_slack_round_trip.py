"""An exported workspace, imported again, equals the workspace."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import orjson
from django.core.management import call_command

from accounts.models import User
from imports_app.models import Message, MessageFile, Room
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.archives.slack_expectation import SlackMessageFacts
from tests.archives.workspace import read_rooms, read_slack_rooms
from tests.conftest import ApiClient
from tests.imports_app.engine.test_csv_import import import_archive
from tests.imports_app.engine.test_slack_import import import_slack

READ_BY_ROCKETCHAT = {"", "uj", "ul", "r"} | {
    "room_changed_topic",
    "room_changed_description",
}
Rooms = dict[str, tuple[str, list[str], list[SlackMessageFacts]]]


def export(folder: Path, *options: str) -> str:
    """Run the command and return what it prints."""
    printed = StringIO()
    call_command("export", str(folder), *options, stdout=printed)
    return printed.getvalue()


def empty_workspace() -> None:
    """Delete all rooms, and all users except Ada, who imports."""
    User.objects.exclude(username="ada").delete()
    MessageFile.objects.all().delete()
    Message.objects.all().delete()
    Room.objects.all().delete()


def without_losses(rooms: Rooms) -> Rooms:
    """Return the rooms as the format can contain them."""
    return {
        name: (
            kind,
            members,
            [
                message._replace(files=(), reply_to=_earlier(message))
                for message in messages
                if message.event in READ_BY_ROCKETCHAT
            ],
        )
        for name, (kind, members, messages) in rooms.items()
    }


def _earlier(message: SlackMessageFacts) -> int | None:
    """Return the time of the thread's first message if it is before the reply."""
    root = message.reply_to
    return root if root is not None and root < message.sent_at else None


def test_slack_export_is_the_workspace(admin_api: ApiClient, tmp_path: Path) -> None:
    source = tmp_path / "source.zip"
    write_slack_archive(source, SlackPlan(messages=300))
    import_slack(admin_api, source)
    before = without_losses(read_slack_rooms())

    export(tmp_path / "out", "--format", "slack", "--reactions", "--messages", "120")
    empty_workspace()
    parts = sorted((tmp_path / "out").glob("*.zip"))
    for part in parts:
        import_slack(admin_api, part)

    assert len(parts) > 2
    assert without_losses(read_slack_rooms()) == before
    manifest = orjson.loads((tmp_path / "out" / "export.json").read_bytes())
    assert [one["file"] for one in manifest["archives"]] == [one.name for one in parts]
    assert all(one["messages"] <= 120 for one in manifest["archives"])
    assert manifest["messages"] == sum(len(said) for *_, said in before.values())


def test_csv_export_is_the_workspace(admin_api: ApiClient, tmp_path: Path) -> None:
    source = tmp_path / "source.zip"
    write_csv_archive(source, Plan(messages=300, has_oddities=False))
    import_archive(admin_api, source)
    before = read_rooms()

    printed = export(
        tmp_path / "out", "--format", "rocketchat-csv", "--messages", "120"
    )
    empty_workspace()
    parts = sorted((tmp_path / "out").glob("*.zip"))
    for part in parts:
        import_archive(admin_api, part)

    assert len(parts) > 2
    assert read_rooms() == before
    assert "duplicates the messages" in printed


def test_equal_workspaces_give_equal_bytes(
    admin_api: ApiClient, tmp_path: Path
) -> None:
    source = tmp_path / "source.zip"
    write_slack_archive(source, SlackPlan(messages=50))
    import_slack(admin_api, source)

    for file_format in ("slack", "rocketchat-csv"):
        one, other = tmp_path / f"{file_format}-1", tmp_path / f"{file_format}-2"
        export(one, "--format", file_format)
        export(other, "--format", file_format)

        assert {path.name: path.read_bytes() for path in one.iterdir()} == {
            path.name: path.read_bytes() for path in other.iterdir()
        }
