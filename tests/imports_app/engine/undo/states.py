"""Complete content of the tables that imports write, with keys."""

from __future__ import annotations

from typing import Any, TypeAlias

from django.db import connection

from accounts.models import EmailAddress, ImportId, User
from imports_app.models import (
    Message,
    MessageFile,
    Room,
    RoomImportId,
    RoomMember,
    SourceWorkspace,
)

State: TypeAlias = dict[str, list[tuple[Any, ...]]]
_MODELS: tuple[Any, ...] = (
    *(User, User.roles.through, EmailAddress, ImportId),
    *(Room, RoomImportId, RoomMember, Message, MessageFile, SourceWorkspace),
)


def database_state() -> State:
    """Return every row with every column, as the driver returns it, by table."""
    state: State = {}
    with connection.cursor() as cursor:
        for model in _MODELS:
            table = model._meta.db_table
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - our tables
            state[table] = cursor.fetchall()
    return state


def workspace() -> dict[str, list[str]]:
    """Return the content of the tables without keys and times of the server.

    Two ways to import the same lead to the same content. Messages are in the order of
    conversations.
    """
    names = {
        **{one.public_id: f"user {one.username}" for one in User.objects.all()},
        **{one.public_id: f"room {one}" for one in Room.objects.all()},
    }
    users = [
        *("username", "name", "kind", "is_active", "bio", "status_text"),
        *("utc_offset", "pending_avatar_url", "roles__public_id"),
    ]
    room, user = ("room__type", "room__name", "room__display_name"), "user__username"
    message = (*room, "author", "import_id", "sent_at", "text", "event", "thread")
    tables = {
        "users": User.objects.values_list(*users),
        "addresses": EmailAddress.objects.values_list(user, "address"),
        "import ids": ImportId.objects.values_list(user, "value"),
        "rooms": Room.objects.values_list(
            *("type", "name", "display_name", "topic", "description", "is_archived"),
            *("message_count", "last_message_at", "creator__username"),
        ),
        "room ids": RoomImportId.objects.values_list(*room, "value"),
        "members": RoomMember.objects.values_list(*room, user, "is_owner"),
        "messages": Message.objects.values_list(*message, "edited_at", "extras"),
        "files": MessageFile.objects.values_list(
            *(*room, "message_import_id", "source_id", "name", "url", "state")
        ),
    }
    found = {name: list(map(repr, rows.order_by())) for name, rows in tables.items()}
    found["messages"] = list(
        map(repr, tables["messages"].order_by(*room, "sent_at", "id"))
    )
    for name, rows in found.items():
        for public_id, label in names.items():
            rows = [row.replace(public_id, label) for row in rows]
        found[name] = rows if name == "messages" else sorted(rows)
    return found
