"""Conversion of Slack messages to records (importers.md 3.3 to 3.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from imports_app.importers.base import WITHOUT_TEXT, Report
from imports_app.importers.slack.content.attachments import (
    attachment_text,
    known_parts,
    raw_texts,
)
from imports_app.importers.slack.content.blocks import (
    are_richer_than_text,
    flatten_blocks,
    is_fallback,
)
from imports_app.importers.slack.content.files import FileReader
from imports_app.importers.slack.content.subtypes import (
    EVENTS,
    notice_text,
    reason_to_skip,
)
from imports_app.importers.slack.content.text import decoded
from imports_app.importers.slack.directory import Directory
from imports_app.importers.slack.duplicate_times import DuplicateTimes
from imports_app.importers.years import is_plausible_time
from imports_app.records import (
    BadRecord,
    Kind,
    MessageRecord,
    UserRecord,
)
from imports_app.sources.json_streams import (
    dict_of,
    dicts_of,
    excerpt_of,
    number_of,
    text_of,
    texts_of,
)

_TIME: Final = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?")
_SAID_BY: Final = {
    "room_changed_description": "purpose",
    "room_changed_topic": "topic",
    "r": "name",
}
"""Key of the text of each event."""
_REMOVABLE: Final = frozenset({"purpose", "topic"})
_PINNED: Final = re.compile(r"(?:<@[^>]*> )?(?:has )?pinned a message\b")
"""Text that Slack writes when somebody pins a message."""
_SILENT: Final = frozenset({"uj", "ul", "room-archived", "room-unarchived"})
_ABOUT_BOTS: Final = frozenset({"bot_add", "bot_remove", "bot_enable", "bot_disable"})
"""Subtypes of user actions on bots: the messages name the bot, not as author."""
_USUAL: Final = frozenset(
    {
        *("type", "user", "text", "ts", "client_msg_id", "team", "user_team"),
        *("source_team", "user_profile", "blocks", "thread_ts", "parent_user_id"),
        *("reply_count", "reply_users_count", "reply_users", "replies"),
        *("latest_reply", "is_locked", "subscribed", "last_read"),
    }
)
"""Keys of a message that has only author, time, text and thread."""
_PLAIN: Final = _USUAL - {"blocks"}
"""Keys of a message whose content is the text alone."""
_LONGEST_ID: Final = 255


@dataclass(slots=True)
class Mentions:
    """IDs of users and rooms mentioned in a message, with their names in the texts."""

    users: dict[str, str] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)


def message_id(room: str, time: str) -> str:
    """Return a message's import ID, which is the same in every export."""
    return f"slack-{room}-{time.replace('.', '-')}"


def time_of(value: Any) -> str:
    """Return a time in Slack's format, also if a tool wrote a number or ISO 8601."""
    if value is None or (isinstance(value, str) and _TIME.fullmatch(value)):
        return value or ""
    number = number_of(value)
    if number is not None:
        return f"{number:.6f}"
    text = text_of(value)
    if "T" in text:
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                return f"{moment.timestamp():.6f}"
    return text


