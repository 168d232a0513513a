"""Webhooks, replays of deliveries, and subscriptions to e-mail."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Iterable
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.auth.encryption import encrypt
from accounts.models import ActivityEntry, User
from accounts.services.activity import (
    Author,
    ChangedState,
    record_change,
    record_changes,
    record_event,
)
from imports_app.downloads.addresses import (
    BadAddressError,
    ForbiddenAddressError,
    find_target,
    redacted,
)
from imports_app.errors import WebhookAddressError, WebhookLimitError
from imports_app.models import MailSubscription, NoticeDelivery, Webhook
from imports_app.models.notices import KEY_PURPOSE

MOST_WEBHOOKS: Final = 20
"""Each webhook uses a thread in a worker while deliveries to it are due."""
_KEY_BYTES: Final = 32
_WEBHOOK: Final = ActivityEntry.Subject.WEBHOOK


def check_webhook_url(url: str) -> None:
    """Check that a webhook may have this URL.

    Raises:
        WebhookAddressError: The URL is not valid, not HTTPS, or in a private network.
    """
    try:
        find_target(
            url,
            settings.WEBHOOK_ALLOWED_HOSTS,
            setting="WEBHOOK_ALLOWED_HOSTS",
            is_https_only=True,
        )
    except (BadAddressError, ForbiddenAddressError) as error:
        text = str(error)
        raise WebhookAddressError(f"{text[0].upper()}{text[1:]}.") from error


@transaction.atomic
def create_webhook(webhook: Webhook, *, by: Author) -> str:
    """Store a new webhook and return its secret, which is not shown again.

    Raises:
        WebhookAddressError: The URL is not allowed.
        WebhookLimitError: There are too many webhooks.
    """
    check_webhook_url(webhook.url)
    if Webhook.objects.count() >= MOST_WEBHOOKS:
        raise WebhookLimitError(
            f"The maximum of {MOST_WEBHOOKS} webhooks is reached. Delete one first."
        )
    secret = _set_secret(webhook)
    webhook.save()
    record_change(_WEBHOOK, webhook.name, by=by, before=None, after=_state(webhook))
    return secret


@transaction.atomic
def update_webhook(webhook: Webhook, *, by: Author) -> None:
    """Store a changed webhook. Deactivating it ends its pending deliveries.

    Raises:
        WebhookAddressError: The URL is not allowed.
    """
    check_webhook_url(webhook.url)
    before = _state(Webhook.objects.select_for_update().get(pk=webhook.pk))
    webhook.save()
    record_change(_WEBHOOK, webhook.name, by=by, before=before, after=_state(webhook))
    if not webhook.is_active:
        NoticeDelivery.objects.pending().to_webhook(webhook.pk).update(
            state=NoticeDelivery.State.SKIPPED,
            due_at=None,
            claimed_by="",
            error="The webhook was deactivated.",
        )


@transaction.atomic
def renew_webhook_secret(webhook: Webhook, *, by: Author) -> str:
    """Give a webhook a new secret and return it. The old secret is no longer used."""
    secret = _set_secret(webhook)
    webhook.save(update_fields=["secret"])
    record_event(
        ActivityEntry.Action.CHANGED,
        _WEBHOOK,
        webhook.name,
        by=by,
        details={"secret": "renewed"},
    )
    return secret


@transaction.atomic
def delete_webhooks(webhooks: QuerySet[Webhook], *, by: Author) -> None:
    """Delete webhooks with their deliveries."""
    changes = [
        ChangedState(_WEBHOOK, webhook.name, _state(webhook), None)
        for webhook in webhooks
    ]
    webhooks.delete()
    record_changes(changes, by=by)


@transaction.atomic
def replay_deliveries(deliveries: Iterable[NoticeDelivery], *, by: Author) -> int:
    """Send notices again to the same recipients, with the same IDs.

    Returns:
        The number of deliveries, without those that are pending and those to inactive
        webhooks.
    """
    chosen = NoticeDelivery.objects.filter(pk__in=[one.pk for one in deliveries])
    over = chosen.exclude(state=NoticeDelivery.State.PENDING).exclude(
        webhook__is_active=False
    )
    names = {one.pk: one.recipient for one in over.select_related("webhook", "user")}
    replayed = NoticeDelivery.objects.filter(pk__in=names).update(
        state=NoticeDelivery.State.PENDING,
        attempts=0,
        due_at=timezone.now(),
        claimed_by="",
        error="",
    )
    for name in sorted(set(names.values())):
        number = list(names.values()).count(name)
        record_event(
            ActivityEntry.Action.CHANGED,
            _WEBHOOK,
            name,
            by=by,
            details={"replayed notices": number},
        )
    return replayed


@transaction.atomic
def set_mail_subscriptions(
    *, user: User, own: Collection[str], every: Collection[str]
) -> None:
    """Replace the user's subscriptions.

    Args:
        user: The subscriber.
        own: Events of imports that the user starts.
        every: Events of all imports.
    """
    scopes = MailSubscription.Scope
    MailSubscription.objects.filter(user=user).delete()
    MailSubscription.objects.bulk_create(
        MailSubscription(user=user, event=event, scope=scope)
        for scope, events in ((scopes.OWN, own), (scopes.ALL, every))
        for event in events
    )


def _set_secret(webhook: Webhook) -> str:
    """Set a new signing key and return it as text."""
    key = secrets.token_bytes(_KEY_BYTES)
    webhook.secret = encrypt(key, KEY_PURPOSE)
    return f"whsec_{base64.b64encode(key).decode()}"


def _state(webhook: Webhook) -> dict[str, Any]:
    """Return the state for the activity log, without secrets in the URL."""
    return {
        "URL": redacted(webhook.url),
        "events": sorted(webhook.events),
        "active": webhook.is_active,
    }
