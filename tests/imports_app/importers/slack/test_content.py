"""Content of Slack messages: blocks and attachments before the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imports_app.importers.slack.archive import SlackImporter
from imports_app.records import MessageRecord, UserRecord
from tests.imports_app.importers.reading import read
from tests.imports_app.importers.slack.test_archive import packed

ANN = {"id": "U1", "name": "ann"}
NEWS = {"id": "C1", "name": "news", "members": ["U1"]}
SAID = {"type": "message", "user": "U1", "text": "hi", "ts": "1600000000.000100"}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def rich(text: str) -> dict[str, Any]:
    said = {"type": "text", "text": text}
    part = {"type": "rich_text_section", "elements": [said]}
    return {"type": "rich_text", "elements": [part]}


def read_day(path: Path, *day: dict[str, Any]) -> tuple[list[Any], Any, dict[str, Any]]:
    entries = {"users.json": [ANN], "channels.json": [NEWS], "news/1.json": list(day)}
    found, notes = read(SlackImporter, packed(path, entries))
    return [one.record for one in found[2:]], found, notes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "hi", "blocks": [rich("hi")]}, "hi"),
        ({"text": "", "blocks": [rich("only blocks")]}, "only blocks"),
        (
            {
                "text": "This content can't be displayed.",
                "blocks": [rich("the content")],
            },
            "the content",
        ),
        (
            {"text": "Lunch?", "blocks": [section("*Lunch?*"), section("Pizza: 2")]},
            "*Lunch?*\nPizza: 2",
        ),
        ({"text": "kept", "blocks": [{"type": "divider"}]}, "kept"),
        (
            {"text": "", "subtype": "sh_room_created", "room": {"name": "Q"}},
            "A huddle started: Q",
        ),
        (
            {"text": "A huddle happened", "subtype": "huddle_thread"},
            "A huddle happened",
        ),
    ],
)
def test_blocks_replace_the_text(
    path: Path, message: dict[str, Any], text: str
) -> None:
    [record], _found, _notes = read_day(path, {**SAID, **message})

    assert record.text == text


def test_attachments_have_blocks(path: Path) -> None:
    attachment = {
        "fallback": "[no preview available]",
        "blocks": [section("*Build 812* passed"), section("took <https://x.y|3 min>")],
    }
    [record], _found, _notes = read_day(path, {**SAID, "attachments": [attachment]})

    assert record.attachments == [
        {"text": "*Build 812* passed\ntook [3 min](https://x.y)"}
    ]


def test_shared_message_keeps_its_origin(path: Path) -> None:
    shared = {
        "is_share": True,
        "is_msg_unfurl": True,
        "author_name": "Bo Ek",
        "channel_name": "general",
        "ts": "1600000001.000100",
        "message_blocks": [{"message": {"blocks": [rich("the original")]}}],
        "files": [{"id": "F1", "name": "a.txt", "url_private": "https://f.x/a"}],
    }
    [record], _found, _notes = read_day(path, {**SAID, "attachments": [shared]})

    assert record.attachments == [
        {
            "author_name": "Bo Ek",
            "footer": "#general, 2020-09-13 12:26 UTC",
            "text": "the original",
        }
    ]
    assert [file["id"] for file in record.files] == ["F1"]


def test_unknown_blocks_are_counted(path: Path) -> None:
    day = [{**SAID, "blocks": [{"type": "poll", "title": "Lunch?"}]}] * 3
    records, _found, notes = read_day(path, *day)

    assert {record.text for record in records} == {"Lunch?"}
    assert notes["importer-unknown-blocks"]["count"] == 3
    assert notes["importer-unknown-blocks"]["examples"][0]["file"] == "block poll"


def test_users_of_reactions_become_placeholders(path: Path) -> None:
    reactions = [
        {"name": "+1", "users": ["U1", "UGONE"], "count": 2},
        {"name": "tada", "count": 2},
    ]
    records, _found, _notes = read_day(path, {**SAID, "reactions": reactions})

    message, gone = records
    assert isinstance(gone, UserRecord)
    assert gone.import_ids == ("UGONE",)
    assert isinstance(message, MessageRecord)
    assert message.reactions == {":+1:": ["U1", "UGONE"]}
