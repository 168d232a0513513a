"""Objects of a JSONL export (docs/export.schema.json).

Properties are named as in Rocket.Chat's API. IDs are the import IDs of users and rooms
if they exist, so that they stay the same after an import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from imports_app.exporters.losses import Loss, Losses
from imports_app.exporters.records import (
    ExportedFile,
    ExportedMessage,
    ExportedRoom,
    ExportedUser,
)
from imports_app.records import RoomType

FORMAT: Final = "import-server-export"
VERSION: Final = 1
_DEFAULT_ROLE: Final = "user"
"""Role that every imported user gets, except guests."""
_NEVER_OMITTED: Final = frozenset({"active", "size"})

Attach = Callable[[ExportedFile], dict[str, Any]]
"""Function that writes a file and returns the properties that locate its content."""


def header(workspace: str) -> dict[str, Any]:
    """Return the first object of an export."""
    return {
        "kind": "header",
        "format": FORMAT,
        "version": VERSION,
        "workspace": workspace,
    }


class Documents:
    """Objects of users, rooms and messages. Users come first.

    Args:
        losses: Counters of content that is not included.
        attach: Writes a file.
    """

    def __init__(self, losses: Losses, attach: Attach) -> None:
        self._losses = losses
        self._attach = attach
        self._ids: dict[str, str] = {}
        """IDs in the export, by ID of the user here."""
        self._names: dict[str, str] = {}
        """Usernames, by ID in the export."""
        self._by_name: dict[str, str] = {}
        """IDs in the export, by username."""

    def user(self, user: ExportedUser) -> dict[str, Any]:
        """Return a user. Users without a name get one, as in imports."""
        import_ids = user.import_ids or (user.id,)
        key = import_ids[0]
        self._ids[user.id] = key
        self._names[key] = user.username
        self._by_name[user.username] = key
        return _without_empty(
            {
                "kind": "user",
                "id": key,
                "importIds": import_ids,
                "username": user.username,
                "name": user.name or user.username,
                "type": "bot" if user.is_bot else "user",
                "active": user.is_active,
                "emails": [{"address": address} for address in user.emails],
                "roles": [role for role in user.roles if role != _DEFAULT_ROLE],
                "statusText": user.status_text,
                "bio": user.bio,
                "utcOffset": user.utc_offset,
                "avatar": user.avatar and self._avatar(user.avatar),
            }
        )

    def room(self, room: ExportedRoom) -> dict[str, Any]:
        """Return a room with sorted members, because their order has no meaning."""
        import_ids = room.import_ids or (room.id,)
        members = {self._ids[key] for key in room.members if key in self._ids}
        creator = self._ids.get(room.creator or "")
        return _without_empty(
            {
                "kind": "room",
                "id": import_ids[0],
                "importIds": import_ids,
                "t": room.type.value,
                "name": "" if room.type is RoomType.DIRECT else room.name,
                "ts": _iso(room.created_at),
                "u": creator and {"id": creator},
                "uids": sorted(members),
                "topic": room.topic,
                "description": room.description,
                "archived": room.is_archived,
            }
        )

    def message(self, message: ExportedMessage, room: str) -> dict[str, Any] | None:
        """Return a message; `None` if its author is not in the export.

        Args:
            message: The message.
            room: ID of the room in the export.
        """
        author = self._ids.get(message.author)
        if author is None:
            self._losses.count(Loss.UNKNOWN_AUTHORS)
            return None
        document: dict[str, Any] = {
            "kind": "message",
            "id": message.import_id,
            "rid": room,
            "u": {"id": author},
            "ts": _iso(message.sent_at),
            "msg": message.text,
        }
        if message.event:
            document["t"] = message.event
        if message.thread is not None:
            document["tmid"] = message.thread
        if message.edited_at is not None:
            document["editedAt"] = _iso(message.edited_at)
        if message.extras:
            document |= self._extras(message.extras)
        if message.files:
            document["files"] = [self._file(file) for file in message.files]
        return document

    def _extras(self, extras: dict[str, Any]) -> dict[str, Any]:
        editor = next(iter(self._known(filter(None, [extras.get("editor")]))), None)
        return _without_empty(
            {
                "tshow": bool(extras.get("broadcast")),
                "editedBy": editor and {"id": editor},
                "alias": extras.get("alias"),
                "emoji": extras.get("emoji"),
                "bot": bool(extras.get("bot")),
                "mentions": [
                    {"id": key, "username": self._names[key]}
                    for key in self._known(extras.get("mentions") or ())
                ],
                "reactions": self._reactions(extras.get("reactions") or {}),
                "attachments": extras.get("attachments"),
            }
        )

    def _known(self, keys: Iterable[str]) -> list[str]:
        """Return the IDs in the export of users, without unknown users."""
        found = [self._ids.get(key) for key in keys]
        self._losses.count(Loss.UNKNOWN_REFERENCES, found.count(None))
        return [key for key in found if key is not None]

    def _reactions(self, reactions: dict[str, list[str]]) -> dict[str, Any]:
        found = {}
        for emoji, names in reactions.items():
            known = [self._by_name[name] for name in names if name in self._by_name]
            self._losses.count(Loss.REACTIONS_OF_OTHERS, len(names) - len(known))
            if known:
                found[emoji] = {"userIds": known}
        return found

    def _file(self, file: ExportedFile) -> dict[str, Any]:
        return {
            "id": file.source_id,
            **_without_empty(
                {"name": file.name, "type": file.content_type, "size": file.size}
            ),
            **self._attach(file),
        }

    def _avatar(self, file: ExportedFile) -> dict[str, Any] | None:
        return self._attach(file) or None


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    """Return an object without properties that have their default value."""
    return {
        name: value
        for name, value in document.items()
        if value or (name in _NEVER_OMITTED and value is not None)
    }


def _iso(moment: datetime) -> str:
    """Return a time in UTC with milliseconds, as in Rocket.Chat's API."""
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"