class MessageReader:
    """Reader for messages, one element of a file at a time.

    Args:
        directory: Users, bots and rooms by ID.
        uploads: Entry names by file ID, if the archive contains attached files.
        report: Receives counts and warnings.
    """

    def __init__(
        self, directory: Directory, uploads: dict[str, str], report: Report
    ) -> None:
        self._directory = directory
        self._files = FileReader(uploads, report)
        self._report = report
        self._same_times = DuplicateTimes()

    def read(
        self, element: Any, room: str, folder: str
    ) -> Iterator[MessageRecord | UserRecord | BadRecord]:
        """Yield the message, after placeholders for users who are not known yet."""
        if not isinstance(element, dict):
            yield _bad(
                excerpt_of(element, 200),
                folder,
                "importer-message-malformed",
                not_an_object(element),
            )
            return
        self._report.count("messages")
        if reason := reason_to_skip(element, self._report):
            yield _bad(
                text_of(element.get("text"))[:200],
                folder,
                "importer-message-left-out",
                reason,
                is_left_out=True,
            )
            return
        if (key := _unreadable_key(element)) is not None:
            value = excerpt_of(element[key])
            yield _bad(
                value,
                folder,
                "importer-message-malformed",
                f'The value of "{key}" is not a string: {value}. Export the file again,'
                " or correct it.",
            )
            return
        author, people = self._directory.author_of(element, self._report)
        yield from people
        if element.get("reactions"):
            yield from self._users_of_reactions(element)
        yield self._message(element, room, author)

    def _message(
        self, element: dict[str, Any], room: str, author: str
    ) -> MessageRecord:
        raw_time = element.get("ts")
        if not isinstance(raw_time, str):
            raw_time = time_of(raw_time)
        sent_at = _milliseconds(raw_time)
        if sent_at is None:
            raw_time = time_of(raw_time)
            sent_at = _milliseconds(raw_time)
        if sent_at is not None and not is_plausible_time(sent_at):
            sent_at = None
        record = MessageRecord(
            import_id=message_id(room, raw_time[:_LONGEST_ID]),
            room=room,
            author=author,
            text="",
            sent_at=sent_at,
            raw_time=_time_in(element) if sent_at is None else "",
            thread=self._thread(element, room, raw_time),
        )
        if record.thread is not None:
            record.is_broadcast = element.get("subtype") == "thread_broadcast"
        mentions = Mentions()
        gone: list[str] = []
        if not element.keys() <= _USUAL:
            gone = self._add_parts(record, element, mentions)
        record.text = self._text(element, record, mentions)
        if gone:
            record.text = "\n".join(filter(None, (record.text, *gone)))
        if not (record.text or record.event or record.files):
            self._report_empty(record)
        if sent_at is not None:
            self._make_unique(record, element)
        if mentions.users:
            record.mentions = {
                self._directory.identity(key): name
                for key, name in mentions.users.items()
            }
        record.mentioned_rooms = mentions.rooms or None
        return record

    def _report_empty(self, record: MessageRecord) -> None:
        """Report a message without content; it is kept because replies may follow."""
        if not any(record.attachments or ()):
            file, line = self._directory.place
            self._report.warn(*WITHOUT_TEXT, file=file, line=line)

    def _make_unique(self, record: MessageRecord, element: dict[str, Any]) -> None:
        """Make the ID unique if another message has the same room and time."""
        raw = element.get("text")
        raw = raw if isinstance(raw, str) else ""
        content: tuple[object, ...] = (record.author, record.event, raw)
        if not raw or (not element.keys() <= _PLAIN and is_fallback(raw)):
            files = tuple(file["id"] for file in record.files or ())
            content = (*content, record.text, repr(record.attachments), files)
        number = self._same_times.number(record.import_id, content)
        if number > 1:
            record.import_id = f"{record.import_id}-no{number}"
            file, line = self._directory.place
            self._report.warn(*_SAME_TIME, file=file, line=line)

    def _add_parts(
        self, record: MessageRecord, element: dict[str, Any], mentions: Mentions
    ) -> list[str]:
        """Add optional parts; return a line for each file that is not available."""
        subtype = text_of(element.get("subtype"))
        edited = dict_of(element.get("edited"))
        profile = dict_of(element.get("bot_profile"))
        shown = decoded(
            text_of(element.get("username")) or text_of(profile.get("name"))
        )
        record.event = EVENTS.get(subtype, "")
        edited_at = _milliseconds(time_of(edited.get("ts")))
        if edited_at is not None and is_plausible_time(edited_at):
            record.edited_at = edited_at
        elif edited:
            self._report.count("messages without a readable time of editing")
        record.editor = self._directory.identity(text_of(edited.get("user"))) or None
        record.reactions = self._reactions(element)
        record.is_bot = subtype not in _ABOUT_BOTS and (
            bool(element.get("bot_id")) or "bot" in subtype
        )
        record.alias = self._report.shortened(shown) if record.is_bot else ""
        record.emoji = text_of(dict_of(element.get("icons")).get("emoji"))[:100]
        record.attachments = [
            self._attachment(one, mentions)
            for one in dicts_of(element.get("attachments"))
        ]
        record.files, gone = self._files.read(element)
        return gone

    def _text(
        self,
        element: dict[str, Any],
        record: MessageRecord,
        mentions: Mentions,
    ) -> str:
        event = record.event
        if event in _SILENT:
            return ""
        key = _SAID_BY.get(event, "text")
        if key in _REMOVABLE and element.get(key) == "":
            return ""
        raw = text_of(element.get(key)) or text_of(element.get("text"))
        if event == "message_pinned" and _PINNED.match(raw):
            return ""
        blocks = element.get("blocks")
        if blocks and (not raw or is_fallback(raw) or are_richer_than_text(blocks)):
            raw = flatten_blocks(blocks, self._note_unknown) or raw
        raw = raw or notice_text(element)
        if not event and (not raw or (record.attachments and is_fallback(raw))):
            return attachment_text(record.attachments or [])  # already converted
        text = self._converted(raw, mentions)
        return f"_{text}_" if element.get("subtype") == "me_message" else text

    def _converted(self, raw: str, mentions: Mentions) -> str:
        text, users, rooms = self._directory.convert(raw)
        mentions.users |= users
        mentions.rooms |= rooms
        return text

    def _attachment(
        self, attachment: dict[str, Any], mentions: Mentions
    ) -> dict[str, Any]:
        def convert(raw: str) -> str:
            return self._converted(raw, mentions)

        texts = raw_texts(attachment, self._note_unknown)
        converted = {key: convert(text) for key, text in texts.items()}
        return {**known_parts(attachment, convert), **converted}

    def _note_unknown(self, kind: str) -> None:
        self._report.warn(
            "importer-unknown-blocks",
            "Messages of apps contain unknown block types. Only their text is kept.",
            file=f"block {kind[:60]}",
        )

    def _thread(self, element: dict[str, Any], room: str, time: str) -> str | None:
        if "thread_ts" not in element:
            return None
        root = time_of(element["thread_ts"])
        if not root or root == time:
            return None
        if _TIME.fullmatch(root) is None:
            self._report.count("replies without a readable thread")
            return None
        return message_id(room, root)

    def _users_of_reactions(self, element: dict[str, Any]) -> Iterator[UserRecord]:
        """Yield placeholders for unknown users; count reactions without a user."""
        for reaction in dicts_of(element.get("reactions")):
            users = texts_of(reaction.get("users"))
            for user in users:
                identity = self._directory.identity(user)
                yield from self._directory.placeholder(identity, {}, self._report)
            count = number_of(reaction.get("count")) or 0
            if count > len(users):
                self._report.count("reactions without names", int(count) - len(users))

    def _reactions(self, element: dict[str, Any]) -> dict[str, list[str]]:
        """Return users by emoji; skin tones are ignored."""
        reactions: dict[str, dict[str, None]] = {}
        for reaction in dicts_of(element.get("reactions")):
            name = text_of(reaction.get("name")).partition("::")[0]
            if name and (users := reaction.get("users")):
                identities = map(self._directory.identity, texts_of(users))
                reactions.setdefault(f":{name}:", {}).update(dict.fromkeys(identities))
        return {emoji: list(users) for emoji, users in reactions.items() if users}


