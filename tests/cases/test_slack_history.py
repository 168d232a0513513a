"""Attachments, threads, edits, and the notes that Slack itself writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from imports_app.models import Message
from tests.cases.exports import NOON, at, lobby, said
from tests.cases.importing import Counted, Import, lines_in, messages_in, texts_in


def is_in_room(message: Message) -> bool:
    """Return whether the room's conversation shows a message outside its thread."""
    return Message.objects.without_replies().filter(pk=message.pk).exists()


NO_PREVIEW = "[no preview available]"


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


NOTES: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("huddle_thread", {"text": "A huddle happened"}, "A huddle happened"),
    ("huddle_thread", {}, "A huddle took place"),
    ("sh_room_created", {"room": {"name": "Stand-up"}}, "A huddle started: Stand-up"),
    (
        "channel_canvas_updated",
        {"text": "<https://a.example/F1|Canvas>"},
        "[Canvas](https://a.example/F1)",
    ),
    ("channel_canvas_updated", {}, "The canvas was changed"),
    ("channel_convert_to_private", {}, "The room became private"),
    ("reminder_add", {"text": "set a reminder"}, "set a reminder"),
    ("me_message", {"text": "greets <@U02>"}, "_greets @tom_"),
    (
        "assistant_app_thread",
        {"blocks": [{"type": "section", "text": mrkdwn("ask me")}]},
        "ask me",
    ),
]
"""Notes of Slack's own by subtype, and the line that each leaves."""


def test_an_edit_is_kept_whatever_its_time_is_written_as(bring_in: Import) -> None:
    times = [at(60), NOON + 60.0001, "2021-03-01T12:01:00Z"]
    bring_in(
        lobby(
            *(
                said("U01", "better", second, edited={"user": "U01", "ts": time})
                for second, time in enumerate(times)
            )
        )
    )

    edits = [one.edited_at for one in messages_in("lobby")]
    assert [edit and edit.isoformat()[:19] for edit in edits] == [
        "2021-03-01T12:01:00"
    ] * 3


def test_attachments_show_their_blocks_fields_and_author(bring_in: Import) -> None:
    built = {
        "color": "#00aa00",
        "fallback": NO_PREVIEW,
        "blocks": [
            {
                "type": "section",
                "text": mrkdwn("*Run 7* of <https://a.example/7|main> is fine"),
            },
            {"type": "context", "elements": [mrkdwn("after 2 min")]},
        ],
    }
    alarm = {
        "author_name": "Watch",
        "title": "Alarm",
        "text": "tank at *9 %*",
        "fields": [{"title": "Site", "value": "north", "short": True}],
    }
    picture = {"image_url": "https://a.example/p.png", "title": "p.png"}

    bring_in(
        lobby(
            said("U01", "", 1, attachments=[built]),
            said("U01", "Report", 2, attachments=[built]),
            said("U01", "", 3, attachments=[alarm]),
            said("U01", "look", 4, attachments=[picture]),
        )
    )

    shown = "*Run 7* of [main](https://a.example/7) is fine\nafter 2 min"
    kept = {"color": "#00aa00", "text": shown}
    messages = messages_in("lobby")
    assert [one.text for one in messages] == [shown, "Report", "tank at *9 %*", "look"]
    assert [(one.extras or {})["attachments"] for one in messages] == [
        [kept],
        [kept],
        [
            {
                "author_name": "Watch",
                "title": "Alarm",
                "text": "tank at *9 %*",
                "fields": [{"title": "Site", "value": "north"}],
            }
        ],
        [picture],
    ]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"text": "Deploy 7?"}, "Deploy 7?\n[Yes & go] [No] [Small] [Large]"),
        ({"fallback": "Deploy 7?"}, "Deploy 7?\n[Yes & go] [No] [Small] [Large]"),
        ({"title": "Deploy 7?"}, "[Yes & go] [No] [Small] [Large]"),
    ],
)
def test_buttons_of_old_attachments_keep_their_labels(
    bring_in: Import, parts: dict[str, str], text: str
) -> None:
    sizes = [{"text": "Small", "value": "s"}, {"text": "Large", "value": "l"}]
    actions: list[dict[str, Any]] = [
        {"type": "button", "name": "go", "text": "Yes &amp; go", "value": "yes"},
        {"type": "button", "name": "go", "text": "No", "url": "https://a.example"},
        {"type": "select", "name": "size", "options": sizes},
        {"type": "button"},
    ]

    bring_in(lobby(said("U01", "a build", attachments=[{**parts, "actions": actions}])))

    [message] = messages_in("lobby")
    [kept] = (message.extras or {})["attachments"]
    assert kept["text"] == text


