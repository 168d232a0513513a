"""Lease on a delivery: one worker at a time."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, Self

from django.db.models import Q
from django.db.utils import Error
from django.utils import timezone

from config.processes import has_ended, this_process
from imports_app.engine.lease import DURATION, LeaseLostError
from imports_app.engine.retries import check_stop, retry_on_disconnect, stopping
from imports_app.models import Delivery, DeliveryEvent, DeliveryState
from imports_app.querysets.outgoing.deliveries import DeliveryQuerySet

_ENDED: Final[dict[str, Any]] = {"lease_owner": "", "lease_expires_at": None}
_TURN_SECONDS: Final = 10.0
"""Time after which other tasks of the worker have their turn."""


class WaitError(Exception):
    """The delivery continues later.

    Attributes:
        seconds: Seconds until the next attempt.
        note: What it waits for; empty for the server's work.
    """

    def __init__(self, seconds: float, note: str = "") -> None:
        super().__init__(note)
        self.seconds = seconds
        self.note = note


class BlockedError(WaitError):
    """An import of somebody else is in progress there."""


class DeliveryLease:
    """Exclusive right of this process to work on a delivery.

    It is lost if the delivery is cancelled.
    """

    def __init__(self, delivery_id: int) -> None:
        self.delivery_id = delivery_id
        self._owner = this_process()
        self._until = time.monotonic() + _TURN_SECONDS

    @classmethod
    def take(cls, delivery_id: int) -> Self | None:
        """Acquire the lease if the delivery needs work and has no other lease."""
        lease = cls(delivery_id)
        now = timezone.now()
        is_free = (
            Q(lease_owner__in=("", lease._owner))
            | Q(lease_expires_at=None)
            | Q(lease_expires_at__lte=now)
        )
        wanted = Delivery.objects.due(now).filter(is_free, pk=delivery_id)
        extension = lease._extension()
        taken = wanted.update(lease_owner=lease._owner, **extension)
        return lease if taken == 1 else None

    def renew(self, **values: Any) -> None:
        """Update columns of the delivery.

        Raises:
            LeaseLostError: The delivery was cancelled or taken over.
        """
        if self._held().update(**{**self._extension(), **values}) != 1:
            raise LeaseLostError

    def keep(self) -> None:
        """Renew the lease during a long step.

        Raises:
            LeaseLostError: The delivery was cancelled or taken over.
            StoppedError: The process is shutting down.
        """
        check_stop()
        retry_on_disconnect(self.renew, check=self.check)

    def check(self) -> None:
        """Check that the lease is still valid, if the database is available."""
        check_stop()
        with suppress(Error):
            if not self._held().exists():
                raise LeaseLostError

    def pause(self, seconds: float) -> None:
        """Wait within the turn for the server's work.

        Raises:
            WaitError: The turn is over.
            LeaseLostError: The delivery was cancelled or taken over.
            StoppedError: The process is shutting down.
        """
        if time.monotonic() + seconds > self._until:
            raise WaitError(seconds)
        stopping.wait(seconds)
        self.keep()

    def log(self, text: str) -> None:
        """Add to the timeline."""
        DeliveryEvent.objects.create(delivery_id=self.delivery_id, text=text[:500])

    def wait(self, waits: WaitError, **values: Any) -> None:
        """Release the lease until the next attempt."""
        due = timezone.now() + timedelta(seconds=waits.seconds)
        self.renew(**_ENDED, due_at=due, note=waits.note[:500], **values)

    def release(self) -> None:
        """Release the lease so that the next worker can resume at once."""
        self._held().update(**_ENDED)

    def end(self, state: DeliveryState, **values: Any) -> None:
        """End the work of this state.

        Raises:
            LeaseLostError: The delivery was cancelled or taken over.
        """
        self.renew(state=state, note="", **_ENDED, **values)

    def _held(self) -> DeliveryQuerySet:
        return Delivery.objects.working().filter(
            pk=self.delivery_id, lease_owner=self._owner
        )

    def _extension(self) -> dict[str, Any]:
        now = timezone.now()
        return {
            "heartbeat_at": now,
            "updated_at": now,
            "lease_expires_at": now + DURATION,
        }


def release_due_deliveries() -> list[Delivery]:
    """Return the deliveries to enqueue: their time has come, or their worker is dead.

    If several processes run this concurrently, only one gets each delivery.
    """
    now = timezone.now()
    found = []
    for delivery in Delivery.objects.due(now):
        expires = delivery.lease_expires_at
        if (
            expires is not None
            and expires > now
            and not has_ended(delivery.lease_owner)
        ):
            continue
        same = Delivery.objects.working().filter(
            pk=delivery.pk, lease_owner=delivery.lease_owner, lease_expires_at=expires
        )
        if same.update(lease_owner="", lease_expires_at=now + DURATION) == 1:
            found.append(delivery)
    return found