_SAME_TIME: Final = (
    "importer-same-time",
    "Different messages of a room have the same timestamp. All of them are imported.",
)


def not_an_object(element: Any) -> str:
    """Return the failure message of an element that is not a JSON object."""
    return (
        f'The record is "{excerpt_of(element)}", not a JSON object. Export the file'
        " again, or remove the record."
    )


def _unreadable_key(element: dict[str, Any]) -> str | None:
    """Return the key of an author or text that is neither a string nor missing."""
    for key in ("user", "text"):
        if not isinstance(element.get(key, ""), str) and element[key] is not None:
            return key
    return None


def _time_in(element: dict[str, Any]) -> str:
    """Return a message's time as the source has it."""
    time = element.get("ts")
    return text_of(time) or ("" if not time and time != 0 else str(time)[:_LONGEST_ID])


def _milliseconds(time: str) -> int | None:
    """Convert Slack's time, in seconds with fractions, to milliseconds since 1970."""
    match = _TIME.fullmatch(time)
    if match is None:
        return None
    seconds, fraction = match.groups("")
    return int(seconds + (fraction + "000")[:3])


def _bad(
    text: str, folder: str, code: str, message: str, *, is_left_out: bool = False
) -> BadRecord:
    return BadRecord(
        kind=Kind.MESSAGE,
        cells=("", "", text),
        code=code,
        message=message,
        folder=folder,
        is_left_out=is_left_out,
    )
