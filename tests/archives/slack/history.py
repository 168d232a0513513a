"""Messages that Slack writes itself, and messages that are versions of others."""

from __future__ import annotations

from typing import Any, Final

from tests.archives.slack.draft import ANN, BOB, HALL, SlackDraft, SlackOddity, ts_of

_EVENTS: Final[tuple[tuple[str, str, str, dict[str, str]], ...]] = (
    ("channel_join", "uj", "", {}),
    ("group_leave", "ul", "", {}),
    ("channel_purpose", "room_changed_description", "why", {"purpose": "why"}),
    ("group_topic", "room_changed_topic", "what &", {"topic": "what &amp;"}),
    ("group_name", "r", "newer", {"name": "newer"}),
    ("channel_archive", "room-archived", "", {}),
    ("group_unarchive", "room-unarchived", "", {}),
    ("pinned_item", "message_pinned", "x did something", {}),
)
_LINES: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("huddle_thread", "A huddle took place", {}),
    ("huddle_thread", "A huddle took place: Daily", {"room": {"name": "Daily"}}),
    ("sh_room_created", "A huddle started", {}),
    ("sh_room_shared", "A huddle was shared", {}),
    ("channel_canvas_updated", "The canvas was changed", {}),
    ("canvas_tab_added", "A canvas was added", {}),
    ("channel_convert_to_private", "The room became private", {}),
    ("channel_convert_to_public", "The room became public", {}),
)


def events_of_rooms(draft: SlackDraft) -> None:
    """Notes that somebody joined, or that a room was changed."""
    for subtype, event, shown, more in _EVENTS:
        says = {"event": event}
        text = "x did something"
        draft.say(HALL, ANN, text, shown=shown, says=says, subtype=subtype, **more)


def huddles_calls_and_canvases(draft: SlackDraft) -> None:
    """Notes without a text, which leave a line in the history."""
    for subtype, line, more in _LINES:
        element = {**draft.message(ANN, ""), "subtype": subtype, **more}
        draft.expect_message(HALL, element, shown=line)
        draft.add_element(HALL, element)
        draft.effect.facts[f"messages read as text ({subtype})"] += 1
    join = {"v1": {"name": "Daily", "join_url": "https://a.example/c"}}
    blocks = [{"type": "call", "call": join}]
    shown = "[Daily](https://a.example/c)"
    draft.say(HALL, ANN, "", shown=shown, subtype="bot_message", blocks=blocks)


def skipped_notes(draft: SlackDraft) -> None:
    """Messages that nobody sees in Slack either, or that say nothing."""
    for subtype, code in (
        ("bot_add", "importer-left-out-apps"),
        ("bot_remove", "importer-left-out-apps"),
        ("file_comment", "importer-left-out-file-comments"),
        ("tombstone", "importer-left-out-deleted"),
        ("reminder_add", "importer-left-out-empty"),
    ):
        draft.skip_message(subtype, code, {"subtype": subtype})
    draft.skip_message("hidden", "importer-left-out-hidden", {"hidden": True})
    no_message = "importer-left-out-no-message"
    draft.skip_message("reaction_added", no_message, {"type": "reaction_added"})
    draft.skip_message("without a type", no_message, {"type": 7})


def edits_and_deletions_of_compliance_exports(draft: SlackDraft) -> None:
    """Earlier texts and deleted messages, which such exports keep."""
    draft.skip_message(
        "message_changed",
        "importer-left-out-versions",
        {"subtype": "message_changed", "message": {"text": "now"}},
    )
    draft.skip_message(
        "message_deleted",
        "importer-left-out-deleted-texts",
        {"subtype": "message_deleted", "previous_message": {"text": "was"}},
    )
    second = draft.next_second()
    edited = {"user": BOB, "ts": ts_of(second)}
    milliseconds = int(float(ts_of(second)) * 1000)
    draft.say(HALL, ANN, "corrected", edited=edited, says={"edited_at": milliseconds})


def threads_without_a_root(draft: SlackDraft) -> None:
    """Replies to messages of before the export, and a whole thread."""
    draft.say(HALL, ANN, "orphan", thread_ts="1400000000.000100")
    draft.effect.warnings["importer-thread-without-root"] += 1
    root = draft.next_second()
    says = {"reply_to": int(float(ts_of(root)) * 1000)}
    draft.say(HALL, ANN, "reply", thread_ts=ts_of(root), says=says)
    element = {"type": "message", "user": ANN, "text": "root", "ts": ts_of(root)}
    draft.expect_message(HALL, element)
    draft.add_element(HALL, {**element, "thread_ts": ts_of(root)})


def messages_of_the_same_time(draft: SlackDraft) -> None:
    """Different messages of one room and time are all kept."""
    draft.room("CSAME", "same-times", ANN, BOB)
    first = draft.message(ANN, "first")
    for element in (first, {**first, "text": "second"}, {**first, "user": BOB}):
        draft.expect_message("same-times", element)
        draft.add_element("same-times", element)
    draft.effect.warnings["importer-same-time"] += 2


def repeated_messages(draft: SlackDraft) -> None:
    """The same message in two files, as in exports that overlap."""
    draft.room("CTWICE", "overlap", ANN)
    element = draft.message(ANN, "in both files")
    draft.expect_message("overlap", element)
    draft.add_element("overlap", element)
    draft.files["overlap/2021-03-02.json"] = [element]
    draft.effect.outcomes["message", "unchanged"] += 1


ODDITIES: Final[tuple[SlackOddity, ...]] = (
    events_of_rooms,
    huddles_calls_and_canvases,
    skipped_notes,
    edits_and_deletions_of_compliance_exports,
    threads_without_a_root,
    messages_of_the_same_time,
    repeated_messages,
)
