"""Irregular content of real Slack exports, and messages of every subtype."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.archives.expectation import Failure
from tests.archives.slack_expectation import SlackExpectation, SlackMessageFacts

_TIME = 1_500_000_000
_FILE = "odd/2017-07-14.json"
_BOT_ROW = {"type": "message", "subtype": "bot_message"}


@dataclass(frozen=True)
class _Odd:
    """Element with its expected message or failure."""

    element: Any
    said: dict[str, Any] | None = None
    """Fields of `SlackMessageFacts` that differ from the defaults."""
    left_out: str = ""
    fails: str = ""


@dataclass
class _Day:
    """Irregular file, with its elements in order."""

    author: str
    user: str
    elements: list[Any] = field(default_factory=list)


def add_oddities(
    archive: zipfile.ZipFile,
    expectation: SlackExpectation,
    names: list[str],
    *,
    channels: int,
    groups: int,
) -> None:
    """Write the irregular room and add its content to the expectation."""
    day = _Day(names[0], "U00000")
    for number, odd in enumerate(_odds(names), 1):
        element = odd.element
        if isinstance(element, dict):
            usual = {
                "type": "message",
                "user": day.user,
                "ts": f"{_TIME + number}.0002",
            }
            element = {**usual, **element}
            if element.get("thread_ts") == _NEXT:
                element["thread_ts"] = f"{_TIME + number + 1}.0002"
            element = {key: value for key, value in element.items() if value != _NONE}
        day.elements.append(element)
        if odd.said is not None:
            sent_at = (_TIME + number) * 1000
            fields = {"author": day.author, "sent_at": sent_at, "text": "", **odd.said}
            if fields.get("reply_to") == _NEXT:
                fields["reply_to"] = sent_at + 1000
            said = SlackMessageFacts(**fields)
            expectation.expect_message("odd", said, is_kept=True)
        if odd.left_out:
            left_out = expectation.left_out
            left_out[odd.left_out] = left_out.get(odd.left_out, 0) + 1
        if odd.fails:
            expectation.failures.append(Failure(_FILE, number, odd.fails))
    _write(archive, _FILE, orjson.dumps(day.elements))
    _add_files(archive, expectation, day)
    expectation.rooms |= {"odd": "c", "東京": "c", "my-odd_room": "c"}
    expectation.members |= {"odd": [], "東京": ["helper"], "my-odd_room": []}
    expectation.users += [
        *("helper", "rocket.cat", "twin", "connie", "wgone", "deploy", "build"),
        *("guest", "helper-2", "reminder"),
    ]
    expectation.inactive += ["connie", "wgone"]
    expectation.failures += [
        Failure("users.json", len(names) + 6, "importer-user-missing-import-id"),
        Failure("users.json", len(names) + 7, "importer-record-malformed"),
        Failure("channels.json", channels + 4, "importer-channel-missing-import-id"),
        Failure("mpims.json", groups + 1, "importer-channel-invalid-creator"),
    ]


_NONE = "no such key"
_NEXT = "the message behind this one"


def _odds(names: list[str]) -> list[_Odd]:
    return [*_subtypes(), *_authors(), *_texts(names), *_more(names), *_failing()]


def _subtypes() -> list[_Odd]:
    def event(subtype: str, event: str, text: str = "", **more: Any) -> _Odd:
        element = {"subtype": subtype, "text": "x did something", **more}
        return _Odd(element, {"text": text, "event": event})

    return [
        _Odd({"subtype": "me_message", "text": "waves"}, {"text": "_waves_"}),
        _Odd({"subtype": "thread_broadcast", "text": "all"}, {"text": "all"}),
        *(event(f"{kind}_join", "uj") for kind in ("channel", "group")),
        *(event(f"{kind}_leave", "ul") for kind in ("channel", "group")),
        event("channel_purpose", "room_changed_description", "why", purpose="why"),
        event("group_purpose", "room_changed_description", "why", purpose="why"),
        event("channel_topic", "room_changed_topic", "what &", topic="what &amp;"),
        event("group_topic", "room_changed_topic", "what", topic="what"),
        event("channel_name", "r", "newer", old_name="older", name="newer"),
        event("group_name", "r", "newer", name="newer"),
        event("channel_archive", "room-archived"),
        event("channel_unarchive", "room-unarchived"),
        event("group_archive", "room-archived"),
        event("group_unarchive", "room-unarchived"),
        event("pinned_item", "message_pinned", "x did something"),
        _Odd({"subtype": "huddle_thread", "text": "called"}, {"text": "called"}),
        *(
            _Odd({"subtype": subtype, "text": "gone"}, left_out=subtype)
            for subtype in (
                *("bot_add", "bot_remove", "file_comment", "file_mention", "tombstone"),
            )
        ),
        _Odd({"subtype": "reminder_add", "text": ""}, left_out="reminder_add"),
        _Odd({"hidden": True, "text": "x"}, left_out="hidden"),
        _Odd({"type": "reaction_added"}, left_out="reaction_added"),
        _Odd({"type": 7}, left_out="without a type"),
    ]


def _authors() -> list[_Odd]:
    def bot(element: dict[str, Any], author: str, alias: str = "") -> _Odd:
        said = {"author": author, "alias": alias, "text": "beep"}
        return _Odd({**_BOT_ROW, "user": _NONE, "text": "beep", **element}, said)

    partner = {"name": "connie", "real_name": "Connie Partner"}
    return [
        bot({"bot_id": "B1"}, "helper"),
        bot({"bot_id": "B2", "username": "deploy"}, "deploy", "deploy"),
        bot({"bot_id": "B2", "username": "deployer"}, "deploy", "deployer"),
        bot({"username": "build"}, "build", "build"),
        bot({}, "rocket.cat"),
        bot({"username": "helper", "icons": {"emoji": ":x:"}}, "helper-2", "helper"),
        bot(
            {"user": "UAPP", "bot_id": "B9", "bot_profile": {"name": "Reminder"}},
            *("reminder", "Reminder"),
        ),
        bot(
            {"subtype": "slackbot_response", "user": "USLACKBOT"},
            *("rocket.cat", ""),
        ),
        _Odd(
            {"user": "USLACKBOT", "text": "hi"}, {"author": "rocket.cat", "text": "hi"}
        ),
        _Odd(
            {"user": "UCON", "user_profile": partner, "text": "hi"},
            {"author": "connie", "text": "hi"},
        ),
        _Odd({"user": "WGONE", "text": "hi"}, {"author": "wgone", "text": "hi"}),
    ]


def _texts(names: list[str]) -> list[_Odd]:
    def text(slack: str, plain: str) -> _Odd:
        return _Odd({"text": slack}, {"text": plain})

    rich = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "1 < 2 "},
                    {"type": "user", "user_id": "U00001"},
                ],
            }
        ],
    }
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "*Deploy*"}}
    attached = {"fallback": "Build &lt;7&gt;", "color": "good"}
    return [
        text("literal &lt;@U00001&gt;", "literal <@U00001>"),
        text("<@U00001> y <@U00000|bob>", f"@{names[1]} y @{names[0]}"),
        text("<@UNOONE> and <@UNOONE|max>", "@UNOONE and @max"),
        text("<#CODD|> <#CNO> <#CNO|old>", "#odd #CNO #old"),
        text("<#CDASH> <#CJP|x>", "#my-odd_room #東京"),
        text("<!subteam^S1|@team> <!date^1^{date}|May>", "@team May"),
        text("<mailto:a@b.c|a@b.c> <tel:+1|+1>", "a@b.c +1"),
        _Odd({"text": "", "blocks": [rich]}, {"text": f"1 < 2 @{names[1]}"}),
        _Odd({"text": "", "blocks": [section]}, {"text": "*Deploy*"}),
        _Odd(
            {"text": "", "attachments": [attached]},
            {
                "text": "Build <7>",
                "attached": ({"fallback": "Build <7>", "color": "good"},),
            },
        ),
        _Odd({"text": "nul\0 byte"}, {"text": "nul byte"}),
    ]


def _more(names: list[str]) -> list[_Odd]:
    first, second = names[0], names[1]
    reactions = [
        {"name": "+1::skin-tone-2", "users": ["U00000"]},
        {"name": "+1", "users": ["U00001", "U00000"]},
        {"name": "tada", "users": []},
    ]
    files = [
        {"id": "FODD", "name": "a.txt", "url_private": "https://files.example.org/a"},
        {"id": "FGONE", "mode": "tombstone"},
        {"id": "FHID", "mode": "hidden_by_limit", "url_private": "https://x.example"},
        {"id": "FZIP", "name": "in.txt", "url_private": "https://files.example.org/z"},
    ]
    linked = {"id": "FEXT", "title": "doc", "is_external": True, "url_private": "x:y"}
    edited = {"user": "UNOBODY", "ts": f"{_TIME}.0"}
    old = {"subtype": "file_share", "text": "see", "file": files[0]}
    return [
        _Odd(
            {"text": "liked", "reactions": reactions},
            {"text": "liked", "reactions": ((":+1:", (first, second)),)},
        ),
        _Odd(
            {"text": "fs", "files": files},
            {
                "text": "fs\nFile not available\nFile not available",
                "files": ("a.txt", "in.txt"),
            },
        ),
        _Odd(old, {"text": "see", "files": ("a.txt",)}),
        _Odd({"text": "orphan", "thread_ts": "1400000000.1"}, {"text": "orphan"}),
        _Odd({"text": "re", "thread_ts": _NEXT}, {"text": "re", "reply_to": _NEXT}),
        _Odd({"text": "begins later"}, {"text": "begins later"}),
        _Odd({"text": "link", "files": [linked]}, {"text": "link", "files": ("doc",)}),
        _Odd(
            {"text": "new", "edited": edited},
            {"text": "new", "edited_at": _TIME * 1000},
        ),
    ]


def _failing() -> list[_Odd]:
    return [
        _Odd("no object", fails="importer-message-malformed"),
        _Odd({"text": 7}, fails="importer-message-malformed"),
        _Odd(
            {"ts": "yesterday", "text": "x"}, fails="importer-message-invalid-timestamp"
        ),
        _Odd({"ts": _NONE, "text": "x"}, fails="importer-message-invalid-timestamp"),
    ]


def _add_files(
    archive: zipfile.ZipFile, expectation: SlackExpectation, day: _Day
) -> None:
    """Write a damaged file, an unlisted folder, an attachment, and macOS metadata."""
    fine = {"type": "message", "user": day.user, "text": "fine", "ts": f"{_TIME}.1"}
    content = orjson.dumps([fine, fine])[:-20]
    _write(archive, "odd/2017-07-15.json", content)
    said = SlackMessageFacts(day.author, _TIME * 1000 + 100, "fine")
    expectation.expect_message("odd", said, is_kept=True)
    expectation.failures.append(
        Failure("odd/2017-07-15.json", 2, "importer-json-damaged")
    )
    _write(archive, "lost/2017-07-14.json", orjson.dumps([fine]))
    expectation.failures.append(
        Failure("lost/2017-07-14.json", 1, "importer-message-unknown-room")
    )
    later = {**fine, "text": "later", "ts": f"{_TIME}.3"}
    _write(archive, "東京\\2017-07-14.json", orjson.dumps([later, fine]), _Unmarked)
    for text, milliseconds in (("fine", 100), ("later", 300)):
        said = SlackMessageFacts(day.author, _TIME * 1000 + milliseconds, text)
        expectation.expect_message("東京", said, is_kept=True)
    _write(archive, "odd/canvas_in_the_conversation.json", b'[{"id": "F1"}]')
    _write(archive, "__uploads/FZIP/in.txt", b"from the archive")
    _write(archive, "odd/readme.txt", b"")
    _write(archive, "__MACOSX/odd/._x.json", b"\0\0")
    _write(archive, "odd/.DS_Store", b"\0\0")
    _write(archive, "integration_logs.json", b"[]")


class _Unmarked(zipfile.ZipInfo):
    """Entry with a UTF-8 name but without the flag, as Slack and Windows write it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the library's
        return self.filename.encode(), self.flag_bits & ~0x800


def _write(
    archive: zipfile.ZipFile,
    name: str,
    content: bytes,
    kind: type[zipfile.ZipInfo] = zipfile.ZipInfo,
) -> None:
    archive.writestr(kind(name, (2020, 9, 13, 12, 26, 40)), content)
