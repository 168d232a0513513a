"""Subtypes of Slack messages, and subtypes that are not imported.

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
"""Value of the wire's `t` for each subtype that is an event."""
_PLAIN: Final = frozenset(
    {
        *("", "thread_broadcast", "me_message", "bot_message"),
        *("slackbot_response", "file_share"),
    }
)
_APPS: Final = (
    "importer-left-out-apps",
    "Notifications that an app was added or removed are not imported: apps are not"
    " supported.",
)
_FILE_COMMENTS: Final = (
    "importer-left-out-file-comments",
    "Comments on files, and notifications that a file was mentioned, are not"
    " imported: comments on files are not supported.",
)
_DELETED: Final = (
    "importer-left-out-deleted",
    "Deleted messages are not imported: the export does not contain their text.",
)
_HIDDEN: Final = (
    "importer-left-out-hidden",
    "Hidden messages are not imported, because Slack does not show them to anybody.",
)
_NOT_A_MESSAGE: Final = (
    "importer-left-out-no-message",
    "Entries that are not messages were skipped.",
)
_EMPTY: Final = (
    "importer-left-out-empty",
    "Slack's own notifications without a text or a file are not imported: they have no"
    " content.",
)
_SKIPPED: Final = {
    "bot_add": _APPS,
    "bot_remove": _APPS,
    "file_comment": _FILE_COMMENTS,
    "file_mention": _FILE_COMMENTS,
    "tombstone": _DELETED,
}
_WITHOUT_CONTENT: Final = {
    "message_changed": (
        "importer-left-out-versions",
        "Earlier versions of edited messages are not imported, only the last one.",
    ),
    "message_deleted": (
        "importer-left-out-deleted-texts",
        "Deleted messages are not imported, although the export contains their text,"
        " because Slack does not show them to anybody.",
    ),
}
"""Subtypes of compliance exports, whose texts are in other keys."""
_LONGEST: Final = 40


def reason_to_skip(element: dict[str, Any], report: Report) -> str:
    """Return why a message is not imported; empty if it is.

    Skipped messages are counted in the report by subtype, with the reason.
    """
    if (
        element.get("type") == "message"
        and "subtype" not in element
        and "hidden" not in element
    ):  # nearly all messages
        return ""
    kind = text_of(element.get("type"))
    subtype = text_of(element.get("subtype"))
    if kind != "message":
        return _skip(kind or "without a type", _NOT_A_MESSAGE, report)
    if reason := _SKIPPED.get(subtype):
        return _skip(subtype, reason, report)
    if flag_of(element.get("hidden")):
        return _skip("hidden", _HIDDEN, report)
    if subtype in _PLAIN or subtype in EVENTS:
        return ""
    if notice_text(element) or any(element.get(key) for key in _CONTENTS):
        report.count(f"messages read as text ({subtype[:_LONGEST]})")
        return ""
    return _skip(subtype, _WITHOUT_CONTENT.get(subtype, _EMPTY), report)


def notice_text(element: dict[str, Any]) -> str:
    """Return the text for a notification of Slack that has none."""
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
    "channel_convert_to_private": "The room became private",
    "channel_convert_to_public": "The room became public",
}


def _skip(subtype: str, reason: tuple[str, str], report: Report) -> str:
    report.count(f"messages left out ({subtype[:_LONGEST]})")
    report.warn(*reason)
    return reason[1]
