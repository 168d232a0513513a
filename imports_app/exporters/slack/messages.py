"""Conversion of messages to Slack's format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from imports_app.exporters.losses import Loss, Losses
from imports_app.exporters.records import ExportedFile, ExportedMessage
from imports_app.exporters.slack.identifiers import (
    SLACKBOT,
    Times,
    time_of,
)
from imports_app.exporters.slack.texts import to_slack

_SUBTYPES: Final = {
    "uj": "channel_join",
    "ul": "channel_leave",
    "room_changed_topic": "channel_topic",
    "room_changed_description": "channel_purpose",
    "r": "channel_name",
}
"""Events that Rocket.Chat's importer reads."""
_KEYS: Final = {
    "room_changed_topic": "topic",
    "room_changed_description": "purpose",
    "r": "name",
}
"""Key of the text of each event."""
_TEXTS: Final = ("fallback", "footer", "pretext", "text", "title")
"""Keys of an attachment with markup; other values are escaped only."""


class MessageWriter:
    """Converter of one room's messages, in order of time.

    Args:
        usernames: Usernames by ID.
        ids: IDs in the export, by ID.
        losses: Counters of content that Rocket.Chat's importer can't read.
        has_reactions: Whether to include reactions.
        attach: Returns a file in Slack's form, or `None` if it is not included.
    """

    def __init__(
        self,
        usernames: Mapping[str, str],
        ids: Mapping[str, str],
        losses: Losses,
        *,
        has_reactions: bool,
        attach: Callable[[ExportedFile], dict[str, Any] | None],
    ) -> None:
        self._usernames = usernames
        self._ids = ids
        self._ids_by_name = {name: self._ids[key] for key, name in usernames.items()}
        self._losses = losses
        self._has_reactions = has_reactions
        self._attach = attach
        self._times = Times()
        self._threads: dict[str, str] = {}
        self._last_second = -1

    def begin_room(self) -> None:
        """Reset the state for the next room."""
        self._times = Times()
        self._threads = {}
        self._last_second = -1

    def convert(self, message: ExportedMessage) -> dict[str, Any] | None:
        """Return a message, or `None` if the format can't contain it."""
        if message.event and message.event not in _SUBTYPES:
            self._losses.count(Loss.EVENTS)
            return None
        extras = message.extras
        time = self._times.next(message.sent_at, message.import_id)
        self._count_order(time)
        mentioned = self._mentioned(extras)
        element: dict[str, Any] = {
            "type": "message",
            "user": self._ids[message.author],
            "ts": time,
            "text": to_slack(message.text, mentioned),
        }
        if message.event:
            element["subtype"] = _SUBTYPES[message.event]
            if key := _KEYS.get(message.event):
                element[key] = element["text"]
        elif extras.get("bot"):
            self._add_bot(element, extras)
        self._add_thread(element, message, time)
        if message.edited_at is not None:
            editor = self._ids.get(str(extras.get("editor", "")))
            element["edited"] = {
                "user": editor or element["user"],
                "ts": time_of(message.edited_at),
            }
        if attachments := extras.get("attachments"):
            element["attachments"] = [
                _attachment(one, mentioned) for one in attachments
            ]
        self._add_reactions(element, extras)
        files = [one for one in map(self._attach, message.files) if one is not None]
        self._losses.count(Loss.FILES, len(message.files) - len(files))
        if files:
            element["files"] = files
        return element

    def _count_order(self, time: str) -> None:
        """Count messages of one second: Rocket.Chat's importer drops the fraction."""
        second = int(time.partition(".")[0])
        if second == self._last_second:
            self._losses.count(Loss.MILLISECONDS)
        self._last_second = second

    def _mentioned(self, extras: dict[str, Any]) -> dict[str, str]:
        return {
            self._usernames[key]: self._ids[key]
            for key in extras.get("mentions") or ()
            if key in self._ids
        }

    def _add_bot(self, element: dict[str, Any], extras: dict[str, Any]) -> None:
        element["subtype"] = "bot_message"
        if element["user"] != SLACKBOT:
            element["bot_id"] = f"B{element['user'][1:]}"
        if alias := extras.get("alias"):
            element["username"] = alias
        if emoji := extras.get("emoji"):
            element["icons"] = {"emoji": emoji}

    def _add_thread(
        self, element: dict[str, Any], message: ExportedMessage, time: str
    ) -> None:
        """Mark a reply, or the first message of a thread.

        Rocket.Chat's importer loses the rest of the day at a first message without
        `latest_reply`.
        """
        if message.thread is not None:
            root = self._threads.get(message.thread)
            if root is None:
                self._losses.count(Loss.REPLIES_WITHOUT_FIRST)
                return
            element["thread_ts"] = root
            if message.extras.get("broadcast") and "subtype" not in element:
                element["subtype"] = "thread_broadcast"
        elif message.replies:
            self._threads[message.import_id] = time
            last = message.last_reply_at or message.sent_at
            element |= {
                "thread_ts": time,
                "reply_count": message.replies,
                "reply_users": [],
                "latest_reply": time_of(last),
            }

    def _add_reactions(self, element: dict[str, Any], extras: dict[str, Any]) -> None:
        reactions: dict[str, list[str]] = extras.get("reactions") or {}
        if not self._has_reactions:
            self._losses.count(Loss.REACTIONS, sum(map(len, reactions.values())))
            return
        converted = []
        for emoji, names in reactions.items():
            users = [
                self._ids_by_name[one] for one in names if one in self._ids_by_name
            ]
            self._losses.count(Loss.REACTIONS_OF_OTHERS, len(names) - len(users))
            converted.append(
                {"name": emoji.strip(":"), "users": users, "count": len(users)}
            )
        if kept := [one for one in converted if one["users"]]:
            element["reactions"] = kept


def _attachment(
    attachment: dict[str, Any], mentioned: Mapping[str, str]
) -> dict[str, Any]:
    """Return an attachment with Slack's markup."""

    def convert(key: str, value: Any) -> Any:
        if isinstance(value, str):
            return to_slack(value, mentioned if key in _TEXTS else {})
        if key == "fields" and isinstance(value, list):
            return [
                {name: to_slack(str(text), mentioned) for name, text in one.items()}
                for one in value
                if isinstance(one, dict)
            ]
        return value

    return {key: convert(key, value) for key, value in attachment.items()}