@pytest.mark.parametrize("text_key", ["text", "message_blocks"])
def test_a_shared_message_says_who_wrote_it_where_and_when(
    bring_in: Import, text_key: str
) -> None:
    blocks = [{"type": "section", "text": mrkdwn("come to <@U01>")}]
    texts: dict[str, Any] = {
        "text": {"text": "come to <@U01>"},
        "message_blocks": {
            "text": NO_PREVIEW,
            "message_blocks": [{"team": "T01", "message": {"blocks": blocks}}],
        },
    }
    shared = {
        "is_share": True,
        "is_msg_unfurl": True,
        "from_url": "https://north.slack.example/archives/C02/p1",
        "author_id": "U02",
        "author_name": "Tom Berg",
        "channel_name": "annex",
        "ts": at(-60),
        "fallback": "[March 1st] tom: come to",
        **texts[text_key],
    }

    bring_in(lobby(said("U01", "as Tom said", attachments=[shared])))

    [message] = messages_in("lobby")
    assert message.text == "as Tom said"
    [kept] = (message.extras or {})["attachments"]
    assert kept["text"] == "come to @mia"
    assert kept["author_name"] == "Tom Berg"
    assert kept["footer"] == "#annex, 2021-03-01 11:59 UTC"
    assert kept["from_url"] == "https://north.slack.example/archives/C02/p1"


def test_replies_find_their_thread_also_in_an_earlier_file(bring_in: Import) -> None:
    day = 86_400
    imported = bring_in(
        lobby(
            said("U01", "question", 1, thread_ts=at(1), reply_count=2),
            said("U02", "answer", 2, thread_ts=at(1)),
            said("U02", "for all", 3, subtype="thread_broadcast", thread_ts=at(1)),
            said("U02", "to a lost one", 4, thread_ts=at(-9_000_000)),
            said("U02", "early bird", 5, thread_ts=at(day)),
        )
        | {"lobby/2021-03-02.json": [said("U01", "late", day, thread_ts=at(day))]}
    )

    by_text = {one.text: one for one in messages_in("lobby")}
    question, late = by_text["question"].import_id, by_text["late"].import_id
    threads = {text: one.thread for text, one in by_text.items()}
    lost = threads.pop("to a lost one")
    assert threads == {
        "question": None,
        "answer": question,
        "for all": question,
        "early bird": late,
        "late": None,
    }
    assert lost not in {None, question, late}
    assert [one.text for one in by_text.values() if is_in_room(one)] == [
        *("question", "for all", "to a lost one", "late"),
    ]
    assert imported.warnings["importer-thread-without-root"] == 1


def test_a_compliance_export_brings_current_texts_and_counts_the_others(
    bring_in: Import,
) -> None:
    def hidden(subtype: str, second: int, original: dict[str, Any]) -> dict[str, Any]:
        ts = at(second)
        return {
            "type": "message",
            "subtype": subtype,
            "ts": ts,
            "original": original,
        }

    edited = {"user": "U02", "ts": f"{NOON + 50}.000000"}
    imported = bring_in(
        lobby(
            said("U01", "as it is now", 1, edited=edited),
            hidden("message_changed", 50, said("U01", "as it was", 1)),
            hidden("message_deleted", 60, said("U02", "better unsaid", 2)),
        )
    )

    [message] = messages_in("lobby")
    assert message.text == "as it is now"
    assert message.edited_at == datetime(2021, 3, 1, 12, 0, 50, tzinfo=UTC)
    assert imported.counted("message") == Counted(imported=1, skipped=2)
    assert imported.warnings["importer-left-out-versions"] == 1
    assert imported.warnings["importer-left-out-deleted-texts"] == 1
    assert imported.left_out == [
        imported.text_of("importer-left-out-versions"),
        imported.text_of("importer-left-out-deleted-texts"),
    ]
    assert imported.exit_status == 0


