"""Notices of imports: events, recipients and deliveries."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.db.clock import now_in_milliseconds
from config.db.ids import PUBLIC_ID_LENGTH, new_public_id
from imports_app.models.operations import ImportOperation
from imports_app.querysets.notices import NoticeDeliveryQuerySet, NoticeQuerySet

KEY_PURPOSE: Final = "webhook keys"
"""Purpose of the encryption of `Webhook.secret`."""


class NoticeEvent(models.TextChoices):
    """Event of a notice; the value is the `type` of a webhook."""

    NEEDS_REVIEW = "import.needs_review", _("Waiting for review")
    COMPLETED = "import.completed", _("Completed")
    WITH_FAILURES = "import.completed_with_failures", _("Completed with failures")
    FAILED = "import.failed", _("Failed")
    STALLED = "import.stalled", _("Stalled")


class Notice(models.Model):
    """Report of a change of an import, written in the transaction of the change."""

    public_id = models.CharField(
        _("ID"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id
    )
    """The `webhook-id`, the same for every attempt and recipient."""
    operation = models.ForeignKey(
        ImportOperation, models.CASCADE, related_name="notices"
    )
    event = models.CharField(_("event"), max_length=40, choices=NoticeEvent)
    created_at = models.DateTimeField(_("time"), default=now_in_milliseconds)
    failed_records = models.PositiveIntegerField(default=0)
    """Failed records of the import at that time."""
    silent_since = models.DateTimeField(null=True)
    """Last heartbeat before a stall; NULL for other events."""
    is_distributed = models.BooleanField(default=False)
    """Whether its deliveries were created."""
    body = models.TextField(blank=True)
    """JSON that webhooks send; empty until it is distributed."""

    objects = NoticeQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "silent_since"), name="notice_once_per_stall"
            ),
        )
        indexes = (
            models.Index(
                fields=("id",),
                condition=models.Q(is_distributed=False),
                name="notice_to_distribute",
            ),
            models.Index(fields=("created_at",), name="notice_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.public_id}"


class Webhook(models.Model):
    """Address on another server that receives signed notices."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    url = models.CharField(_("URL"), max_length=2000)
    events: models.JSONField[Any, Any] = models.JSONField(_("events"), default=list)
    """Values of `NoticeEvent`."""
    is_active = models.BooleanField(_("active"), default=True)
    secret = models.TextField(editable=False)
    """Encrypted signing key."""
    created_at = models.DateTimeField(_("created"), default=now_in_milliseconds)

    class Meta:
        default_permissions = ()
        ordering = ("name",)
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class MailSubscription(models.Model):
    """Subscription of a user to an event by e-mail."""

    class Scope(models.TextChoices):
        """Imports that a subscription includes."""

        OWN = "own", _("Imports that I started")
        ALL = "all", _("All imports")

    user = models.ForeignKey(User, models.CASCADE, related_name="mail_subscriptions")
    event = models.CharField(max_length=40, choices=NoticeEvent)
    scope = models.CharField(max_length=3, choices=Scope)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("event", "scope", "user"), name="mail_subscription_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.event} ({self.scope})"


class NoticeDelivery(models.Model):
    """Delivery of a notice to one recipient: a webhook, or a user by e-mail."""

    class State(models.TextChoices):
        """State of a delivery."""

        PENDING = "pending", _("Pending")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Not sent")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(
        Webhook, models.CASCADE, null=True, related_name="deliveries"
    )
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.PENDING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    """Attempts since it was created or replayed."""
    due_at = models.DateTimeField(_("next attempt"), null=True)
    """Time of the next attempt; while one is made, the time at which it counts as lost.

    NULL if none follows.
    """
    claimed_by = models.CharField(max_length=200, blank=True)
    """Process that is making an attempt."""
    attempted_at = models.DateTimeField(_("last attempt"), null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    """Duration of the last attempt in milliseconds."""
    response_status = models.PositiveSmallIntegerField(_("response"), null=True)
    """HTTP or SMTP status of the last attempt, if there was one."""
    error = models.CharField(_("error"), max_length=500, blank=True)
    """Reason why the last attempt failed, without secrets."""

    objects = NoticeDeliveryQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-id",)
        verbose_name = _("notice delivery")
        verbose_name_plural = _("notice deliveries")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(webhook=None, user__isnull=False)
                | models.Q(webhook__isnull=False, user=None),
                name="delivery_one_recipient",
            ),
            models.UniqueConstraint(
                fields=("notice", "webhook"), name="delivery_once_per_webhook"
            ),
            models.UniqueConstraint(
                fields=("notice", "user"), name="delivery_once_per_user"
            ),
        )
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                condition=models.Q(state="pending"),
                name="delivery_due",
            ),
            models.Index(fields=("state", "id"), name="delivery_by_state"),
        )

    def __str__(self) -> str:
        return f"{self.notice.get_event_display()}: {self.recipient}"

    @property
    def recipient(self) -> str:
        """Name of the webhook or of the user."""
        return str(self.webhook or self.user)
