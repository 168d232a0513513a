"""Posts of a room, with their threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from imports_app.exporters.losses import Loss, Losses
from imports_app.exporters.mattermost.rules import (
    LONGEST_MESSAGE,
    LONGEST_PROPS,
    is_emoji_name,
)
from imports_app.exporters.mattermost.spool import Spool
from imports_app.exporters.mattermost.texts import clean, split, to_markdown
from imports_app.exporters.records import ExportedFile, ExportedMessage

_EVENTS: Final = {
    "room_changed_topic": ("system_header_change", "header", "channel header"),
    "room_changed_description": (
        "system_purpose_change",
        "purpose",
        "channel purpose",
    ),
    "r": ("system_displayname_change", "displayname", "channel display name"),
}
"""Type of the post, suffix of its properties, and what was changed, by event."""
_TEXTS: Final = ("fallback", "pretext", "text")
"""Values of an attachment with markup."""
_VALUES: Final = (
    *("author_icon", "author_link", "author_name", "color", "footer", "image_url"),
    *("thumb_url", "title", "title_link"),
)
_FILES: Final = 5
"""Maximum number of files that Mattermost shows with a post."""
_MOST_REACTIONS: Final = 10_000
"""Maximum per post, so that lines don't become too long."""
_TONES: Final = {
    "2": "light",
    "3": "medium_light",
    "4": "medium",
    "5": "medium_dark",
    "6": "dark",
}
"""Names of skin tones in Mattermost, by number in Slack."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CONTINUED: Final = "(continued)"


def milliseconds(moment: datetime) -> int:
    """Return a time in milliseconds since 1970, at least 1."""
    return max((moment - _EPOCH) // timedelta(milliseconds=1), 1)


class PostWriter:
    """Converter of messages, in the order of their times.

    Args:
        spool: Gets the posts.
        losses: Counts what Mattermost can't contain.
        usernames: Usernames in Mattermost, by ID of the user.
        names: The same by username in the workspace.
        mentions: What to write for mentions of users and rooms.
        attach: Writes a file; returns its path, or `None` if it is not included.
    """

    def __init__(
        self,
        spool: Spool,
        losses: Losses,
        *,
        usernames: Mapping[str, str],
        names: Mapping[str, str],
        mentions: Mapping[str, str],
        attach: Callable[[ExportedFile], str | None],
    ) -> None:
        self._spool = spool
        self._losses = losses
        self._usernames = usernames
        self._names = names
        self._mentions = mentions
        self._attach = attach

    def write(self, message: ExportedMessage) -> bool:
        """Write a message; return whether the format can contain it."""
        event = message.event
        user = self._usernames.get(message.author)
        if user is None or (event and event not in _EVENTS):
            self._losses.count(Loss.EVENTS if event else Loss.UNKNOWN_AUTHORS)
            return False
        files = self._files(message)
        text = to_markdown(clean(message.text), self._mentions)
        post: dict[str, Any] = {"user": user}
        if event:
            text = self._add_event(post, message, text)
        else:
            props = self._props(message.extras)
            is_shown = text.strip() or files or "attachments" in props
            if not (is_shown or message.replies):
                self._losses.count(Loss.EMPTY)
                return False
            if props:
                post["props"] = props
        parts = split(text, LONGEST_MESSAGE)
        self._losses.count(Loss.SPLIT_MESSAGES, len(parts) > 1)
        moment = milliseconds(message.sent_at)
        time = self._spool.next_time(moment)
        self._losses.count(Loss.TIMES, time != moment)
        if message.edited_at is not None:
            post["edit_at"] = max(milliseconds(message.edited_at), time)
        if reactions := self._reactions(message.extras, time):
            post["reactions"] = reactions
        post |= {"message": parts[0], "create_at": time, **next(iter(files), {})}
        more = [{"message": part} for part in parts[1:]]
        more += [{"message": "", **group} for group in files[1:]]
        is_first = message.replies > 0 or bool(more)
        thread = self._add(message, post, is_first=is_first)
        for rest in more:
            continued: dict[str, Any] = {"user": user, **rest}
            continued["create_at"] = self._spool.next_time(moment)
            self._reply(thread, continued)
        return True

    def _files(self, message: ExportedMessage) -> list[dict[str, Any]]:
        """Return the attached files, in groups that Mattermost shows with one post."""
        paths = [one for one in map(self._attach, message.files) if one is not None]
        self._losses.count(Loss.FILES, len(message.files) - len(paths))
        attached = [{"path": path} for path in paths]
        return [
            {"attachments": attached[start : start + _FILES]}
            for start in range(0, len(attached), _FILES)
        ]

    def _add(
        self, message: ExportedMessage, post: dict[str, Any], *, is_first: bool
    ) -> str:
        """Write a message as a reply or first post; return the ID of the thread."""
        thread = message.thread
        if thread is not None:
            if self._spool.root_of(thread) is not None:
                self._reply(thread, post)
                return thread
            self._losses.count(Loss.REPLIES_WITHOUT_FIRST)
        content = orjson.dumps(post)
        time = post["create_at"]
        self._spool.add(content, time, root=time)
        if is_first:
            self._spool.begin_thread(message.import_id, time, len(content))
        return message.import_id

    def _reply(self, thread: str, post: dict[str, Any]) -> None:
        """Write a reply; a full thread is continued in a second one."""
        content = orjson.dumps(post)
        if not self._spool.grow_thread(thread, len(content) + 1):
            self._losses.count(Loss.CUT_THREADS)
            time = post["create_at"]
            first = orjson.dumps(
                {"user": post["user"], "message": _CONTINUED, "create_at": time}
            )
            self._spool.add(first, time, root=time)
            self._spool.begin_thread(thread, time, len(first) + len(content) + 1)
            post["create_at"] = self._spool.next_time(time)
            if "edit_at" in post:
                post["edit_at"] = max(post["edit_at"], post["create_at"])
            for reaction in post.get("reactions", ()):
                reaction["create_at"] = post["create_at"] + 1
            content = orjson.dumps(post)
        root = self._spool.root_of(thread)
        self._spool.add(content, post["create_at"], root=root or post["create_at"])

    def _add_event(
        self, post: dict[str, Any], message: ExportedMessage, text: str
    ) -> str:
        """Make a post a notification of a change; return its text."""
        kind, suffix, what = _EVENTS[message.event]
        value = text[: LONGEST_MESSAGE // 2]
        post["type"] = kind
        post["props"] = {
            "username": post["user"],
            f"old_{suffix}": "",
            f"new_{suffix}": value,
        }
        return f"{post['user']} updated the {what} to: {value}"

    def _props(self, extras: dict[str, Any]) -> dict[str, Any]:
        props: dict[str, Any] = {}
        if alias := extras.get("alias"):
            props |= {"from_webhook": "true", "override_username": clean(str(alias))}
        attachments = [
            self._attachment(one)
            for one in extras.get("attachments") or ()
            if isinstance(one, dict)
        ]
        if attachments:
            larger = {**props, "attachments": attachments}
            if len(orjson.dumps(larger)) <= LONGEST_PROPS:
                return larger
            self._losses.count(Loss.LARGE_ATTACHMENTS, len(attachments))
        return props

    def _attachment(self, attachment: dict[str, Any]) -> dict[str, Any]:
        converted: dict[str, Any] = {
            key: to_markdown(clean(attachment[key]), self._mentions)
            for key in _TEXTS
            if isinstance(attachment.get(key), str)
        } | {
            key: clean(attachment[key])
            for key in _VALUES
            if isinstance(attachment.get(key), str)
        }
        fields = attachment.get("fields")
        if isinstance(fields, list):
            converted["fields"] = [
                {
                    "title": clean(str(one.get("title", ""))),
                    "value": to_markdown(
                        clean(str(one.get("value", ""))), self._mentions
                    ),
                    "short": one.get("short") is True,
                }
                for one in fields
                if isinstance(one, dict)
            ]
        return converted

    def _reactions(self, extras: dict[str, Any], time: int) -> list[dict[str, Any]]:
        given: dict[str, list[str]] = extras.get("reactions") or {}
        reactions: dict[tuple[str, str], dict[str, Any]] = {}
        for emoji, usernames in given.items():
            name = _emoji_name(emoji)
            for username in usernames:
                user = self._names.get(username)
                if user is None:
                    self._losses.count(Loss.REACTIONS_OF_OTHERS)
                    continue
                if not is_emoji_name(name) or len(reactions) >= _MOST_REACTIONS:
                    self._losses.count(Loss.REFUSED_REACTIONS)
                    continue
                reactions[user, name] = {
                    "user": user,
                    "emoji_name": name,
                    "create_at": time + 1,
                }
        return list(reactions.values())


def _emoji_name(emoji: str) -> str:
    """Return the name of an emoji in Mattermost, which may not be allowed."""
    name, _colons, tone = emoji.strip(":").partition("::skin-tone-")
    return f"{name}_{_TONES[tone]}_skin_tone" if tone in _TONES else name