def test_notes_of_slack_leave_a_readable_line(bring_in: Import) -> None:
    notes = [
        {**said("U01", "", second, subtype=subtype), **more}
        for second, (subtype, more, _) in enumerate(NOTES)
    ]

    bring_in(lobby(*notes))

    assert texts_in("lobby") == [line for _, _, line in NOTES]


def test_joins_pins_and_renames_are_events(bring_in: Import) -> None:
    bring_in(
        lobby(
            said("U01", "<@U01> joined", 1, subtype="channel_join", inviter="U02"),
            said("U01", "pinned it", 2, subtype="pinned_item", item_type="C"),
            said("U01", "set it", 3, subtype="channel_topic", topic="tea"),
        )
    )

    assert [(one.event, one.text) for one in messages_in("lobby")] == [
        ("uj", ""),
        ("message_pinned", "pinned it"),
        ("room_changed_topic", "tea"),
    ]


def test_sentences_of_slack_about_events_are_not_their_text(
    bring_in: Import,
) -> None:
    pinned = "<@U01> pinned a message to this channel. See all pinned items."
    bring_in(
        lobby(
            said("U01", pinned, 1, subtype="pinned_item", item_type="C"),
            said("U01", "<@U01> cleared it", 2, subtype="channel_topic", topic=""),
            said("U01", "<@U01> cleared it", 3, subtype="group_purpose", purpose=""),
        )
    )

    assert [(one.event, one.text) for one in messages_in("lobby")] == [
        ("message_pinned", ""),
        ("room_changed_topic", ""),
        ("room_changed_description", ""),
    ]


def test_markup_in_every_part_of_an_attachment_is_converted(bring_in: Import) -> None:
    alarm = {
        "author_name": "Q&amp;A",
        "title": "1 &lt; 2",
        "title_link": "https://a.example/?a=1&amp;b=2",
        "text": "high",
        "fields": [{"title": "R&amp;D", "value": "<https://a.example/7|seven> <@U02>"}],
        "footer": "<https://a.example/x|x/y> &amp; more",
        "service_name": "C&amp;I",
    }

    bring_in(lobby(said("U01", "", 1, attachments=[alarm])))

    [message] = messages_in("lobby")
    assert (message.extras or {})["attachments"] == [
        {
            "author_name": "Q&A",
            "title": "1 < 2",
            "title_link": "https://a.example/?a=1&b=2",
            "text": "high",
            "fields": [{"title": "R&D", "value": "[seven](https://a.example/7) @tom"}],
            "footer": "[x/y](https://a.example/x) & more",
            "service_name": "C&I",
        }
    ]


def test_hidden_messages_are_skipped_and_reported(bring_in: Import) -> None:
    note = {"user": "U01", "text": "no type", "ts": at(9)}
    imported = bring_in(
        lobby(
            said("U01", "stays", 1),
            said("USLACKBOT", "This was deleted.", 2, subtype="tombstone", hidden=True),
            said("U01", "", 3, subtype="message_changed", hidden=True),
            said("U01", "", 4, subtype="reminder_add"),
            note,
        )
    )

    assert [line.text for line in lines_in("lobby")] == ["stays"]
    assert imported.counted("message") == Counted(imported=1, skipped=4)
    named = [code for code in imported.warnings if code.startswith("importer-left-out")]
    assert sorted(named) == [
        "importer-left-out-deleted",
        "importer-left-out-empty",
        "importer-left-out-hidden",
        "importer-left-out-no-message",
    ]
    assert imported.exit_status == 0
