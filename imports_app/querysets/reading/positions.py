"""Stored positions of messages, at which pages with a large offset begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db.models import OuterRef, QuerySet, Subquery

if TYPE_CHECKING:
    from imports_app.models import Room

_COLUMNS = {"number", "shown", "sent_at", "message_id"}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stored position near the beginning of a page."""

    number: int
    """Messages before it, of those that are listed."""
    sent_at: datetime
    message_id: int


class PositionedRooms(QuerySet["Room"]):
    """Methods that look up positions with the room."""

    def with_anchor(self, column: str, offset: int, *, is_descending: bool) -> Self:
        """Annotate the position at which a page begins.

        In descending order, it is the first one after the page, and otherwise the last
        one before it. There is none near the end, or if no positions are stored.

        Args:
            column: `number` for all messages, `shown` without hidden replies.
            offset: Number of messages before the page.
            is_descending: Whether the newest messages come first.
        """
        total = "message_count" if column == "number" else "shown_count"
        positions = apps.get_model("imports_app", "MessagePosition").objects.filter(
            room=OuterRef("pk"), room__has_positions=True
        )
        if is_descending:
            after = {f"{column}__gte": OuterRef(total) - offset}
            positions = positions.filter(**after).order_by("number")
        else:
            positions = positions.filter(**{f"{column}__lte": offset})
            positions = positions.order_by("-number")
        return self.annotate(
            **{
                f"anchor_{name}": Subquery(positions.values(name)[:1])
                for name in (column, "sent_at", "message_id")
            }
        )
