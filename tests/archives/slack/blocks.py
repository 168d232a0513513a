"""Blocks of every kind that Slack documents, each with the text that it becomes."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from tests.cases.exports import plain, rich_text, section

Block: TypeAlias = dict[str, Any]


def block(kind: str, **parts: Any) -> Block:
    """Return a block, or an element of one."""
    return {"type": kind, **parts}


def mrkdwn(text: str) -> Block:
    """Return a text with Slack's marks."""
    return block("mrkdwn", text=text)


def label(text: str) -> Block:
    """Return a text without marks."""
    return block("plain_text", text=text)


def _list(style: str, indent: int, *texts: str, **more: Any) -> Block:
    items = [section(plain(text)) for text in texts]
    return block("rich_text_list", style=style, indent=indent, elements=items, **more)


_OPTIONS: Final = [{"text": label("Tea")}, {"text": label("Milk")}]
_RAW: Final = block("raw_text", text="tea")
_SITE: Final = "https://a.example"

BLOCKS: Final[tuple[tuple[Block, str], ...]] = (
    (block("section", text=mrkdwn("*one*")), "*one*"),
    (block("section", text=label("1 < 2")), "1 < 2"),
    (
        block(
            "section",
            text=mrkdwn("pick"),
            accessory=block("button", text=label("Here")),
        ),
        "pick\n[Here]",
    ),
    (
        block(
            "section",
            text=mrkdwn("day"),
            accessory=block("datepicker", placeholder=label("Date")),
        ),
        "day\n[Date]",
    ),
    (block("section", fields=[mrkdwn("a"), label("b")]), "a\nb"),
    (block("header", text=label("News")), "News"),
    (block("context", elements=[mrkdwn("by *me*"), label("today")]), "by *me* today"),
    (block("markdown", text="# Top\n* point"), "# Top\n* point"),
    (
        block("image", image_url=f"{_SITE}/i.png", title=label("Map"), alt_text="m"),
        f"[Map]({_SITE}/i.png)",
    ),
    (
        block("image", slack_file={"url": f"{_SITE}/f"}, alt_text="a map"),
        f"[a map]({_SITE}/f)",
    ),
    (
        block(
            "video",
            title=label("Tour"),
            video_url=f"{_SITE}/v",
            description=label("ten minutes"),
        ),
        f"[Tour]({_SITE}/v)\nten minutes",
    ),
    (
        block("call", call={"v1": {"name": "Daily", "join_url": f"{_SITE}/c"}}),
        f"[Daily]({_SITE}/c)",
    ),
    (
        block("file", file={"title": "Plan", "permalink": f"{_SITE}/p"}),
        f"[Plan]({_SITE}/p)",
    ),
    (
        block("table", rows=[[_RAW, rich_text(section(plain("two")))], [_RAW]]),
        "tea | two\ntea",
    ),
    (
        block(
            "actions",
            elements=[
                block("button", text=label("Yes")),
                block("static_select", placeholder=label("Other")),
            ],
        ),
        "[Yes] [Other]",
    ),
    (
        block(
            "input",
            label=label("Drink"),
            element=block("checkboxes", options=_OPTIONS),
        ),
        "Drink\n[Tea] [Milk]",
    ),
    (block("input", label=label("Why"), element=block("plain_text_input")), "Why"),
)
"""Blocks as messages have them."""

RICH_TEXTS: Final[tuple[tuple[Block, str], ...]] = (
    (
        rich_text(
            section(
                plain("loud", bold=True),
                plain(" "),
                plain("soft", italic=True),
                plain(" "),
                plain("gone", strike=True),
                plain(" "),
                plain("a < b", code=True),
            )
        ),
        "*loud* _soft_ ~gone~ `a < b`",
    ),
    (
        rich_text(
            section(
                block("user", user_id="UANN"),
                plain(" "),
                block("channel", channel_id="CHALL"),
                plain(" "),
                block("usergroup", usergroup_id="S01"),
                plain(" "),
                block("broadcast", range="here"),
                plain(" "),
                block("emoji", name="tada"),
                plain(" "),
                block("color", value="#00FF00"),
                plain(" "),
                block("date", timestamp=1, fallback="1 March"),
                plain(" "),
                block("link", url=_SITE, text="site"),
            )
        ),
        f"@ann #hall @S01 @here :tada: #00FF00 1 March [site]({_SITE})",
    ),
    (
        rich_text(
            _list("ordered", 0, "one", "two"),
            _list("bullet", 1, "deeper"),
            _list("ordered", 0, "three", offset=2),
        ),
        "1. one\n2. two\n    • deeper\n3. three",
    ),
    (
        rich_text(
            block(
                "rich_text_list",
                style="checkbox",
                elements=[
                    {**section(plain("done")), "checked": True},
                    {**section(plain("open")), "checked": False},
                ],
            )
        ),
        "[x] done\n[ ] open",
    ),
    (
        rich_text(block("rich_text_preformatted", elements=[plain("a = 1 < 2")])),
        "```\na = 1 < 2\n```",
    ),
    (
        rich_text(block("rich_text_quote", elements=[plain("he said\nso")])),
        "> he said\n> so",
    ),
)
"""Rich text as people write it."""
