"""Complete content of the tables that imports write, with keys."""

from __future__ import annotations

from typing import Any

from accounts.models import EmailAddress, ImportId, User
from imports_app.models import (
    Message,
    MessageFile,
    Room,
    RoomImportId,
    RoomMember,
    SourceWorkspace,
)

_TABLES: tuple[Any, ...] = (
    *(User, User.roles.through, EmailAddress, ImportId),
    *(Room, RoomImportId, RoomMember, Message, MessageFile, SourceWorkspace),
)


def database_state() -> dict[str, list[dict[str, Any]]]:
    """Return every row with every column, by table."""
    return {
        model._meta.db_table: list(model.objects.order_by("pk").values())
        for model in _TABLES
    }
