"""Query sets of deliveries."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from imports_app.models import (
        DeliveredDay,
        Delivery,
        DeliveryPart,
    )


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Query set of deliveries."""

    def working(self) -> Self:
        """Filter deliveries that a worker has to process."""
        return self.filter(state__in=("planning", "running", "blocked"))

    def active(self) -> Self:
        """Filter deliveries that have not ended."""
        return self.filter(state__in=("planning", "running", "blocked", "preview"))

    def with_names(self) -> Self:
        """Also load the server and the initiator."""
        return self.select_related("server", "starter")

    def has_links(self, public_id: str) -> bool:
        """Return whether the links to files of a delivery are valid."""
        rows = self.filter(public_id=public_id, has_files=True)
        return rows.filter(state__in=("running", "blocked")).exists()

    def is_sending(self, public_id: str) -> bool:
        """Return whether a delivery is in progress."""
        rows = self.filter(public_id=public_id, state__in=("running", "blocked"))
        return rows.exists()

    def with_archives(self, before: datetime) -> Self:
        """Filter deliveries that use archives, or failed since a time."""
        recent = models.Q(state="failed", finished_at__gte=before)
        return self.filter(recent | models.Q(state__in=("running", "blocked")))

    def to_server(self, name: str | None) -> Self:
        """Filter the deliveries to a server; `None` filters nothing."""
        return self if name is None else self.filter(server__name=name)

    def find(self, public_id: str) -> Delivery | None:
        """Return the delivery with an ID, or `None`."""
        return self.with_names().filter(public_id=public_id).first()


class DeliveryPartQuerySet(models.QuerySet["DeliveryPart"]):
    """Query set of archives of deliveries."""

    def next_of(self, delivery_id: int) -> DeliveryPart | None:
        """Return the first archive that is not imported yet, or `None`."""
        rows = self.filter(delivery=delivery_id).exclude(state="done")
        return rows.order_by("number").first()


class DeliveredDayQuerySet(models.QuerySet["DeliveredDay"]):
    """Query set of delivered days."""

    def of_room(self, server_id: int, room: str) -> dict[date, tuple[str, int]]:
        """Return digest and number of messages of each delivered day of a room."""
        rows = self.filter(server=server_id, room=room)
        found = rows.values_list("day", "digest", "messages")
        return {day: (digest, messages) for day, digest, messages in found}
