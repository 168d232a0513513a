"""Lease on a delivery: one worker at a time."""

from __future__ import annotations

from imports_app.engine.turns import TurnLease, WaitError
from imports_app.models import Delivery, DeliveryEvent
from imports_app.querysets.outgoing.deliveries import DeliveryQuerySet


class BlockedError(WaitError):
    """Another user's import is in progress on the server."""


class DeliveryLease(TurnLease):
    """Exclusive right of this process to work on a delivery."""

    @staticmethod
    def working() -> DeliveryQuerySet:
        """Return the deliveries for which a worker has something to do."""
        return Delivery.objects.working()

    def log(self, text: str) -> None:
        """Add to the timeline."""
        DeliveryEvent.objects.create(delivery_id=self.key, text=text[:500])
