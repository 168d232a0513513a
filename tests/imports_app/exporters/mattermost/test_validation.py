"""The validator refuses each broken rule, and names the line."""

from __future__ import annotations

import copy
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
from django.core.management import call_command

from imports_app.exporters.mattermost.validation import validate

MEMBERS = ["ann", "bo"]
LINES: list[dict[str, Any]] = [
    {"type": "version", "version": 1},
    {"type": "team", "team": {"name": "acme", "display_name": "Acme", "type": "I"}},
    {"type": "channel", "channel": {"team": "acme", "name": "general", "type": "O"}},
    {
        "type": "user",
        "user": {
            "username": "ann",
            "email": "ann@x.example",
            "teams": [{"name": "acme", "channels": [{"name": "general"}]}],
        },
    },
    {"type": "user", "user": {"username": "bo", "email": "bo@x.example"}},
    {
        "type": "post",
        "post": {
            "team": "acme",
            "channel": "general",
            "user": "ann",
            "message": "hi",
            "create_at": 5,
            "reactions": [{"user": "bo", "emoji_name": "a", "create_at": 5}],
            "replies": [{"user": "bo", "message": "yes", "create_at": 6}],
        },
    },
    {"type": "direct_channel", "direct_channel": {"members": MEMBERS}},
    {
        "type": "direct_post",
        "direct_post": {
            "channel_members": MEMBERS,
            "user": "bo",
            "message": "psst",
            "create_at": 7,
        },
    },
]
TEAM, CHANNEL, USER, BO, POST, PAIR, DIRECT = range(1, 8)
REACTION = LINES[POST]["post"]["reactions"][0]
REPLY = LINES[POST]["post"]["replies"][0]


def archive_of(path: Path, content: bytes, name: str = "data.jsonl") -> Path:
    with ZipFile(path / "archive.zip", "w") as archive:
        archive.writestr(name, content)
    return path / "archive.zip"


def joined(lines: list[Any]) -> bytes:
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


def test_a_valid_archive_breaks_no_rule(tmp_path: Path) -> None:
    path = archive_of(tmp_path, joined(LINES))
    printed = StringIO()

    call_command("validate_export", str(path), stdout=printed)

    assert printed.getvalue() == "The archive is valid.\n"


