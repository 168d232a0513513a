"""What apps write without a text becomes one: importers.md 3.5."""

from __future__ import annotations

from typing import Any

import pytest

from imports_app.importers.slack_blocks import attachment_text, flatten_blocks


def rich(*elements: Any) -> list[Any]:
    return [{"type": "rich_text", "elements": list(elements)}]


def part(kind: str, *elements: Any) -> dict[str, Any]:
    return {"type": f"rich_text_{kind}", "elements": list(elements)}


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


ROWS: list[tuple[Any, str]] = [
    ([], ""),
    (None, ""),
    ("no list", ""),
    ([{"type": "divider"}, 7, {}], ""),
    ([{"type": "section", "text": {"text": "a"}}], "a"),
    ([{"type": "header", "text": {"text": "a"}}, {"type": "divider"}], "a"),
    (
        [
            {"type": "header", "text": {"text": "Title"}},
            {"type": "section", "fields": [{"text": "one"}, {"text": "two"}]},
        ],
        "Title\n\none\ntwo",
    ),
    (
        [{"type": "context", "elements": [{"text": "by"}, {"alt_text": "a face"}]}],
        "by a face",
    ),
    (rich(part("section", said("a "), said("b"))), "a b"),
    (rich(part("section", said("1 < 2 & 3"))), "1 &lt; 2 &amp; 3"),
    (rich(part("section", said("a")), part("section", said("b"))), "a\nb"),
    (
        rich(part("list", part("section", said("x")), part("section", said("y")))),
        "• x\n• y",
    ),
    (rich(part("quote", said("a\nb"))), "> a\n> b"),
    (rich(part("preformatted", said("x = 1"))), "```\nx = 1\n```"),
    *(
        (rich(part("section", element)), text)
        for element, text in (
            ({"type": "user", "user_id": "U1"}, "<@U1>"),
            ({"type": "channel", "channel_id": "C1"}, "<#C1>"),
            ({"type": "usergroup", "usergroup_id": "S1"}, "<!subteam^S1>"),
            ({"type": "broadcast", "range": "here"}, "<!here>"),
            ({"type": "link", "url": "https://a.b"}, "<https://a.b>"),
            ({"type": "link", "url": "https://a.b", "text": "c"}, "<https://a.b|c>"),
            ({"type": "emoji", "name": "tada"}, ":tada:"),
            ({"type": "date", "fallback": "May 1"}, "May 1"),
            ({"type": "something new", "text": "x"}, "x"),
            ({"type": "user"}, "<@>"),
        )
    ),
]


@pytest.mark.parametrize(("blocks", "text"), ROWS)
def test_flattens(blocks: Any, text: str) -> None:
    assert flatten_blocks(blocks) == text


def test_goes_no_deeper_than_people_do() -> None:
    block = said("deep")
    for _level in range(200):
        block = part("section", block)

    assert flatten_blocks(rich(block)) == ""


@pytest.mark.parametrize(
    ("attachments", "text"),
    [
        ([{"fallback": "f", "text": "t"}], "f"),
        ([{"text": "t", "pretext": "p"}], "t"),
        ([{"pretext": "p", "title": "x"}], "p"),
        ([{"title": "x"}, {"color": "red"}, {"text": "y"}], "x\ny"),
        ([], ""),
    ],
)
def test_attachments_speak_where_nothing_else_does(
    attachments: list[dict[str, Any]], text: str
) -> None:
    assert attachment_text(attachments) == text
