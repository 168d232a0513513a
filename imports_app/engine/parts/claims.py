"""Claims of workers on parts: leases with fencing tokens."""

from __future__ import annotations

from collections import Counter
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.processes import has_ended
from imports_app.engine.lease import DURATION
from imports_app.models import ImportOperation, ImportPart, Outcome
from imports_app.statuses import Status

COUNTED: Final = (
    Outcome.IMPORTED,
    Outcome.UPDATED,
    Outcome.UNCHANGED,
    Outcome.SKIPPED,
    Outcome.FAILED,
)
"""Outcomes that are counted, by the names of their columns."""


class PartLostError(Exception):
    """The operation ended, or another process took the part over."""


class Claim:
    """Exclusive right of this process to convert a part."""

    def __init__(self, part: ImportPart) -> None:
        self.part = part

    @classmethod
    @transaction.atomic
    def take(cls, operation_id: int, owner: str) -> Claim | None:
        """Claim the next free part of an operation; `None` if there is none.

        Args:
            operation_id: The operation's key.
            owner: The name of this process.
        """
        now = timezone.now()
        parts = ImportPart.objects.of_operation(operation_id)
        owners = parts.claimed(now).values_list("lease_owner", flat=True)
        ended = [other for other in set(owners) if has_ended(other)]
        free = parts.claimable(owner, now, ended)
        part = free.select_for_update(skip_locked=True).first()
        valid = ImportOperation.objects.valid().only("trial_messages")
        running = valid.filter(
            pk=operation_id, status=Status.IMPORTING_MESSAGES
        ).first()
        if part is None or running is None:
            return None
        if running.trial_messages is not None and part.trial is None:
            return None  # its messages are not selected yet
        part.fence += 1
        part.lease_owner, part.lease_expires_at = owner, now + DURATION
        part.save(update_fields=["fence", "lease_owner", "lease_expires_at"])
        return cls(part)

    def position(self) -> int:
        """Return the number of messages with an outcome.

        Raises:
            PartLostError: The part belongs to another process.
        """
        held = ImportPart.objects.filter(pk=self.part.pk, fence=self.part.fence)
        checkpoint = held.values_list("checkpoint", flat=True).first()
        if checkpoint is None:
            raise PartLostError
        return checkpoint

    def advance(self, start: int, end: int, outcomes: Counter[Outcome]) -> None:
        """Count the outcomes of a page, within its transaction.

        Args:
            start: The position before the page.
            end: The position after it.
            outcomes: The outcomes of its messages.

        Raises:
            PartLostError: The page must not be committed.
        """
        held = ImportPart.objects.filter(
            pk=self.part.pk, fence=self.part.fence, checkpoint=start
        )
        written = held.update(
            checkpoint=end,
            lease_expires_at=timezone.now() + DURATION,
            **{one.value: F(one.value) + outcomes[one] for one in COUNTED},
        )
        if written != 1:
            raise PartLostError

    def release(self) -> None:
        """Release the part, so that another worker can resume it at once."""
        held = ImportPart.objects.filter(pk=self.part.pk, fence=self.part.fence)
        held.update(lease_owner="", lease_expires_at=None)
