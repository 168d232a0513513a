"""Messages whose content is not in their text, or whose marks are odd."""

from __future__ import annotations

from typing import Any, Final

from tests.archives.slack.blocks import (
    BLOCKS,
    RICH_TEXTS,
    block,
    label,
    mrkdwn,
)
from tests.archives.slack.draft import ANN, HALL, SlackDraft, SlackOddity
from tests.cases.exports import NOON, plain, rich_text, section

FALLBACKS: Final = (
    "This content can't be displayed.",
    "This content can\u2019t be displayed",
    "[no preview available]",
    "This message contains interactive elements.",
)
_MARKS: Final = (
    ("*loud* _soft_ ~gone~", "*loud* _soft_ ~gone~"),
    ("&gt;&gt;&gt; from here\nto the end", "> from here\n> to the end"),
    ("2 &lt; 3 &amp;amp; &amp;lt; B&amp;B, I <3 you", "2 < 3 &amp; &lt; B&B, I <3 you"),
    (":simple_smile: :wave::skin-tone-2:", ":smile: :wave::skin-tone-2:"),
    ("<!here> <!channel|channel> <!everyone>", "@here @all @all"),
    ("<!subteam^S01|@crew> <!subteam^S02>", "@crew @S02"),
    ("at <!date^1614600000^{date}|1 March>", "at 1 March"),
    ("<#CHALL> <#CHALL|> <#C90|lost> <#C91>", "#hall #hall #lost #C91"),
    ("no mention: &lt;@UANN&gt;", "no mention: <@UANN>"),
    ("`<@UANN>` and ann@base.example", "`@ann` and ann@base.example"),
    (
        "<https://a.example/x_(y)> <https://a.example|site>",
        "https://a.example/x_(y) [site](https://a.example)",
    ),
    (
        "<mailto:a@b.example|write me>, <tel:+4930|+49 30>",
        "write me (a@b.example), +49 30",
    ),
    (
        "<zoommtg://a.example/1|Zoom> <slack://channel?id=C02|annex>",
        "Zoom (zoommtg://a.example/1) annex (slack://channel?id=C02)",
    ),
    ("<javascript:alert(1)|click>", "click (javascript:alert(1))"),
    (
        "`<http://main.py|main.py>` ```cat <http://a.sh|a.sh>```",
        "`main.py` ```cat a.sh```",
    ),
)


def fallback_texts_with_blocks(draft: SlackDraft) -> None:
    """Texts that only say there is more, beside the blocks that hold it."""
    for number, text in enumerate(FALLBACKS):
        blocks = [rich_text(section(plain(f"the report {number}")))]
        draft.say(HALL, ANN, text, shown=f"the report {number}", blocks=blocks)
    blocks = [rich_text(section(plain("typed")))]
    draft.say(HALL, ANN, "typed", blocks=blocks)


def polls_with_notification_texts(draft: SlackDraft) -> None:
    """Blocks that say more than the text that repeats their question."""
    poll = [
        block("section", text=mrkdwn("*Where to?* asks <@UBOB>")),
        block("section", fields=[mrkdwn("Lake `4`"), mrkdwn("Hill `2`")]),
        block("divider"),
        block("actions", elements=[block("button", text=label("Choose"))]),
    ]
    shown = "*Where to?* asks @bob\nLake `4`\nHill `2`\n[Choose]"
    draft.say(HALL, ANN, "Where to?", shown=shown, blocks=poll)


def blocks_of_all_kinds(draft: SlackDraft) -> None:
    """Every kind of block that Slack documents, in messages without a text."""
    for one, shown in BLOCKS:
        draft.say(HALL, ANN, "", shown=shown, blocks=[one])


def rich_text_of_all_kinds(draft: SlackDraft) -> None:
    """Every element of rich text that Slack documents."""
    for one, shown in RICH_TEXTS:
        draft.say(HALL, ANN, "", shown=shown, blocks=[one])