@pytest.mark.parametrize(
    ("line", "changes", "message"),
    [
        (TEAM, {"name": "Acme"}, "name of The team"),
        (TEAM, {"name": "admin-team"}, "name of The team"),
        (TEAM, {"display_name": ""}, "display_name of The team"),
        (TEAM, {"type": "X"}, "type of The team"),
        (TEAM, {"description": "x" * 256}, "description of The team"),
        (CHANNEL, {"team": "other"}, "no team other"),
        (CHANNEL, {"name": "a.b"}, "name of The channel"),
        (CHANNEL, {"name": "a" * 40}, "name of The channel"),
        (CHANNEL, {"name": f"{'a' * 26}__{'b' * 26}"}, "name of The channel"),
        (CHANNEL, {"display_name": "x" * 65}, "display_name of The channel"),
        (CHANNEL, {"header": "x" * 1025}, "header of The channel"),
        (CHANNEL, {"purpose": "x" * 251}, "purpose of The channel"),
        (USER, {"username": "Ann"}, "username of The user"),
        (USER, {"username": "system"}, "username of The user"),
        (USER, {"username": None}, "has no username"),
        (BO, {"email": "ann@x.example"}, "Two users have the address"),
        (USER, {"email": "Ann <ann@x.example>"}, "email of The user"),
        (USER, {"email": f"{'a' * 120}@x.example"}, "email of The user"),
        (USER, {"email": "a..b@x.example"}, "email of The user"),
        (USER, {"email": "ann@-x.example"}, "email of The user"),
        (USER, {"first_name": "x" * 65}, "first_name of The user"),
        (USER, {"position": "x" * 129}, "position of The user"),
        (USER, {"roles": "admin"}, "roles of The user"),
        (USER, {"roles": "system_guest"}, "a guest in all teams"),
        (USER, {"auth_data": "x"}, "used together"),
        (USER, {"delete_at": -1}, "delete_at of The user"),
        (USER, {"teams": [{"name": "other"}]}, "no team other"),
        (
            USER,
            {"teams": [{"name": "acme", "channels": [{"name": "other"}]}]},
            "no channel other",
        ),
        (
            USER,
            {"teams": [{"name": "acme", "channels": [{"name": "general"}] * 2}]},
            "twice in the channel",
        ),
        (BO, {"username": "ann"}, "ann is listed twice"),
        (POST, {"channel": "other"}, "no channel other"),
        (POST, {"user": "cy"}, "no user cy"),
        (POST, {"message": None}, "has no message"),
        (POST, {"message": "x" * 16_384}, "message of The post"),
        (POST, {"create_at": 0}, "create_at of The post"),
        (POST, {"create_at": 5.0}, "create_at of The post"),
        (POST, {"edit_at": 4}, "edited before it is sent"),
        (POST, {"type": "system_unknown"}, "type of The post"),
        (POST, {"props": {"a": "x" * 800_000}}, "props of The post"),
        (POST, {"flagged_by": ["cy"]}, "no user cy"),
        (POST, {"attachments": [{"path": "a"}]}, "no file 'a' in the folder data"),
        (USER, {"profile_image": "a"}, "no file 'a' in the folder data"),
        (POST, {"reactions": [{**REACTION, "user": "cy"}]}, "no user cy"),
        (POST, {"reactions": [{**REACTION, "create_at": 4}]}, "earlier than its post"),
        (POST, {"reactions": [{**REACTION, "emoji_name": "x" * 65}]}, "emoji_name"),
        (POST, {"reactions": [{**REACTION, "emoji_name": "a::b"}]}, "emoji_name"),
        (POST, {"reactions": [REACTION, REACTION]}, "reaction is listed twice"),
        (POST, {"replies": [{**REPLY, "user": "cy"}]}, "no user cy"),
        (POST, {"replies": [{**REPLY, "create_at": 4}]}, "earlier than the first"),
        (POST, {"replies": [{**REPLY, "message": "x" * 16_384}]}, "message of A reply"),
        (POST, {"replies": [REPLY, REPLY]}, "another post of the thread"),
        (PAIR, {"members": ["ann"]}, "2 to 8 members"),
        (PAIR, {"members": ["ann", "cy"]}, "no user cy"),
        (PAIR, {"members": ["ann", "bo", "bo"]}, "member of the direct channel"),
        (PAIR, {"header": "x" * 1025}, "header of The direct channel"),
        (PAIR, {"favorited_by": ["cy"]}, "not a member"),
        (PAIR, {"participants": [{"username": "ann"}]}, "must be the same"),
        (DIRECT, {"channel_members": ["ann", "ann"]}, "no direct channel of these"),
        (DIRECT, {"user": "cy"}, "no user cy"),
    ],
)
def test_broken_rules(
    tmp_path: Path, line: int, changes: dict[str, Any], message: str
) -> None:
    lines = copy.deepcopy(LINES)
    lines[line][lines[line]["type"]] |= changes

    violations = list(validate(archive_of(tmp_path, joined(lines))))

    assert any(one.line == line + 1 and message in one.message for one in violations), (
        violations
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (joined(LINES[1:]), "Line 1: Exactly one line must contain the version"),
        (joined([*LINES, LINES[0]]), "Line 9: Exactly one line must"),
        (joined([{**LINES[0], "version": 2}]), "Line 1: The version is not 1"),
        (joined([*LINES, LINES[BO]]), "Line 9: user must be before direct_post"),
        (joined([*LINES[:3], LINES[CHANNEL]]), "Line 4: The channel general is listed"),
        (joined([*LINES[:2], LINES[TEAM]]), "Line 3: The team acme is listed twice"),
        (joined([*LINES[:7], LINES[PAIR]]), "Line 8: The direct channel of these"),
        (joined([*LINES, LINES[DIRECT]]), "Line 9: The post has the same time"),
        (joined(LINES) + b"\n", "Line 9: The line is empty"),
        (joined(LINES) + b"{]\n", "Line 9: The line is not JSON"),
        (
            joined(LINES) + b'{"type":"post"}\n',
            "Line 9: post must be before direct_post",
        ),
        (joined([LINES[0], {"type": "poll"}]), "Line 2: The line has no known type"),
        (joined([LINES[0], {"type": "team"}]), "The line has no JSON object team"),
        (b'"' + b"x" * 16 * 1024 * 1024 + b'"\n', "Line 1: The line is longer than 16"),
        (b"", "The .jsonl file is empty"),
    ],
)
def test_broken_lines(tmp_path: Path, content: bytes, message: str) -> None:
    path = archive_of(tmp_path, content)
    printed = StringIO()

    with pytest.raises(SystemExit) as exited:
        call_command("validate_export", str(path), stdout=printed)

    assert exited.value.code == 1
    assert message in printed.getvalue()


def test_broken_archives(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    damaged = archive_of(tmp_path, joined(LINES))
    damaged.write_bytes(damaged.read_bytes().replace(b'"hi"', b'"ho"'))
    (tmp_path / "other").mkdir()

    for path in (
        tmp_path / "text",
        damaged,
        archive_of(tmp_path / "other", b"", name="other.txt"),
    ):
        assert [one.line for one in validate(path)][-1:] == [0]
