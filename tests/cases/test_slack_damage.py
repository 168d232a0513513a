"""Files that are empty, broken off, of another shape, or hold odd values."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest

from tests.cases.exports import (
    DAY,
    HELLO,
    LOBBY,
    MIA,
    TOM,
    at,
    lobby,
    plain,
    rich_text,
    said,
    section,
)
from tests.cases.importing import (
    Counted,
    Failure,
    Import,
    assert_hello,
    messages_in,
    people,
    rooms,
    texts_in,
)

PARSER: Final = re.compile(r"b'|lexical|pars|char \d|\\x", re.IGNORECASE)
"""Words of parsers, and bytes as Python writes them."""


def day(number: int) -> str:
    return f"lobby/2021-03-{number:02}.json"


@pytest.mark.parametrize("nothing", ["null", "{}", "[]", "", "  \n", "\ufeff[]"])
def test_an_empty_day_is_not_a_failure(bring_in: Import, nothing: str) -> None:
    assert_hello(bring_in(HELLO | {day(2): nothing}))


@pytest.mark.parametrize("nothing", ["null", "{}", "[]", ""])
def test_empty_lists_of_rooms_are_not_a_failure(bring_in: Import, nothing: str) -> None:
    imported = bring_in(
        {
            "users.json": [MIA, TOM],
            "channels.json": nothing,
            "groups.json": nothing,
            "mpims.json": nothing,
            "dms.json": [{"id": "D01", "members": ["U01", "U02"]}],
            "D01/2021-03-01.json": [said("U01", "just us")],
        }
    )

    assert rooms().keys() == {"mia/tom"}
    assert texts_in("mia/tom") == ["just us"]
    assert imported.counted("channel") == Counted(imported=1)
    assert imported.exit_status == 0


def test_messages_of_unlisted_rooms_fail_with_their_place(
    bring_in: Import,
) -> None:
    imported = bring_in(HELLO | {"users.json": "null", "channels.json": "{}"})

    assert imported.failures == [Failure(DAY, 1, "importer-message-unknown-room")]
    assert imported.files_of("importer-folder-without-room") == [DAY]
    assert imported.exit_status == 1
    assert DAY in imported.printed
    assert not rooms()


def test_answers_of_the_api_are_read_as_lists(bring_in: Import) -> None:
    def answer(name: str, elements: list[Any]) -> dict[str, Any]:
        return {"ok": True, name: elements, "response_metadata": {"next_cursor": ""}}

    imported = bring_in(
        {
            "users.json": answer("members", [MIA, TOM]),
            "channels.json": answer("channels", [LOBBY]),
            DAY: answer("messages", [said("U01", "hello")]),
        }
    )

    assert_hello(imported)


def test_a_truncated_file_loses_only_its_end(bring_in: Import) -> None:
    whole = json.dumps([said("U01", "first", 1), said("U01", "second", 2)])
    later = [said("U02", "the day after", 90_000)]

    imported = bring_in(lobby() | {day(1): whole[:-30], day(2): later})

    assert texts_in("lobby") == ["first", "the day after"]
    assert imported.failures == [Failure(day(1), 2, "importer-json-damaged")]
    assert imported.exit_status == 1


def test_one_bad_byte_loses_one_message(bring_in: Import) -> None:
    texts = ["before", "d\u00e9j\u00e0 vu", "after"]
    elements = [said("U01", text, second) for second, text in enumerate(texts)]
    good = json.dumps(elements, ensure_ascii=False).encode()
    bad = good.replace("\u00e9".encode(), b"\xe9")

    imported = bring_in(lobby() | {day(1): bad})

    assert texts_in("lobby") == ["before", "after"]
    assert imported.failures == [Failure(day(1), 2, "importer-json-damaged")]
    assert "UTF-8" in imported.reasons[0]


@pytest.mark.parametrize("key", ["messages", "ok"])
@pytest.mark.parametrize("rest", ["", "x" * 1_100_000], ids=["small", "large"])
def test_an_object_with_a_list_of_messages_is_read_as_the_list(
    bring_in: Import, key: str, rest: str
) -> None:
    more = {"ok": True} if key == "ok" else {}
    content = {
        **more,
        "messages": [said("U01", "hello"), said("U02", f"bye{rest}", 1)],
        "response_metadata": {"messages": {"next_cursor": ""}},
    }

    imported = bring_in(lobby() | {DAY: content})

    assert [text[:5] for text in texts_in("lobby")] == [
        "hello",
        "byexx" if rest else "bye",
    ]
    assert imported.exit_status == 0


@pytest.mark.parametrize("padding", [0, 1_100_000], ids=["small", "large"])
def test_an_object_without_a_list_of_messages_fails(
    bring_in: Import, padding: int
) -> None:
    room = {**LOBBY, "padding": "x" * padding}

    imported = bring_in(HELLO | {day(2): room})

    assert imported.failures == [Failure(day(2), 1, "importer-json-damaged")]
    assert '{"id":' in imported.reasons[0].replace(" ", "")


def test_failures_show_at_most_forty_characters(bring_in: Import) -> None:
    imported = bring_in(
        lobby("a\u0000\u001b[31mb" + "c" * 500) | {day(2): "d\r\n" + "e" * 500}
    )

    shown = [reason.split('"')[1] for reason in imported.reasons]
    assert shown == [
        "a\ufffd\ufffd[31mb" + "c" * 32,
        "d\ufffd\ufffd" + "e" * 37,
    ]


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        ("not json", "not json"),
        ("{broken", "{broken"),
        ('[{"type": "message", "ts": 5, ...', '{"type":"message","ts":5'),
    ],
    ids=["words", "half an object", "dots"],
)
def test_an_unreadable_file_fails_without_parser_messages(
    bring_in: Import, content: str, beginning: str
) -> None:
    imported = bring_in(HELLO | {day(2): content})

    assert texts_in("lobby") == ["hello"]
    assert imported.failures == [Failure(day(2), 1, "importer-json-damaged")]
    [reason] = imported.reasons
    assert not PARSER.search(reason)
    assert beginning in reason
    assert day(2) in imported.printed


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_files_in_utf_16_are_read(bring_in: Import, encoding: str) -> None:
    content = json.dumps([said("U01", "größer 🎉", 5)], ensure_ascii=False)
    wide = f"\ufeff{content}".encode(encoding)

    imported = bring_in(HELLO | {day(2): wide})

    assert texts_in("lobby") == ["hello", "größer 🎉"]
    assert imported.exit_status == 0


def test_non_object_elements_fail_one_by_one(bring_in: Import) -> None:
    imported = bring_in(
        lobby(said("U01", "one", 1), None, 5, "x", said("U02", "two", 2))
    )

    assert texts_in("lobby") == ["one", "two"]
    assert imported.failures == [
        Failure(DAY, line, "importer-message-malformed") for line in (2, 3, 4)
    ]


@pytest.mark.parametrize("depth", [90, 300, 1000])
def test_a_deeply_nested_element_fails_alone(bring_in: Import, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    first, last = (json.dumps(said("U01", text)) for text in ("one", "two"))

    imported = bring_in(lobby() | {DAY: f"[{first}, {deep}, {last}]"})

    assert texts_in("lobby")[0] == "one"
    assert [failure.line for failure in imported.failures] == [2]


def test_fields_that_are_null_are_as_if_they_were_missing(bring_in: Import) -> None:
    empty = dict.fromkeys(["deleted", "is_bot", "tz_offset", "profile"])
    parts = dict.fromkeys(["blocks", "attachments", "files", "reactions", "edited"])
    lists = {"files": [None], "attachments": [None], "reactions": [None]}
    bring_in(
        {
            "users.json": [
                {"id": "U01", "name": "mia", **empty},
                {"id": "U02", "name": None, "profile": {"display_name": "Tom B"}},
            ],
            "channels.json": [
                {**LOBBY, **dict.fromkeys(["created", "creator", "members", "topic"])}
            ],
            DAY: [
                said("U01", "parts", 1, **parts),
                said("U01", "lists", 2, **lists),
                said("U02", "last", 3),
            ],
        }
    )

    assert {name: (one.name, one.is_active) for name, one in people().items()} == {
        "mia": ("Mia", True),
        "Tom.B": ("Tom B", True),
    }
    assert texts_in("lobby") == ["parts", "lists", "last"]


def test_times_are_read_as_texts_numbers_and_iso(bring_in: Import) -> None:
    imported = bring_in(
        lobby(
            {**said("U01", "number"), "ts": 1_614_600_001.0002},
            {**said("U01", "whole"), "ts": "1614600002"},
            {**said("U01", "usual"), "ts": at(3)},
            {**said("U01", "iso"), "ts": "2021-03-01T12:00:04Z"},
            {**said("U01", "none"), "ts": ""},
            {**said("U01", "words"), "ts": "yesterday"},
        )
    )

    assert texts_in("lobby") == ["number", "whole", "usual", "iso"]
    assert imported.failures == [
        Failure(DAY, line, "importer-message-invalid-timestamp") for line in (5, 6)
    ]
    assert "'yesterday'" in imported.reasons[1]
    assert imported.exit_status == 1


def test_half_an_emoji_and_nul_bytes_do_not_hurt(bring_in: Import) -> None:
    imported = bring_in(
        lobby()
        | {
            DAY: json.dumps(
                [
                    said("U01", "cut \ud83d", 1),
                    said("U01", "nul\0here", 2),
                    said("U01", "L" * 40_000, 3),
                    said("U01", "after", 4),
                ]
            )
        }
    )

    cut, nul, long, after = texts_in("lobby")
    assert cut == "cut \ufffd"
    assert nul.replace(" ", "") == "nulhere"
    assert (len(long), after) == (40_000, "after")
    assert imported.counted("message") == Counted(imported=4)
    code = "importer-half-character"
    assert imported.guesses == {code: 1}
    assert imported.guessed("message") == 1
    assert imported.files_of(code) == [DAY]


def test_half_an_emoji_in_a_name_is_a_guess(bring_in: Import) -> None:
    lists = {
        "users.json": json.dumps([MIA, {**TOM, "real_name": "Tom \ude00"}]),
        "channels.json": json.dumps([{**LOBBY, "topic": {"value": "cut \ud83d"}}]),
    }

    imported = bring_in(lobby(said("U01", "hello")) | lists)

    assert imported.guesses == {"importer-half-character": 2}
    assert (imported.guessed("user"), imported.guessed("channel")) == (1, 1)
    assert imported.counted("message") == Counted(imported=1)


@pytest.mark.parametrize(
    "time",
    [
        *("1.000100", "599999999.000100", 0, 32_503_680_000, "32503680000.000100"),
        "1970-01-01T00:00:00Z",
    ],
)
def test_implausible_times_fail_with_the_value(bring_in: Import, time: object) -> None:
    imported = bring_in(lobby(said("U01", "when?", ts=time), said("U02", "now", 1)))

    code = "importer-message-invalid-timestamp"
    assert imported.failures == [Failure(DAY, 1, code)]
    assert repr(str(time)) in imported.reasons[0]
    assert texts_in("lobby") == ["now"]
    assert imported.exit_status == 1


@pytest.mark.parametrize(
    "wrong", [{"text": ["two", "lines"]}, {"text": 17}, {"user": {"id": "U01"}}]
)
def test_texts_and_authors_of_other_types_fail_with_the_value(
    bring_in: Import, wrong: dict[str, Any]
) -> None:
    imported = bring_in(lobby({**said("U01", "first"), **wrong}, said("U02", "now", 1)))

    assert imported.failures == [Failure(DAY, 1, "importer-message-malformed")]
    [(key, _value)] = wrong.items()
    assert f'The value of "{key}" is not a string' in imported.reasons[0]
    assert texts_in("lobby") == ["now"]
    assert people().keys() == {"mia", "tom"}


def test_single_objects_are_read_as_lists_of_one(bring_in: Import) -> None:
    reaction = {"name": "wave", "users": ["U02"], "count": 1}

    imported = bring_in(
        lobby(
            said("U01", "", 1, blocks=rich_text(section(plain("in a block")))),
            said("U01", "seen", 2, attachments={"text": "attached"}),
            said("U02", "in no thread", 3, thread_ts="garbage", reactions=reaction),
        )
    )

    block, attached, reply = messages_in("lobby")
    assert block.text == "in a block"
    assert attached.extras["attachments"][0]["text"] == "attached"
    assert reply.extras["reactions"] == {":wave:": ["tom"]}
    assert imported.facts["replies without a readable thread"] == 1


@pytest.mark.parametrize("time", ["1.000100", "999999999999.000100", "soon", None])
def test_an_impossible_time_of_editing_is_counted_and_not_shown(
    bring_in: Import, time: object
) -> None:
    edited = {"user": "U01", "ts": time}

    imported = bring_in(lobby(said("U01", "hello", edited=edited)))

    assert [one.edited_at for one in messages_in("lobby")] == [None]
    assert imported.facts["messages without a readable time of editing"] == 1


def test_messages_without_content_are_kept_and_counted(bring_in: Import) -> None:
    imported = bring_in(
        lobby(
            said("U01", "", 1),
            said("U02", "", 2, attachments=[{}], files=[]),
            said("U01", "", 3, attachments=[{"text": "seen"}]),
            said("U01", "", 4, blocks=[rich_text(section(plain("said")))]),
            said("U02", "", 5, subtype="channel_join"),
        )
    )

    assert len(texts_in("lobby")) == 5
    assert imported.warnings["importer-message-without-text"] == 2
    assert imported.files_of("importer-message-without-text") == [DAY, DAY]
    assert "importer-message-without-text" in imported.printed
