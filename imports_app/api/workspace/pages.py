"""Pages of messages that begin at stored positions."""

from __future__ import annotations

from typing import Any, Final

from config.api.input.offsets import page_size
from imports_app.models import Message
from imports_app.querysets.reading.positions import Anchor
from imports_app.querysets.workspace import MessageQuerySet

NUMBER: Final = "number"
SHOWN: Final = "shown"
"""Columns of positions: of all messages, and without hidden replies."""


def read_page(
    room: Any,
    messages: MessageQuerySet,
    *,
    column: str,
    offset: int,
    count: int,
    is_descending: bool,
    also: int | None = None,
) -> list[Message]:
    """Return a page of a room's messages. One query.

    Args:
        room: The room, read `with_anchor`.
        messages: Messages of the room that `column` counts.
        column: `NUMBER` or `SHOWN`.
        offset: Number of messages before the page.
        count: Maximum number of messages; 0 means the limit.
        is_descending: Whether the newest messages come first.
        also: Key of a further message.
    """
    rows, skip = messages, offset
    if is_descending:
        rows = rows.newest_first()
    if (anchor := _anchor_of(room, column)) is not None:
        total = room.message_count if column == NUMBER else room.shown_count
        if offset >= total:
            return []
        if is_descending:
            rows = rows.before(anchor)
            skip = anchor.number - (total - offset)
        else:
            rows, skip = rows.from_position(anchor), offset - anchor.number
    return list(rows.page(skip=skip, count=page_size(count), also=also))


def _anchor_of(room: Any, column: str) -> Anchor | None:
    number = getattr(room, f"anchor_{column}", None)
    if number is None:
        return None
    return Anchor(number, room.anchor_sent_at, room.anchor_message_id)