def blocks_of_unknown_kinds(draft: SlackDraft) -> None:
    """Blocks that no documentation has keep their plain text."""
    odd = block("hologram", title=label("Whale"), parts=[{"text": "swims"}])
    draft.say(HALL, ANN, "", shown="Whale\nswims", blocks=[odd])
    silent = block("scent", level=7)
    draft.say(HALL, ANN, "a scent", blocks=[silent])
    draft.effect.warnings["importer-unknown-blocks"] += 2


def attachments_with_blocks(draft: SlackDraft) -> None:
    """Attachments that hold blocks, fields, buttons, or only a fallback."""
    for attachment, shown, attached in (
        (
            {"blocks": [block("section", text=mrkdwn("*Build* 7"))]},
            "*Build* 7",
            {"text": "*Build* 7"},
        ),
        (
            {
                "fallback": FALLBACKS[2],
                "blocks": [block("header", text=label("Disk"))],
            },
            "Disk",
            {"text": "Disk"},
        ),
        ({"fallback": "Build &lt;7&gt;"}, "Build <7>", {"fallback": "Build <7>"}),
        (
            {"text": "Vote", "actions": [{"text": "Yes"}, {"text": "No"}]},
            "Vote\n[Yes] [No]",
            {"text": "Vote\n[Yes] [No]"},
        ),
    ):
        says = {"attached": (attached,)}
        draft.say(HALL, ANN, "", shown=shown, attachments=[attachment], says=says)


def shared_messages(draft: SlackDraft) -> None:
    """A message that somebody shares, with its author, time, channel and file."""
    shared = {
        "is_share": True,
        "author_name": "Bob",
        "channel_name": "hall",
        "ts": f"{NOON}.000100",
        "text": "<@UBOB> wrote",
        "files": [
            {"id": "FSHARED", "name": "plan.txt", "url_private": "https://s.example/p"}
        ],
    }
    attached = {
        "author_name": "Bob",
        "footer": "#hall, 2021-03-01 12:00 UTC",
        "text": "@bob wrote",
    }
    draft.say(
        *(HALL, ANN, "look"),
        attachments=[shared],
        says={"attached": (attached,), "files": ("plan.txt",)},
    )
    inner = {"message": {"blocks": [rich_text(section(plain("the inner text")))]}}
    unfurled = {"is_msg_unfurl": True, "message_blocks": [inner]}
    draft.say(
        *(HALL, ANN, ""),
        shown="the inner text",
        attachments=[unfurled],
        says={"attached": ({"text": "the inner text"},)},
    )
    draft.effect.facts["files to download"] += 1
    draft.effect.warnings["importer-files-are-links"] += 1


def marks_of_slack(draft: SlackDraft) -> None:
    """Mentions, links, entities and other marks in texts."""
    for raw, shown in _MARKS:
        draft.say(HALL, ANN, raw, shown=shown)


def non_string_texts(draft: SlackDraft) -> None:
    """Texts with NUL bytes, half an emoji, numbers, and very long ones."""
    draft.say(HALL, ANN, "nul\0 byte", shown="nul byte")
    draft.say(HALL, ANN, "x" * 40_000)
    odd: dict[str, Any] = {**draft.message(ANN, ""), "text": 7}
    draft.fail_message(HALL, odd, "importer-message-malformed")


def null_parts(draft: SlackDraft) -> None:
    """Keys that are null, or lists of null."""
    keys = ("blocks", "attachments", "files", "reactions", "edited")
    values: tuple[Any, ...] = (None, [None], "word", 7, {})
    for number, value in enumerate(values):
        element = draft.message(ANN, f"part {number}")
        draft.expect_message(HALL, element)
        draft.add_element(HALL, {**element, **dict.fromkeys(keys, value)})


ODDITIES: Final[tuple[SlackOddity, ...]] = (
    fallback_texts_with_blocks,
    polls_with_notification_texts,
    blocks_of_all_kinds,
    rich_text_of_all_kinds,
    blocks_of_unknown_kinds,
    attachments_with_blocks,
    shared_messages,
    marks_of_slack,
    non_string_texts,
    null_parts,
)
