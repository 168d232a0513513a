"""Records that can be selected (wire-api.md 2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.api.wire import JSONDict
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind, RoomType
from imports_app.selection.rules import DIRECT_MESSAGES


def selection(operation: ImportOperation, importer_name: str) -> JSONDict:
    """Return the staged users, rooms and contacts."""
    rooms = list(_data(operation, Kind.CHANNEL))
    channels = [_channel(room) for room in rooms if room["type"] != RoomType.DIRECT]
    if len(channels) < len(rooms):
        channels.append(_DIRECT)
    return {
        "name": importer_name,
        "users": [_user(user) for user in _data(operation, Kind.USER)],
        "channels": channels,
        "contacts": [_contact(contact) for contact in _data(operation, Kind.CONTACT)],
        "message_count": _readable(operation, Kind.MESSAGE).count(),
    }


def _readable(operation: ImportOperation, kind: Kind) -> Any:
    staged = ImportRecord.objects.of_kind(operation.pk, kind)
    return staged.filter(is_unreadable=False)


def _data(operation: ImportOperation, kind: Kind) -> Iterator[dict[str, Any]]:
    rows = _readable(operation, kind).values_list("data", flat=True)
    yield from rows.iterator()


def _user(data: dict[str, Any]) -> JSONDict:
    emails = data.get("emails")
    return {
        "user_id": data["import_ids"][0],
        "username": data.get("username") or "",
        **({"email": emails[0]} if emails else {}),
        "is_deleted": bool(data.get("is_deleted")),
        "is_bot": bool(data.get("is_bot")),
        "do_import": True,
        "is_email_taken": False,
    }


def _channel(data: dict[str, Any]) -> JSONDict:
    return {
        "channel_id": data["import_ids"][0],
        "name": data.get("name") or "",
        "is_archived": bool(data.get("is_archived")),
        "do_import": True,
        "is_private": data["type"] == RoomType.PRIVATE,
        "is_direct": False,
    }


_DIRECT: JSONDict = {
    "channel_id": DIRECT_MESSAGES,
    "name": "Direct Messages",
    "is_archived": False,
    "do_import": True,
    "is_private": True,
    "is_direct": True,
}


def _contact(data: dict[str, Any]) -> JSONDict:
    return {
        "id": data["import_ids"][0],
        "name": data.get("name") or "",
        "emails": data.get("emails", []),
        "phones": data.get("phones", []),
        "do_import": True,
    }
