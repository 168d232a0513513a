"""Query sets of notices and their deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F

if TYPE_CHECKING:
    from datetime import datetime

    from imports_app.models import Notice, NoticeDelivery


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Query set of notices."""

    def to_distribute(self) -> Self:
        """Filter notices without deliveries yet, the oldest first."""
        return self.filter(is_distributed=False).order_by("id")


class NoticeDeliveryQuerySet(models.QuerySet["NoticeDelivery"]):
    """Query set of deliveries."""

    def pending(self) -> Self:
        """Filter deliveries that are still pending."""
        return self.filter(state="pending")

    def due(self, now: datetime) -> Self:
        """Filter deliveries to attempt now, the longest due first."""
        return self.pending().filter(due_at__lte=now).order_by("due_at", "id")

    def to_webhook(self, webhook_id: int | None) -> Self:
        """Filter deliveries to a webhook; `None` for those by e-mail."""
        return self.filter(webhook_id=webhook_id)

    def with_content(self) -> Self:
        """Also load the data for an attempt."""
        return self.select_related("notice__operation__parent", "webhook", "user")

    def claim(self, delivery: NoticeDelivery, **values: Any) -> bool:
        """Claim and count an attempt; return `False` if another process claimed it."""
        same = self.pending().filter(pk=delivery.pk, attempts=delivery.attempts)
        return same.update(attempts=F("attempts") + 1, **values) == 1

    def of_attempt(self, delivery: NoticeDelivery) -> Self:
        """Filter the delivery if this attempt is still the last one."""
        return self.pending().filter(
            pk=delivery.pk, attempts=delivery.attempts, claimed_by=delivery.claimed_by
        )
