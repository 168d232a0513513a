"""The sorts of messages that Slack has, and which of them have no place here.

importers.md 3.4.
"""

from __future__ import annotations

from typing import Any, Final

from imports_app.importers.base import Report
from imports_app.sources.json_streams import dict_of, flag_of, text_of

EVENTS: Final = {
    "channel_join": "uj",
    "group_join": "uj",
    "channel_leave": "ul",
    "group_leave": "ul",
    "channel_purpose": "room_changed_description",
    "group_purpose": "room_changed_description",
    "channel_topic": "room_changed_topic",
    "group_topic": "room_changed_topic",
    "channel_name": "r",
    "group_name": "r",
    "channel_archive": "room-archived",
    "group_archive": "room-archived",
    "channel_unarchive": "room-unarchived",
    "group_unarchive": "room-unarchived",
    "pinned_item": "message_pinned",
}
"""The wire's `t` of each subtype that is an event."""
_PLAIN: Final = frozenset(
    {
        *("", "thread_broadcast", "me_message", "bot_message"),
        *("slackbot_response", "file_share"),
    }
)
_APPS: Final = (
    "importer-left-out-apps",
    "Notes that an app was added or removed stay behind: apps do not come over.",
)
_FILE_COMMENTS: Final = (
    "importer-left-out-file-comments",
    "Comments on files, and notes that a file was mentioned, stay behind: they belong"
    " to the file, and files have no conversations here.",
)
_DELETED: Final = (
    "importer-left-out-deleted",
    "Deleted messages stay behind: Slack keeps only a mark that there was one.",
)
_HIDDEN: Final = (
    "importer-left-out-hidden",
    "Messages that Slack does not show to anybody stay behind.",
)
_NO_MESSAGE: Final = (
    "importer-left-out-no-message",
    "What is no message, though it stands among them, stays behind.",
)
_EMPTY: Final = (
    "importer-left-out-empty",
    "Notes of Slack's own that have neither text nor file stay behind: there is nothing"
    " to show.",
)
_LEFT_OUT: Final = {
    "bot_add": _APPS,
    "bot_remove": _APPS,
    "file_comment": _FILE_COMMENTS,
    "file_mention": _FILE_COMMENTS,
    "tombstone": _DELETED,
}
_WITHOUT_CONTENT: Final = {
    "message_changed": (
        "importer-left-out-versions",
        "Earlier texts of edited messages are not imported: messages have their current"
        " text.",
    ),
    "message_deleted": (
        "importer-left-out-deleted-texts",
        "Deleted messages are not imported, although the export contains their text:"
        " Slack shows them to nobody.",
    ),
}
"""What compliance exports add; the texts are within other keys."""
_LONGEST: Final = 40


def reason_to_leave_out(element: dict[str, Any], report: Report) -> str:
    """Return why a message has no place here; empty if it has one.

    Either is noted in the report: how many of which sort, and why.
    """
    if (
        element.get("type") == "message"
        and "subtype" not in element
        and "hidden" not in element
    ):  # nearly all
        return ""
    kind = text_of(element.get("type"))
    subtype = text_of(element.get("subtype"))
    if kind != "message":
        return _leave_out(kind or "without a type", _NO_MESSAGE, report)
    if reason := _LEFT_OUT.get(subtype):
        return _leave_out(subtype, reason, report)
    if flag_of(element.get("hidden")):
        return _leave_out("hidden", _HIDDEN, report)
    if subtype in _PLAIN or subtype in EVENTS:
        return ""
    if line_of(element) or any(element.get(key) for key in _CONTENTS):
        report.count(f"messages read as text ({subtype[:_LONGEST]})")
        return ""
    return _leave_out(subtype, _WITHOUT_CONTENT.get(subtype, _EMPTY), report)


def line_of(element: dict[str, Any]) -> str:
    """Return the line that stands for a message of Slack's own without a text."""
    line = _LINES.get(text_of(element.get("subtype")), "")
    name = text_of(dict_of(element.get("room")).get("name"))
    return f"{line}: {name}" if line and name else line


_CONTENTS: Final = ("text", "blocks", "attachments", "files")
_LINES: Final = {
    "huddle_thread": "A huddle took place",
    "sh_room_created": "A huddle started",
    "sh_room_shared": "A huddle was shared",
    "channel_canvas_updated": "The canvas was changed",
    "canvas_tab_added": "A canvas was added",
    "channel_convert_to_private": "The channel became private",
    "channel_convert_to_public": "The channel became public",
}


def _leave_out(sort: str, reason: tuple[str, str], report: Report) -> str:
    report.count(f"messages left out ({sort[:_LONGEST]})")
    report.warn(*reason)
    return reason[1]
