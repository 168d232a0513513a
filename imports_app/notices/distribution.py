"""Distribution of notices to their recipients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from imports_app.health.progress import is_stalled, silent_since
from imports_app.models import (
    ImportOperation,
    Notice,
    NoticeDelivery,
    NoticeEvent,
    Webhook,
)
from imports_app.notices.bodies import body_of
from imports_app.notices.recipients import mail_recipients

QUEUE_LIMIT: Final = 1_000
"""Maximum number of pending deliveries to a recipient; further ones fail."""
_BATCH: Final = 100


def note_stalls() -> None:
    """Write a notice for each import that is stalled, once per stall."""
    for operation in ImportOperation.objects.running().without_large_fields():
        if is_stalled(operation):
            Notice.objects.get_or_create(
                operation=operation,
                silent_since=silent_since(operation),
                defaults={
                    "event": NoticeEvent.STALLED,
                    "failed_records": operation.count_error or 0,
                },
            )


def distribute() -> None:
    """Create the deliveries of new notices, each in one transaction."""
    for notice in Notice.objects.to_distribute()[:_BATCH]:
        _distribute(notice)


@transaction.atomic
def _distribute(notice: Notice) -> None:
    same = Notice.objects.filter(pk=notice.pk, is_distributed=False)
    if same.update(is_distributed=True) != 1:
        return  # another worker did
    webhooks = [
        webhook
        for webhook in Webhook.objects.filter(is_active=True)
        if notice.event in webhook.events
    ]
    if webhooks:
        Notice.objects.filter(pk=notice.pk).update(body=body_of(notice))
    deliveries = [
        *_deliveries("webhook_id", (webhook.pk for webhook in webhooks)),
        *_deliveries("user_id", mail_recipients(notice)),
    ]
    for delivery in deliveries:
        delivery.notice = notice
    NoticeDelivery.objects.bulk_create(deliveries)


def _deliveries(column: str, keys: Iterable[int]) -> Iterator[NoticeDelivery]:
    """Yield a delivery for each recipient; a failed one if its queue is full."""
    recipients = list(keys)
    pending = NoticeDelivery.objects.pending().filter(**{f"{column}__in": recipients})
    counted = pending.order_by().values_list(column).annotate(number=Count("id"))
    waiting = Counter(dict(counted))
    for key in recipients:
        if waiting[key] < QUEUE_LIMIT:
            yield NoticeDelivery(**{column: key}, due_at=timezone.now())
        else:
            yield NoticeDelivery(
                **{column: key},
                state=NoticeDelivery.State.FAILED,
                error=f"{QUEUE_LIMIT:,} earlier deliveries are still pending. Check"
                " the recipient, then send the notice again.",
            )
