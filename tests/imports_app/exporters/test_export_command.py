"""What an export selects, contains, leaves out and refuses."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError

from accounts.models import ActivityEntry, User
from imports_app.models import Message
from tests.factories import UserFactory
from tests.imports_app.exporters.test_slack_round_trip import export
from tests.workspace import START, direct_room_of, room_of, say

pytestmark = pytest.mark.django_db


def contents(folder: Path) -> dict[str, Any]:
    """Return the files of the only archive, parsed if they are JSON."""
    [path] = folder.glob("*.zip")
    with zipfile.ZipFile(path) as archive:
        return {
            name: orjson.loads(archive.read(name))
            if name.endswith(".json")
            else list(csv.reader(io.StringIO(archive.read(name).decode())))
            for name in archive.namelist()
        }


def usernames(folder: Path) -> list[str]:
    return [user["name"] for user in contents(folder)["users.json"]]


def numbers(printed: str) -> dict[str, int]:
    """Return the numbers of what is not included, by the beginning of the line."""
    found = {}
    for line in printed.splitlines():
        words = line.split()
        if words and words[-1].isdigit():
            for end in range(1, len(words)):
                found[" ".join(words[:end])] = int(words[-1])
    return found


@pytest.fixture
def ann() -> User:
    return UserFactory.create(username="ann")


@pytest.fixture
def bo() -> User:
    return UserFactory.create(username="bo")


def test_one_room_contains_nobody_else(tmp_path: Path, ann: User, bo: User) -> None:
    say(room_of(ann), ann, "hello")
    say(room_of(bo, name="secret", type="p"), bo, "hidden")

    export(tmp_path / "out", "--room", "general")

    found = contents(tmp_path / "out")
    assert usernames(tmp_path / "out") == ["ann"]
    assert [room["name"] for room in found["channels.json"]] == ["general"]
    assert found["groups.json"] == []
    assert b"hidden" not in orjson.dumps(found)


def test_days_include_the_last_one(tmp_path: Path, ann: User) -> None:
    room = room_of(ann)
    Message.objects.bulk_create(
        Message(
            room=room,
            import_id=str(day),
            author=ann,
            sent_at=START + timedelta(days=day),
            text=f"day {day}",
        )
        for day in range(4)
    )

    export(tmp_path / "out", "--since", "2024-03-02", "--until", "2024-03-03")

    days = [name for name in contents(tmp_path / "out") if "/" in name]
    assert [Path(name).stem for name in days] == ["2024-03-02", "2024-03-03"]


def test_first_messages_of_threads_have_latest_reply(
    tmp_path: Path, ann: User, bo: User
) -> None:
    room = room_of(ann, bo)
    [root] = say(room, ann, "root")
    say(room, bo, "reply", thread=root.import_id)
    say(room, bo, "lost", thread="elsewhere")

    printed = export(tmp_path / "out")

    [day] = [value for key, value in contents(tmp_path / "out").items() if "/" in key]
    first, reply, lost = day
    assert (first["thread_ts"], first["reply_count"]) == (first["ts"], 1)
    assert first["latest_reply"] == reply["ts"]
    assert reply["thread_ts"] == first["ts"]
    assert "thread_ts" not in lost
    assert numbers(printed)["Replies without an earlier first message"] == 1


def test_messages_of_one_moment_have_times_of_their_own(
    tmp_path: Path, ann: User
) -> None:
    room = room_of(ann)
    Message.objects.bulk_create(
        Message(room=room, import_id=f"m{number}", author=ann, sent_at=START, text="x")
        for number in range(3)
    )

    printed = export(tmp_path / "out")

    [day] = [value for key, value in contents(tmp_path / "out").items() if "/" in key]
    assert len({message["ts"] for message in day}) == 3
    assert numbers(printed)["Messages that Rocket.Chat may show"] == 2


def test_authors_without_an_account_are_inactive_users(
    tmp_path: Path, ann: User, bo: User
) -> None:
    room = room_of(ann, bo)
    say(room, bo, "bye")
    bo.delete()

    printed = export(tmp_path / "out")

    users = contents(tmp_path / "out")["users.json"]
    assert [user["deleted"] for user in users] == [False, True]
    assert users[1]["name"].startswith("deleted-")
    assert numbers(printed)["Authors whose account was deleted,"] == 1


def test_csv_contains_pairs_groups_and_odd_names(
    tmp_path: Path, ann: User, bo: User
) -> None:
    cy = UserFactory.create(username="cy")
    say(room_of(ann, name="directmessages"), ann, 'say "hi",\nthen go')
    say(direct_room_of(ann, bo), bo, "psst")
    say(direct_room_of(ann, bo, cy), cy, "us three")

    printed = export(tmp_path / "out", "--format", "rocketchat-csv")

    found = contents(tmp_path / "out")
    rooms = {row[0]: row[1:] for row in found["channels.csv"]}
    assert rooms["room-directmessages"] == ["ann", "public", "ann"]
    [group] = rooms.keys() - {"room-directmessages"}
    assert rooms[group] == ["ann", "private", "ann;bo;cy"]
    [[author, _time, text]] = found["room-directmessages/00001.csv"]
    assert (author, text) == ("ann", 'say "hi",\nthen go')
    [[sender, partner, _time, text]] = [
        row
        for name, rows in found.items()
        if name.startswith("directmessages/")
        for row in rows
    ]
    assert (sender, partner, text) == ("bo", "ann", "psst")
    assert numbers(printed)["Group direct messages, which become private rooms"] == 1
    assert numbers(printed)["Rooms that are renamed,"] == 1


def test_refusals_write_nothing(tmp_path: Path, ann: User) -> None:
    say(room_of(ann), ann, "hello")
    (tmp_path / "mine.txt").write_text("kept")

    for options, error in (
        ([str(tmp_path)], "is not empty. Choose a new one"),
        ([str(tmp_path / "a"), "--room", "nowhere"], "no room with the name or ID"),
        ([str(tmp_path / "a"), "--since", "1.3.2024"], "is not a day"),
        ([str(tmp_path / "a"), "--messages", "0"], "is not a positive number"),
        (
            [str(tmp_path / "a"), "--format", "rocketchat-csv", "--reactions"],
            "--reactions needs --format slack",
        ),
        ([str(tmp_path / "mine.txt")], "can't be written"),
    ):
        with pytest.raises(CommandError, match=error):
            export(Path(options[0]), *options[1:])

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_export_is_logged(tmp_path: Path, ann: User) -> None:
    say(room_of(ann), ann, "hello")

    export(tmp_path / "out")

    entry = ActivityEntry.objects.latest("pk")
    assert entry.action == "exported"
    assert entry.name.startswith("export ")
    assert entry.name.endswith("(slack)")
