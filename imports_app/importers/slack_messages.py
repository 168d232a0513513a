"""Messages of a Slack export become records (importers.md 3.3 to 3.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from imports_app.importers.base import Report
from imports_app.importers.slack_blocks import (
    CONVERTED,
    attachment_text,
    flatten_blocks,
    known_parts,
)
from imports_app.importers.slack_people import Directory
from imports_app.importers.slack_sorts import EVENTS, reason_to_leave_out
from imports_app.importers.slack_text import convert_text
from imports_app.records import (
    AttachedFile,
    BadRecord,
    Kind,
    MessageRecord,
    UserRecord,
)
from imports_app.sources.json_values import (
    dict_of,
    dicts_of,
    number_of,
    text_of,
    texts_of,
)

_TIME: Final = re.compile(r"\d{1,12}(\.\d{1,9})?")
_SAID_BY: Final = {
    "room_changed_description": "purpose",
    "room_changed_topic": "topic",
    "r": "name",
}
"""The key that holds what an event says."""
_SILENT: Final = frozenset({"uj", "ul", "room-archived", "room-unarchived"})
_USUAL: Final = frozenset(
    {
        *("type", "user", "text", "ts", "client_msg_id", "team", "user_team"),
        *("source_team", "user_profile", "blocks", "thread_ts", "parent_user_id"),
        *("reply_count", "reply_users_count", "reply_users", "replies"),
        *("latest_reply", "is_locked", "subscribed", "last_read"),
    }
)
"""The keys of a message that has an author, a time, a text and a thread, no more."""
_NO_BYTES: Final = frozenset({"tombstone", "hidden_by_limit"})
_LONGEST_ID: Final = 255


def message_id(room: str, time: str) -> str:
    """Return a message's import id; it is the same in every export."""
    return f"slack-{room}-{time.replace('.', '-')}"


