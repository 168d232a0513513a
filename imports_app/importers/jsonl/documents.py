"""Records from the objects of a JSONL export (docs/export.schema.json)."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from imports_app.importers.base import Report
from imports_app.importers.years import is_plausible_time
from imports_app.records import (
    AttachedFile,
    ChannelRecord,
    MessageRecord,
    RoomType,
    UserRecord,
)
from imports_app.sources.json_streams import (
    dict_of,
    dicts_of,
    number_of,
    text_of,
    texts_of,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_EVENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_CONTENT: Final = re.compile(r"files/[0-9a-f]{64}")
_WEB: Final = ("http://", "https://")
_LONGEST: Final = 255
_LONGEST_EMOJI: Final = 100
_LONGEST_URL: Final = 2_000
_GUEST: Final = "guest"
_USER: Final = "user"
_ATTACHMENT: Final = frozenset(
    {
        *("author_name", "author_link", "author_icon", "color", "from_url"),
        *("image_url", "thumb_url", "title_link", "service_name", "title"),
        *("pretext", "text", "fallback", "footer", "footer_icon"),
    }
)
"""Texts of an attachment."""
_FIELDS: Final = tuple(field.name for field in fields(AttachedFile))
_TYPES: Final = {kind.value: kind for kind in RoomType}


class Documents:
    """Reader of objects.

    Args:
        contents: Names of the files in the archive.
        report: Receives counts.
    """

    def __init__(self, contents: Container[str], report: Report) -> None:
        self._contents = contents
        self._report = report

    def user(self, document: dict[str, Any]) -> UserRecord | None:
        """Return a user; `None` if the object has no ID."""
        import_ids = _ids_of(document)
        if not import_ids:
            return None
        roles = texts_of(document.get("roles"))
        is_guest = _GUEST in roles and _USER not in roles
        avatar = dict_of(document.get("avatar"))
        is_bot = document.get("type") == "bot"
        is_active = document.get("active")
        offset = number_of(document.get("utcOffset"))
        self._report.count("bots" if is_bot else "users")
        return UserRecord(
            import_ids=import_ids,
            username=text_of(document.get("username")) or None,
            emails=tuple(
                address
                for one in dicts_of(document.get("emails"))
                if (address := text_of(one.get("address")))
            ),
            name=text_of(document.get("name"))[:_LONGEST] or None,
            is_bot=is_bot,
            is_guest=is_guest,
            is_deleted=not is_active if isinstance(is_active, bool) else None,
            roles=tuple(role for role in roles if role != _GUEST or not is_guest),
            avatar_url=_web_url(avatar.get("url")) or None,
            avatar_entry=self._entry(avatar.get("entry")),
            utc_offset=offset if offset is not None and abs(offset) <= 24 else None,
            status_text=text_of(document.get("statusText"))[:_LONGEST] or None,
            bio=text_of(document.get("bio")) or None,
        )

    def room(self, document: dict[str, Any]) -> ChannelRecord | None:
        """Return a room; `None` if the object has no ID or no valid type."""
        import_ids = _ids_of(document)
        kind = _TYPES.get(text_of(document.get("t")))
        if not import_ids or kind is None:
            return None
        self._report.count(_COUNTED[kind])
        created_at = _milliseconds(document.get("ts"))
        if created_at is None:
            self._report.count("rooms without a readable creation time")
        return ChannelRecord(
            import_ids=import_ids,
            type=kind,
            name=text_of(document.get("name")) or None,
            creator=_id_in(document.get("u")) or None,
            members=tuple(texts_of(document.get("uids"))),
            topic=text_of(document.get("topic")) or None,
            description=text_of(document.get("description")) or None,
            created_at=created_at,
            is_archived=document.get("archived") is True,
        )

    def message(self, document: dict[str, Any]) -> MessageRecord | None:
        """Return a message; `None` if the object has no ID, room, author or text."""
        key, room = text_of(document.get("id")), text_of(document.get("rid"))
        author, text = _id_in(document.get("u")), document.get("msg")
        is_complete = key and room and author and isinstance(text, str)
        if not is_complete or len(key) > _LONGEST:
            return None
        self._report.count("messages")
        sent_at = _milliseconds(document.get("ts"))
        record = MessageRecord(
            import_id=key,
            room=room,
            author=author,
            text=text_of(text),
            sent_at=sent_at,
            raw_time=text_of(document.get("ts"))[:_LONGEST] if sent_at is None else "",
        )
        if not document.keys() <= _PLAIN:
            self._add_parts(record, document)
        return record

    def _add_parts(self, record: MessageRecord, document: dict[str, Any]) -> None:
        event = text_of(document.get("t"))
        record.event = event if _EVENT.fullmatch(event) else ""
        record.thread = text_of(document.get("tmid"))[:_LONGEST] or None
        record.is_broadcast = document.get("tshow") is True
        record.edited_at = _milliseconds(document.get("editedAt"))
        if record.edited_at is None and "editedAt" in document:
            self._report.count("messages without a readable time of editing")
        record.editor = _id_in(document.get("editedBy")) or None
        record.alias = self._report.shortened(text_of(document.get("alias")))
        record.emoji = text_of(document.get("emoji"))[:_LONGEST_EMOJI]
        record.is_bot = document.get("bot") is True
        record.mentions = {
            key: text_of(one.get("username"))
            for one in dicts_of(document.get("mentions"))
            if (key := text_of(one.get("id")))
        } or None
        record.reactions = {
            text_of(emoji)[:_LONGEST_EMOJI]: users
            for emoji, reaction in dict_of(document.get("reactions")).items()
            if emoji and (users := texts_of(dict_of(reaction).get("userIds")))
        } or None
        attachments = map(_attachment, dicts_of(document.get("attachments")))
        record.attachments = list(attachments) or None
        files = {
            file.id: file
            for one in dicts_of(document.get("files"))
            if (file := self._file(one)) is not None
        }
        record.files = [
            {name: value for name in _FIELDS if (value := getattr(file, name))}
            for file in files.values()
        ] or None

    def _file(self, file: dict[str, Any]) -> AttachedFile | None:
        key = text_of(file.get("id"))[:_LONGEST]
        if not key:
            return None
        entry, url = self._entry(file.get("entry")), _web_url(file.get("url"))
        is_link = bool(url) and not entry and file.get("isLink") is True
        self._report.count(_FILE_FACTS[is_link, bool(entry)])
        size = number_of(file.get("size"))
        return AttachedFile(
            id=key,
            name=self._report.shortened(text_of(file.get("name"))),
            url=url,
            entry=entry,
            content_type=text_of(file.get("type"))[:_LONGEST],
            size=None if size is None or size < 0 else int(size),
            is_link=is_link,
        )

    def _entry(self, value: Any) -> str:
        """Return the name of a file in the archive, or an empty text."""
        name = text_of(value)
        is_content = _CONTENT.fullmatch(name) is not None and name in self._contents
        return name if is_content else ""


_COUNTED: Final = {
    RoomType.PUBLIC: "public channels",
    RoomType.PRIVATE: "private channels",
    RoomType.DIRECT: "direct messages",
}
_FILE_FACTS: Final = {
    (False, False): "files to download",
    (False, True): "files in the archive",
    (True, False): "links to files elsewhere",
}
_PLAIN: Final = frozenset({"kind", "id", "rid", "u", "ts", "msg"})
"""Properties of a message that has only author, time and text."""


def _ids_of(document: dict[str, Any]) -> tuple[str, ...]:
    """Return the ID of a user or room, and its other import IDs."""
    key = text_of(document.get("id"))
    ids = (key, *texts_of(document.get("importIds")))
    return tuple(dict.fromkeys(ids)) if key else ()


def _id_in(value: Any) -> str:
    return text_of(dict_of(value).get("id"))


def _milliseconds(value: Any) -> int | None:
    """Convert a time in ISO 8601 with an offset; `None` if it is not plausible."""
    try:
        milliseconds = (datetime.fromisoformat(value) - _EPOCH) // _MILLISECOND
    except (TypeError, ValueError, OverflowError):
        return None
    return milliseconds if is_plausible_time(milliseconds) else None


def _web_url(value: Any) -> str:
    """Return a URL of the web, or an empty text."""
    url = text_of(value)
    is_web = url.lower().startswith(_WEB) and len(url) <= _LONGEST_URL
    return url if is_web else ""


def _attachment(part: dict[str, Any]) -> dict[str, Any]:
    """Return the known parts of an attachment, in the same order."""
    kept: dict[str, Any] = {}
    for key, value in part.items():
        if key in _ATTACHMENT and text_of(value):
            kept[key] = text_of(value)
        elif key == "fields":
            kept[key] = [
                {
                    name: text_of(field[name])
                    for name in ("title", "value")
                    if name in field
                }
                for field in dicts_of(value)
            ]
    return kept
