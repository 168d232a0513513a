"""Conversion of blocks to text (importers.md 3.5)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imports_app.importers.slack.content.attachments import attachment_text
from imports_app.importers.slack.content.blocks import flatten_blocks


def rich(*elements: Any) -> list[Any]:
    return [{"type": "rich_text", "elements": list(elements)}]


def part(kind: str, *elements: Any) -> dict[str, Any]:
    return {"type": f"rich_text_{kind}", "elements": list(elements)}


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def button(label: str) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": label}}


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
        "Title\none\ntwo",
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
    (
        [{"type": "section", "text": {"text": "a"}, "accessory": button("Go")}],
        "a\n[Go]",
    ),
    ([{"type": "actions", "elements": [button("Yes"), button("No")]}], "[Yes] [No]"),
    ([{"type": "input", "label": {"text": "Name"}}], "Name"),
    ([{"type": "markdown", "text": "# Title\n* a < b"}], "# Title\n* a &lt; b"),
    (
        [{"type": "image", "image_url": "https://x.y/a.png", "alt_text": "a chart"}],
        "<https://x.y/a.png|a chart>",
    ),
    (
        [
            {
                "type": "video",
                "title": {"text": "Clip"},
                "video_url": "https://v.x/1",
                "description": {"text": "How it works"},
            }
        ],
        "<https://v.x/1|Clip>\nHow it works",
    ),
    (
        [{"type": "call", "call": {"v1": {"name": "Zoom", "join_url": "https://z.x"}}}],
        "<https://z.x|Zoom>",
    ),
    (
        [{"type": "file", "file": {"title": "Plan", "permalink": "https://f.x"}}],
        "<https://f.x|Plan>",
    ),
    (
        [
            {
                "type": "table",
                "rows": [
                    [{"type": "raw_text", "text": "H1"}, {"text": "H2"}],
                    [rich(part("section", said("a")))[0], {"text": "b"}],
                ],
            }
        ],
        "H1 | H2\na | b",
    ),
    (
        [{"type": "poll", "title": {"text": "Lunch?"}, "x": [{"label": "Pizza"}]}],
        "Lunch?\nPizza",
    ),
    (
        rich(
            {**part("list", part("section", said("x"))), "style": "ordered"},
            {
                **part("list", part("section", said("y"))),
                "style": "ordered",
                "offset": 4,
            },
            {**part("list", part("section", said("z"))), "indent": 1},
        ),
        "1. x\n5. y\n    • z",
    ),
    (
        rich(
            {
                "type": "rich_text_list",
                "elements": [
                    {**part("section", said("done")), "checked": True},
                    {**part("section", said("open")), "checked": False},
                ],
            }
        ),
        "[x] done\n[ ] open",
    ),
    (
        rich(part("section", {**said("bold "), "style": {"bold": True}}, said("code"))),
        "*bold* code",
    ),
    (
        rich(part("section", {**said("x"), "style": {"code": True, "strike": True}})),
        "~`x`~",
    ),
    (rich(part("section", {"type": "color", "value": "#F00"})), "#F00"),
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


def test_nesting_depth_is_limited() -> None:
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
def test_attachments_replace_a_missing_text(
    attachments: list[dict[str, Any]], text: str
) -> None:
    assert attachment_text(attachments) == text


def test_unknown_block_types_are_reported() -> None:
    told: list[str] = []
    blocks = [{"type": "poll", "title": "Lunch?"}, {"type": "divider"}]

    assert flatten_blocks(blocks, told.append) == "Lunch?"
    assert told == ["poll"]


TEXTS = st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=8)


@given(
    st.recursive(
        TEXTS.map(said),
        lambda inner: st.builds(
            part,
            st.sampled_from(["section", "list", "quote", "preformatted"]),
            inner,
            inner,
        ),
        max_leaves=20,
    )
)
def test_every_word_of_rich_text_is_kept(block: dict[str, Any]) -> None:
    assume(depth_of(block) < 9)

    text = flatten_blocks(rich(block))

    assert all(word in text for word in words_of(block))


def depth_of(block: dict[str, Any]) -> int:
    return 1 + max(map(depth_of, block.get("elements", [])), default=0)


def words_of(block: dict[str, Any]) -> list[str]:
    inner = [word for one in block.get("elements", []) for word in words_of(one)]
    return [block["text"]] if "text" in block else inner
