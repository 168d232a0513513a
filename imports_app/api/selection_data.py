"""Records that can be selected (wire-api.md 2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final

import orjson
from django.db.models import F

from config.api.wire import JSONDict
from imports_app.models import ImportOperation, ImportRecord
from imports_app.querysets.records import ImportRecordQuerySet
from imports_app.records import Kind, RoomType
from imports_app.selection.rules import DIRECT_MESSAGES

_PAGE: Final = 1_000


def selection(operation: ImportOperation, importer_name: str) -> dict[str, Any]:
    """Return the staged users, rooms and contacts, ready for orjson."""
    rooms = _data(operation, Kind.CHANNEL)
    directs = _readable(operation, Kind.CHANNEL).filter(data__type=RoomType.DIRECT)
    channels = (_channel(room) for room in rooms if room["type"] != RoomType.DIRECT)
    return {
        "name": importer_name,
        "users": _encoded(map(_user, _data(operation, Kind.USER))),
        "channels": _encoded(chain(channels, [_DIRECT] if directs.exists() else [])),
        "contacts": _encoded(map(_contact, _data(operation, Kind.CONTACT))),
        "message_count": _message_count(operation),
    }


def _message_count(operation: ImportOperation) -> int:
    """Return the number of readable messages."""
    counts = operation.kind_counts.filter(kind=Kind.MESSAGE)
    readable = F("staged") - F("unreadable") - F("omitted")
    return counts.values_list(readable, flat=True).first() or 0


def _encoded(items: Iterator[JSONDict]) -> orjson.Fragment:
    """Return an array as JSON; a source can have hundreds of thousands of users."""
    parts = []
    while page := list(islice(items, _PAGE)):
        parts.append(orjson.dumps(page)[1:-1])
    return orjson.Fragment(b"[" + b",".join(parts) + b"]")


def _readable(operation: ImportOperation, kind: Kind) -> ImportRecordQuerySet:
    staged = ImportRecord.objects.of_kind(operation.pk, kind)
    return staged.filter(is_unreadable=False)


def _data(operation: ImportOperation, kind: Kind) -> Iterator[dict[str, Any]]:
    rows = _readable(operation, kind).as_texts()
    for _pk, _import_id, text in rows.iterator(chunk_size=_PAGE):
        yield orjson.loads(text)


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
