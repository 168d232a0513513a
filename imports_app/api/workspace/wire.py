"""Rocket.Chat's documents of rooms, members, messages and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from config.api.wire import JSONDict, drop_none, iso_ms
from imports_app.models import FileState
from imports_app.sources.json_streams import dict_of, dicts_of, text_of, texts_of

if TYPE_CHECKING:
    from accounts.models import User
    from imports_app.models import RoomMember

_ATTACHMENT: Final = (
    *("title", "title_link", "text", "pretext", "fallback", "color"),
    *("author_name", "author_link", "author_icon", "image_url", "thumb_url"),
    *("footer", "footer_icon", "service_name"),
)
"""Texts of an attachment in its source that Rocket.Chat has as well."""


def membership(room: Any, user: User) -> JSONDict:
    """Return a room as users.info lists it for one of its members.

    Args:
        room: The room, read `with_details` and `with_ownership`.
        user: The member. Direct messages have the names of the others.
    """
    people = room.people or []
    others = [name or key for key, name, _name in people if key != user.public_id]
    return drop_none(
        {
            "rid": room.public_id,
            "name": room.name or ", ".join(others) or str(user),
            "fname": room.display_name or None,
            "t": room.type,
            "roles": ["owner"] if room.is_owned else None,
            "unread": 0,
        }
    )


def room(room: Any) -> JSONDict:
    """Return a room.

    Args:
        room: The room, read `with_details`.
    """
    is_direct = room.people is not None
    people = room.people or []
    last = room.last_message_at
    return drop_none(
        {
            "_id": room.public_id,
            "name": room.name,
            "fname": None if is_direct else room.display_name or room.name,
            "t": room.type,
            "msgs": room.message_count,
            "usersCount": room.user_count,
            "u": room.creator and _person(room.creator),
            "uids": [key for key, *_names in people] if is_direct else None,
            "usernames": [name or key for key, name, _name in people]
            if is_direct
            else None,
            "ts": iso_ms(room.created_at),
            "lm": last and iso_ms(last),
            "topic": room.topic or None,
            "description": room.description or None,
            "archived": room.is_archived or None,
            "ro": False,
            "sysMes": True,
            "default": False,
            "broadcast": False,
            "encrypted": False,
            "customFields": {},
            "_updatedAt": iso_ms(max(last or room.created_at, room.created_at)),
        }
    )


def member(member: RoomMember) -> JSONDict:
    """Return a member of a room."""
    user = member.user
    return drop_none(
        {
            **_person(user),
            "status": "offline",
            "statusText": user.status_text or None,
            "roles": ["owner"] if member.is_owner else None,
            "active": user.is_active,
            "_updatedAt": iso_ms(user.updated_at),
        }
    )


def message(message: Any) -> JSONDict:
    """Return a message.

    Args:
        message: The message, read `with_parts`.
    """
    extras = dict_of(message.extras)
    edited = message.edited_at
    files = [MessageFileParts(*row) for row in message.attached]
    attachments = [
        *(_attachment(part) for part in dicts_of(extras.get("attachments"))),
        *(file.attachment for file in files),
    ]
    has_replies = bool(message.reply_count)
    return drop_none(
        {
            "_id": message.import_id,
            "rid": message.room.public_id,
            "t": message.event or None,
            "msg": message.text,
            "ts": iso_ms(message.sent_at),
            "u": _author(message),
            "mentions": [{**_named(*row), "type": "user"} for row in message.mentioned],
            "tmid": message.thread if message.is_reply else None,
            "tshow": True if message.is_reply and extras.get("broadcast") else None,
            "tcount": message.reply_count if has_replies else None,
            "tlm": iso_ms(message.last_reply_at) if has_replies else None,
            "replies": [key for (key,) in message.repliers] if has_replies else None,
            "alias": text_of(extras.get("alias")) or None,
            "emoji": text_of(extras.get("emoji")) or None,
            "bot": True if extras.get("bot") else None,
            "editedAt": edited and iso_ms(edited),
            "editedBy": _editor(message, extras),
            "reactions": {
                emoji: {"usernames": texts_of(users)}
                for emoji, users in dict_of(extras.get("reactions")).items()
            }
            or None,
            "attachments": attachments or None,
            "file": files[0].document if files else None,
            "files": [file.document for file in files] or None,
            "_updatedAt": iso_ms(max(message.sent_at, edited or message.sent_at)),
        }
    )


def file(file: Any) -> JSONDict:
    """Return a file of a room.

    Args:
        file: The file, read `with_authors`.
    """
    [person] = file.people or [(None, None, None)]
    user = _named(*person) if person[0] else None
    path = file_path(file.pk) if file.state == FileState.STORED else None
    sent = iso_ms(file.sent_at)
    return drop_none(
        {
            "_id": str(file.pk),
            "name": file.name,
            "size": file.size,
            "type": file.content_type or None,
            "typeGroup": file.content_type.partition("/")[0] or None,
            "rid": file.room.public_id,
            "userId": person[0],
            "user": user,
            "complete": file.state == FileState.STORED,
            "uploadedAt": sent,
            "path": path,
            "url": path,
            "_updatedAt": sent,
        }
    )


def file_path(pk: int) -> str:
    """Return the path of a file's content, which needs the authentication headers."""
    return f"/api/v1/file-upload/{pk}"


class MessageFileParts(NamedTuple):
    """File of a message, as the message is read with it."""

    pk: int
    name: str
    content_type: str
    size: int | None
    state: str

    @property
    def document(self) -> JSONDict:
        """The file in the message."""
        return drop_none(
            {
                "_id": str(self.pk),
                "name": self.name,
                "type": self.content_type,
                "format": self.name.rpartition(".")[2] if "." in self.name else "",
                "size": self.size,
            }
        )

    @property
    def attachment(self) -> JSONDict:
        """The attachment that shows the file, with a link if it is stored."""
        attachment: JSONDict = {"type": "file", "title": self.name}
        if self.state != FileState.STORED:
            return attachment
        path = file_path(self.pk)
        attachment |= {"title_link": path, "title_link_download": True}
        if self.content_type.startswith("image/"):
            attachment |= {"image_url": path, "image_type": self.content_type}
        return attachment


def _author(message: Any) -> JSONDict:
    """Return the author, also of a deleted account: only its ID is known."""
    if message.author is not None:
        return _person(message.author)
    return {"_id": message.author_id or "", "username": message.author_id or ""}


def _named(public_id: str, username: str | None, name: str | None) -> JSONDict:
    return drop_none(
        {"_id": public_id, "username": username or public_id, "name": name or None}
    )


def _editor(message: Any, extras: JSONDict) -> JSONDict | None:
    key = text_of(extras.get("editor"))
    if not key:
        return None
    return {"_id": key, "username": message.editor_name or key}


def _attachment(part: JSONDict) -> JSONDict:
    """Return an attachment of the source without what Rocket.Chat does not have."""
    fields = [
        {
            "title": text_of(field.get("title")),
            "value": text_of(field.get("value")),
            "short": bool(field.get("short")),
        }
        for field in dicts_of(part.get("fields"))
    ]
    texts = {key: text_of(part.get(key)) or None for key in _ATTACHMENT}
    return drop_none({**texts, "fields": fields or None})


def _person(user: User) -> JSONDict:
    """Return a user as rooms and messages name them."""
    return _named(user.public_id, user.username, user.name)