class MessageReader:
    """Reads the messages of rooms, one element of a day's file at a time.

    Args:
        directory: Who and what the ids stand for.
        uploads: Names of the archive's entries by file id, where a tool has put the
            files' bytes into the export.
        report: Where to note what does not come over.
    """

    def __init__(
        self, directory: Directory, uploads: dict[str, str], report: Report
    ) -> None:
        self._directory = directory
        self._uploads = uploads
        self._report = report

    def read(
        self, element: Any, room: str, folder: str
    ) -> Iterator[MessageRecord | UserRecord | BadRecord]:
        """Yield the message, behind people whom nothing has described so far."""
        if not isinstance(element, dict):
            yield _bad(
                str(element)[:200],
                folder,
                "importer-message-malformed",
                "It is no object: export it again, or take it out of the file.",
            )
            return
        self._report.count("messages")
        if reason := reason_to_leave_out(element, self._report):
            yield _bad(
                text_of(element.get("text"))[:200],
                folder,
                "importer-message-left-out",
                reason,
                is_left_out=True,
            )
            return
        author, people = self._directory.author_of(element, self._report)
        yield from people
        yield self._message(element, room, author)

    def _message(
        self, element: dict[str, Any], room: str, author: str
    ) -> MessageRecord:
        raw_time = text_of(element.get("ts"))
        sent_at = _milliseconds(raw_time)
        record = MessageRecord(
            import_id=message_id(room, raw_time[:_LONGEST_ID]),
            room=room,
            author=author,
            text="",
            sent_at=sent_at,
            raw_time=raw_time if sent_at is None else "",
            thread=self._thread(element, room, raw_time),
        )
        mentions: dict[str, str] = {}
        if not element.keys() <= _USUAL:
            self._add_parts(record, element, mentions)
        record.text = self._text(element, record, mentions)
        if mentions:
            record.mentions = {
                self._directory.identity(key): name for key, name in mentions.items()
            }
        return record

    def _add_parts(
        self, record: MessageRecord, element: dict[str, Any], mentions: dict[str, str]
    ) -> None:
        """Add what only some messages have."""
        subtype = text_of(element.get("subtype"))
        edited = dict_of(element.get("edited"))
        profile = dict_of(element.get("bot_profile"))
        shown = text_of(element.get("username")) or text_of(profile.get("name"))
        record.event = EVENTS.get(subtype, "")
        record.edited_at = _milliseconds(text_of(edited.get("ts")))
        record.editor = self._directory.identity(text_of(edited.get("user"))) or None
        record.reactions = self._reactions(element)
        record.is_bot = bool(element.get("bot_id")) or "bot" in subtype
        record.alias = shown[:_LONGEST_ID] if record.is_bot else ""
        record.emoji = text_of(dict_of(element.get("icons")).get("emoji"))[:100]
        record.attachments = [
            self._attachment(one, mentions)
            for one in dicts_of(element.get("attachments"))
        ]
        record.files = self._files(element)

    def _text(
        self,
        element: dict[str, Any],
        record: MessageRecord,
        mentions: dict[str, str],
    ) -> str:
        event = record.event
        if event in _SILENT:
            return ""
        raw = text_of(element.get(_SAID_BY.get(event, "text")))
        raw = raw or text_of(element.get("text"))
        if not raw:
            raw = flatten_blocks(element.get("blocks"))
        if not raw and not event:
            return attachment_text(
                record.attachments or []
            )  # these are converted already
        text = self._converted(raw, mentions)
        return f"_{text}_" if element.get("subtype") == "me_message" else text

    def _converted(self, raw: str, mentions: dict[str, str]) -> str:
        text, found = convert_text(
            raw,
            user_name=self._directory.user_name,
            room_name=self._directory.room_name,
        )
        mentions |= found
        return text

    def _attachment(
        self, attachment: dict[str, Any], mentions: dict[str, str]
    ) -> dict[str, Any]:
        texts = {
            key: self._converted(text, mentions)
            for key in CONVERTED
            if (text := text_of(attachment.get(key)))
        }
        return {**known_parts(attachment), **texts}

    def _thread(self, element: dict[str, Any], room: str, time: str) -> str | None:
        root = text_of(element.get("thread_ts"))
        if not root or root == time or _TIME.fullmatch(root) is None:
            return None
        return message_id(room, root)

    def _reactions(self, element: dict[str, Any]) -> dict[str, list[str]]:
        """Return who reacted with what; a tone of skin makes no difference."""
        reactions: dict[str, dict[str, None]] = {}
        for reaction in dicts_of(element.get("reactions")):
            name = text_of(reaction.get("name")).partition("::")[0]
            if name and (users := reaction.get("users")):
                identities = map(self._directory.identity, texts_of(users))
                reactions.setdefault(f":{name}:", {}).update(dict.fromkeys(identities))
        return {emoji: list(users) for emoji, users in reactions.items() if users}

    def _files(self, element: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the files whose bytes can still be had."""
        old = element.get("file")
        wanted = dicts_of(element.get("files")) or dicts_of([old])
        files = {}
        for file in wanted:
            identity = text_of(file.get("id"))[:_LONGEST_ID]
            entry = self._uploads.get(identity, "")
            url = text_of(file.get("url_private_download")) or text_of(
                file.get("url_private")
            )
            is_gone = text_of(file.get("mode")) in _NO_BYTES or not url
            if not identity or (is_gone and not entry):
                self._report.count("files that Slack does not have any more")
                self._report.warn(*_FILES_ARE_GONE)
                continue
            is_link = not entry and bool(file.get("is_external"))
            self._report.count(_FILE_FACTS[is_link, bool(entry)])
            if not (is_link or entry):
                self._report.warn(*_FILES_ARE_LINKS)
            size = number_of(file.get("size"))
            files[identity] = AttachedFile(
                id=identity,
                name=(text_of(file.get("name")) or text_of(file.get("title")))[:255],
                url=url,
                entry=entry,
                content_type=text_of(file.get("mimetype"))[:255],
                size=None if size is None or size < 0 else int(size),
                is_link=is_link,
            )
        return [
            {key: value for key, value in asdict(file).items() if value}
            for file in files.values()
        ]


_FILES_ARE_LINKS: Final = (
    "importer-files-are-links",
    "The export holds links to files, not the files: once the messages are in, have the"
    " pending files downloaded, before the export's token expires.",
)
_FILES_ARE_GONE: Final = (
    "importer-files-are-gone",
    "Files that were deleted, or that Slack's free plan hides, stay behind: the export"
    " has no address for them.",
)
_FILE_FACTS: Final = {
    (False, False): "files to download",
    (False, True): "files in the archive",
    (True, False): "links to files elsewhere",
}


def _milliseconds(time: str) -> int | None:
    """Return Slack's time, in seconds with fractions, in milliseconds since 1970."""
    if _TIME.fullmatch(time) is None:
        return None
    seconds, _dot, fraction = time.partition(".")
    return int(f"{seconds}{fraction:0<3.3}")


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
