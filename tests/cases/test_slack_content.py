"""What a message says: marks, links, mentions, blocks, attachments, and threads."""

from __future__ import annotations

from typing import Any, Final

from tests.cases.exports import LOBBY, channel, lobby, plain, rich_text, said, section
from tests.cases.importing import Import, texts_in

FALLBACK = "This content can't be displayed."


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def label(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def block(kind: str, **parts: Any) -> dict[str, Any]:
    return {"type": kind, **parts}


BLOCKS: Final[list[tuple[list[Any], str]]] = [
    ([block("header", text=label("News"))], "News"),
    (
        [block("context", elements=[mrkdwn("by *me*"), label("today")])],
        "by *me* today",
    ),
    ([block("markdown", text="# Top\n* point")], "# Top\n* point"),
    (
        [
            block(
                "image",
                image_url="https://a.example/i.png",
                title=label("Map"),
                alt_text="a map",
            )
        ],
        "[Map](https://a.example/i.png)",
    ),
    (
        [block("image", image_url="https://a.example/i.png", alt_text="a map")],
        "[a map](https://a.example/i.png)",
    ),
    (
        [block("video", title=label("Tour"), video_url="https://a.example/v")],
        "[Tour](https://a.example/v)",
    ),
    (
        [
            block(
                "call",
                call={"v1": {"name": "Daily", "join_url": "https://a.example/c"}},
            )
        ],
        "[Daily](https://a.example/c)",
    ),
    (
        [
            block(
                "table",
                rows=[
                    [
                        {"type": "raw_text", "text": "who"},
                        {"type": "raw_text", "text": "what"},
                    ],
                    [
                        rich_text(section(plain("Tom"))),
                        {"type": "raw_text", "text": "tea"},
                    ],
                ],
            )
        ],
        "who | what\nTom | tea",
    ),
    (
        [
            block(
                "input",
                label=label("Drink"),
                element={
                    "type": "checkboxes",
                    "options": [{"text": label("Tea")}, {"text": label("Milk")}],
                },
            )
        ],
        "Drink\n[Tea] [Milk]",
    ),
]
"""Blocks, and the text that they become."""
MARKS: Final = [
    ("*loud* _soft_ ~gone~", "*loud* _soft_ ~gone~"),
    ("&gt; one line\nnot this", "> one line\nnot this"),
    ("&gt;&gt;&gt; from here\nto the end", "> from here\n> to the end"),
    ("• one\n    ◦ deeper\n1. first", "• one\n    ◦ deeper\n1. first"),
    ("2 &lt; 3 &amp;amp; &amp;lt; B&amp;B", "2 < 3 &amp; &lt; B&B"),
    ("far\n\n\napart   too", "far\n\n\napart   too"),
    ("I <3 you <3", "I <3 you <3"),
    (":simple_smile: :uk: :wave::skin-tone-2:", ":smile: :gb: :wave::skin-tone-2:"),
    ("<!here> <!channel|channel> <!everyone>", "@here @all @all"),
    ("<!subteam^S01|@crew> <!subteam^S02>", "@crew @S02"),
    ("at <!date^1614600000^{date}|1 March>", "at 1 March"),
    ("<#C02> <#C02|> <#C02|old>", "#annex #annex #annex"),
    ("<#C90|lost> <#C91>", "#lost #C91"),
    ("`<@U02>` and tom@U02.example", "`@tom` and tom@U02.example"),
    ("no mention: &lt;@U02&gt;", "no mention: <@U02>"),
    ("*<https://a.example|here>* _<@U02>_", "*[here](https://a.example)* _@tom_"),
    ("<https://a.example/x_(y)>", "https://a.example/x_(y)"),
    ("<https://a.example|https://a.example>", "https://a.example"),
    (
        "<https://a.example/?p=[1]&amp;q=(2)|a [b]>",
        "[a (b)](https://a.example/?p=[1]&q=%282%29)",
    ),
    ("<mailto:t@a.example|t@a.example>", "t@a.example"),
    ("<mailto:t@a.example|write me>", "write me (t@a.example)"),
    ("<tel:+4930|+49 30>", "+49 30"),
    ("<ftp://a.example/f|the file>", "the file (ftp://a.example/f)"),
    ("<file:///srv/f|the share>", "the share (file:///srv/f)"),
    ("<zoommtg://a.example/1|Zoom>", "Zoom (zoommtg://a.example/1)"),
    ("<slack://channel?id=C02|annex>", "annex (slack://channel?id=C02)"),
    ("<javascript:alert(1)|click>", "click (javascript:alert(1))"),
    ("see <http://notes.md|notes.md>", "see [notes.md](http://notes.md)"),
    ("`<http://main.py|main.py>`", "`main.py`"),
    (
        "```cat <http://main.py|main.py>\nget <https://a.example/?a=1&amp;b=2>```",
        "```cat main.py\nget https://a.example/?a=1&b=2```",
    ),
]
"""Texts as Slack has them, and as they are shown."""


def test_marks_of_slack_become_what_is_shown(bring_in: Import) -> None:
    messages = [said("U01", raw, second) for second, (raw, _) in enumerate(MARKS)]

    bring_in(lobby(*messages, channels=[LOBBY, channel("C02", "annex", "U01")]))

    raws = [raw for raw, _ in MARKS]
    assert list(zip(raws, texts_in("lobby"), strict=True)) == MARKS


def test_blocks_win_over_a_text_that_is_only_a_notification(bring_in: Import) -> None:
    poll = [
        {"type": "section", "text": mrkdwn("*Where to?* asks <@U01>")},
        {"type": "section", "fields": [mrkdwn("Lake `4`"), mrkdwn("Hill `2`")]},
        {"type": "divider"},
        {
            "type": "actions",
            "elements": [{"type": "button", "text": label("Choose")}],
        },
    ]
    imported = bring_in(
        lobby(
            said("U01", FALLBACK, 1, blocks=[rich_text(section(plain("the report")))]),
            said("U01", "Where to?", 2, blocks=poll),
            said("U01", "typed", 3, blocks=[rich_text(section(plain("typed")))]),
        )
    )

    report, question, typed = texts_in("lobby")
    assert (report, typed) == ("the report", "typed")
    assert question.splitlines() == [
        "*Where to?* asks @mia",
        *("Lake `4`", "Hill `2`", "[Choose]"),
    ]
    assert "importer-unknown-blocks" not in imported.warnings


def test_messages_of_blocks_alone_are_not_empty(bring_in: Import) -> None:
    messages = [
        said("U01", "", second, blocks=blocks)
        for second, (blocks, _) in enumerate(BLOCKS)
    ]

    imported = bring_in(lobby(*messages))

    assert texts_in("lobby") == [text for _, text in BLOCKS]
    assert "importer-unknown-blocks" not in imported.warnings


def test_rich_text_keeps_styles_lists_quotes_and_code(bring_in: Import) -> None:
    def items(*texts: str) -> list[dict[str, Any]]:
        return [section(plain(text)) for text in texts]

    everything = rich_text(
        section(
            plain("loud", bold=True),
            plain(" and "),
            plain("exact", code=True),
            plain(" "),
            {"type": "user", "user_id": "U02"},
            plain(" "),
            {"type": "usergroup", "usergroup_id": "S01"},
            plain(" "),
            {"type": "broadcast", "range": "here"},
            plain(" "),
            {"type": "color", "value": "#00FF00"},
        ),
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 0,
            "elements": items("one", "two"),
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 1,
            "elements": items("deeper"),
        },
        {"type": "rich_text_preformatted", "elements": [plain("a = 1 < 2")]},
        {"type": "rich_text_quote", "elements": [plain("he said\nso")]},
    )

    bring_in(lobby(said("U01", "", blocks=[everything])))

    assert texts_in("lobby") == [
        "*loud* and `exact` @tom @S01 @here #00FF00\n"
        "1. one\n2. two\n    • deeper\n```\na = 1 < 2\n```\n> he said\n> so"
    ]


def test_a_block_of_an_unknown_kind_leaves_its_text_and_is_counted(
    bring_in: Import,
) -> None:
    odd = block("hologram", title=label("Whale"), parts=[{"text": "swims"}])

    imported = bring_in(lobby(said("U01", "", blocks=[odd])))

    [text] = texts_in("lobby")
    assert text.split() == ["Whale", "swims"]
    assert imported.warnings["importer-unknown-blocks"] == 1
    assert imported.files_of("importer-unknown-blocks") == ["block hologram"]
