"""Recovery of operations without a live worker."""

from __future__ import annotations

from django.utils import timezone

from config.processes import has_ended
from imports_app.engine.lease import DURATION
from imports_app.models import ImportOperation
from imports_app.statuses import IMPORTING, PREPARING, Status


def release_expired_leases() -> list[ImportOperation]:
    """Release the leases of dead workers, and return the operations to enqueue again.

    If several processes run this concurrently, only one gets each operation. It is not
    returned again for a while, so that it is not enqueued repeatedly.
    """
    now = timezone.now()
    found = []
    for operation in ImportOperation.objects.valid().filter(
        status__in=PREPARING | IMPORTING | {Status.DOWNLOADING_FILE}
    ):
        expires = operation.lease_expires_at
        if (
            expires is not None
            and expires > now
            and not has_ended(operation.lease_owner)
        ):
            continue
        same = ImportOperation.objects.filter(
            pk=operation.pk,
            is_valid=True,
            lease_owner=operation.lease_owner,
            lease_expires_at=expires,
        )
        if same.change(lease_owner="", lease_expires_at=now + DURATION) == 1:
            found.append(operation)
    return found
