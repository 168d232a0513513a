"""Rooms of Slack exports: room types and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from imports_app.importers.slack.archive import SlackImporter
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    MessageRecord,
    RoomType,
    SourceItem,
)
from tests.imports_app.importers.reading import read
from tests.imports_app.importers.slack.test_archive import packed

ANN = {"id": "U1", "name": "ann"}
SAID = {"type": "message", "user": "U1", "text": "hi", "ts": "1600000000.000100"}


def room(identity: str, name: Any = "plans", **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": name, "members": ["U1"], **more}


def rooms_of(path: Path, **files: list[dict[str, Any]]) -> dict[str, ChannelRecord]:
    entries = {f"{name}.json": rooms for name, rooms in files.items()}
    found, _notes = read(SlackImporter, packed(path, {"users.json": [ANN], **entries}))
    records = [one.record for one in found]
    return {one.import_ids[0]: one for one in records if isinstance(one, ChannelRecord)}


def said_in(
    path: Path, folder: str, **files: list[dict[str, Any]]
) -> tuple[SourceItem, dict[str, Any]]:
    """Return the message of a folder, and the report's warnings."""
    entries = {f"{name}.json": rooms for name, rooms in files.items()}
    archive = packed(path, {"users.json": [ANN], **entries, f"{folder}/1.json": [SAID]})
    found, notes = read(SlackImporter, archive)
    [message] = [one for one in found if isinstance(one.record, MessageRecord)]
    return message, notes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


@pytest.mark.parametrize("listed", ["channels", "groups", "mpims", "dms"])
@pytest.mark.parametrize("flag", ["", "is_private", "is_group", "is_mpim", "is_im"])
def test_more_private_of_file_and_flags_wins(
    path: Path, listed: str, flag: str
) -> None:
    flags = {"is_private": False, "is_group": False, **({flag: True} if flag else {})}

    record = rooms_of(path, **{listed: [room("X1", **flags)]})["X1"]

    if listed in ("mpims", "dms") or flag in ("is_mpim", "is_im"):
        assert record.type is RoomType.DIRECT
    elif listed == "groups" or flag:
        assert record.type is RoomType.PRIVATE
    else:
        assert record.type is RoomType.PUBLIC


@pytest.mark.parametrize("value", ["yes", 1, None, [], "false"])
def test_only_true_flags_count(path: Path, value: Any) -> None:
    record = rooms_of(path, groups=[room("G1", is_private=value)])["G1"]

    assert record.type is RoomType.PRIVATE


@pytest.mark.parametrize("created", [1452816000, "1452816000", "1452816000.0"])
def test_creation_time_may_be_a_number_or_text(path: Path, created: Any) -> None:
    record = rooms_of(path, channels=[room("C1", created=created)])["C1"]

    assert record.created_at == 1_452_816_000_000


@pytest.mark.parametrize("created", ["", "soon", -1, True, "9" * 13, None, {}])
def test_invalid_creation_time_is_ignored(path: Path, created: Any) -> None:
    record = rooms_of(path, channels=[room("C1", created=created)])["C1"]

    assert record.created_at is None


def test_room_without_a_name_gets_another_one(path: Path) -> None:
    named = rooms_of(
        path,
        channels=[
            room("C1", None, name_normalized="normal", previous_names=["old"]),
            room("C2", "", previous_names=["older", "old"]),
            room("C3", None),
        ],
    )

    assert [one.name for one in named.values()] == ["normal", "old", "C3"]


def test_folders_are_compared_in_normal_form(path: Path) -> None:
    name = "b\u00fcro"

    message, _notes = said_in(path, normalize("NFD", name), channels=[room("C1", name)])

    assert message.record.room == "C1"  # type: ignore[union-attr]


def test_folder_with_a_former_name_belongs_to_the_renamed_room(path: Path) -> None:
    renamed = room("C1", "new", previous_names=["old"])

    message, notes = said_in(path, "old", channels=[renamed])

    assert message.record.room == "C1"  # type: ignore[union-attr]
    assert message.guess == ""
    assert "importer-folder-without-room" not in notes


@pytest.mark.parametrize("is_reversed", [False, True])
def test_folder_of_an_unarchived_room_is_a_guess(
    path: Path, *, is_reversed: bool
) -> None:
    rooms = [room("C1", is_archived=True), room("C2")]

    message, notes = said_in(path, "plans", channels=rooms[:: -1 if is_reversed else 1])

    assert message.record.room == "C2"  # type: ignore[union-attr]
    assert message.guess == "importer-ambiguous-folder"
    assert notes["importer-ambiguous-folder"]["examples"][0]["file"] == "plans/1.json"


def test_ambiguous_private_folder_has_no_room(path: Path) -> None:
    message, notes = said_in(path, "plans", groups=[room("G1"), room("G2")])

    assert message.record.room == "slack-unlisted-plans"  # type: ignore[union-attr]
    assert notes["importer-folder-of-several-rooms"]["count"] == 1


def test_folder_with_an_id_is_not_a_guess(path: Path) -> None:
    message, notes = said_in(path, "G2", groups=[room("G1"), room("G2")])

    assert (message.record.room, message.guess) == ("G2", "")  # type: ignore[union-attr]
    assert "importer-folder-of-several-rooms" not in notes


def test_rooms_with_the_same_name_are_all_read(path: Path) -> None:
    found, _notes = read(
        SlackImporter,
        packed(
            path,
            {
                "users.json": [ANN],
                "channels.json": [room("C1"), room("C2")],
                "groups.json": [room("G1"), room("G2")],
            },
        ),
    )

    assert not [one for one in found if isinstance(one.record, BadRecord)]
    assert len(found) == 5
