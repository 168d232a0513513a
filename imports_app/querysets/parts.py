"""Query set of the parts of a source's messages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import models
from django.db.models import F, Q, Sum

if TYPE_CHECKING:
    from collections.abc import Collection

    from imports_app.models import ImportPart, RoomCount

_OUTCOMES: Final = ("imported", "updated", "unchanged", "skipped", "failed")


class ImportPartQuerySet(models.QuerySet["ImportPart"]):
    """Query set of parts."""

    def of_operation(self, operation_id: int) -> Self:
        """Filter an operation's parts, in the order of the source."""
        return self.filter(operation=operation_id).order_by("position")

    def unfinished(self) -> Self:
        """Filter parts with messages that have no outcome yet."""
        return self.filter(checkpoint__lt=F("messages"))

    def in_spool(self) -> Self:
        """Filter parts that were read; corrections may add one that was not."""
        return self.filter(size__gt=0)

    def without_trial(self) -> Self:
        """Filter parts whose messages for a trial run are not selected yet."""
        return self.filter(trial__isnull=True)

    def started(self) -> Self:
        """Filter parts that a worker claimed or that were skipped."""
        return self.filter(Q(fence__gt=0) | Q(checkpoint__gt=0))

    def claimable(self, owner: str, now: datetime, ended: list[str]) -> Self:
        """Filter unfinished parts without another worker's lease.

        Args:
            owner: The process that asks.
            now: The current time.
            ended: Processes that are known to have ended.
        """
        is_free = Q(lease_owner__in=["", owner, *ended]) | Q(lease_expires_at__lt=now)
        return self.unfinished().filter(is_free)

    def claimed(self, now: datetime) -> Self:
        """Filter unfinished parts with a lease."""
        leased = self.unfinished().exclude(lease_owner="")
        return leased.filter(lease_expires_at__gte=now)

    def revoke(self) -> int:
        """End all leases, so that no worker can write another page.

        Waits for pages that are being written.
        """
        return self.unfinished().update(
            fence=F("fence") + 1, lease_owner="", lease_expires_at=None
        )

    def outcomes(self) -> dict[str, int]:
        """Sum the counts of outcomes."""
        return self.order_by().aggregate(
            **{name: Sum(name, default=0) for name in _OUTCOMES}
        )


class RoomCountQuerySet(models.QuerySet["RoomCount"]):
    """Query set of the outcomes of messages by room."""

    def by_room(
        self, operation_id: int, rooms: Collection[str]
    ) -> dict[str, dict[str, int]]:
        """Sum the outcomes of some rooms of an operation, by import ID."""
        rows = self.filter(operation=operation_id, room__in=rooms).order_by()
        summed: models.QuerySet[Any, Any] = rows.values("room").annotate(
            **{f"sum_{name}": Sum(name) for name in _OUTCOMES}
        )
        columns = ("room", *(f"sum_{name}" for name in _OUTCOMES))
        return {
            room: dict(zip(_OUTCOMES, sums, strict=True))
            for room, *sums in summed.values_list(*columns)
        }
