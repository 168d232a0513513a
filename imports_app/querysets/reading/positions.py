"""Stored positions of messages, at which pages with a large offset begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from django.apps import apps
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    RowRange,
    Subquery,
    Sum,
    When,
    Window,
)
from django.db.models.functions import Mod, RowNumber

if TYPE_CHECKING:
    from imports_app.models import Message, Room

SMALLEST: Final = 1_000
"""Number of messages from which on a room has positions."""


def shown_condition() -> Q:
    """Return the condition that a message is shown in the room.

    Hidden are replies, except broadcasts and those without their first message.
    """
    messages = apps.get_model("imports_app", "Message")._default_manager
    roots = messages.filter(room=OuterRef("room"), import_id=OuterRef("thread"))
    return Q(thread=None) | Q(extras__broadcast=True) | Q(~Exists(roots))


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stored position near the beginning of a page."""

    number: int
    """Messages before it, of those that are listed."""
    sent_at: datetime
    message_id: int


class PositionedRooms(QuerySet["Room"]):
    """Methods that look up positions with the room."""

    def without_positions(self) -> Self:
        """Filter large rooms without current positions. Small rooms need none."""
        large = self.filter(has_positions=False, message_count__gte=SMALLEST)
        return large.order_by("pk")

    def begin_positions(self, pk: int) -> bool:
        """Mark the positions of a room as being computed.

        Waits for a transaction that changes the messages of the room.
        """
        return self.filter(pk=pk, has_positions=False).update(shown_count=0) == 1

    def end_positions(self, pk: int, count: int, shown_count: int) -> bool:
        """Mark the positions as current, unless messages changed in the meantime."""
        computed = self.filter(pk=pk, has_positions=False, shown_count__isnull=False)
        return (
            computed.update(
                has_positions=True, message_count=count, shown_count=shown_count
            )
            == 1
        )

    def unset_positions(self, rooms: QuerySet[Any, Any]) -> None:
        """Mark the positions of these rooms as outdated, because messages changed."""
        stale = self.filter(pk__in=rooms)
        stale.update(has_positions=False, shown_count=None)

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


def _as_number(condition: Q) -> Case:
    return Case(When(condition, then=1), default=0, output_field=IntegerField())


class PositionedMessages(QuerySet["Message"]):
    """Methods that compute positions."""

    def positions(
        self, room_id: int, interval: int
    ) -> Iterator[tuple[int, int, datetime, int]]:
        """Return the positions of every n-th message of a room, in order of time.

        Each is the number of messages before it, the same without hidden replies, the
        time and the key.
        """
        place = ("sent_at", "pk")
        rows = (
            self.filter(room=room_id)
            .annotate(is_shown=_as_number(shown_condition()))
            .annotate(
                next_number=Window(RowNumber(), order_by=place),
                next_shown=Window(
                    Sum("is_shown"),
                    order_by=place,
                    frame=RowRange(start=None, end=0),
                ),
            )
            .annotate(rest=Mod(F("next_number") - 1, interval))
            .filter(rest=0)
            .order_by(*place)
        )
        columns = ("next_number", "next_shown", "is_shown", *place)
        for number, shown, is_shown, sent_at, pk in rows.values_list(*columns):
            yield number - 1, shown - is_shown, sent_at, pk

    def numbers_from(self, room_id: int, sent_at: datetime, pk: int) -> tuple[int, int]:
        """Return the numbers of messages from a position on.

        Returns:
            The number of all messages, and the number without hidden replies.
        """
        later = Q(sent_at__gt=sent_at) | Q(pk__gte=pk)
        rows = self.filter(later, room=room_id, sent_at__gte=sent_at).order_by()
        numbers = rows.annotate(is_shown=_as_number(shown_condition())).aggregate(
            all=Count("pk"), shown=Sum("is_shown")
        )
        return numbers["all"], numbers["shown"] or 0
