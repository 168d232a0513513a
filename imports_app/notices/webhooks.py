"""Webhooks, signed as Standard Webhooks.

Source: https://github.com/standard-webhooks/standard-webhooks, version 1.0.0.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import time
from typing import Final

from django.conf import settings

from accounts.auth.encryption import UnreadableSecretError, decrypt
from imports_app.downloads.http import FetchError, FetchLimits, post
from imports_app.models import NoticeDelivery
from imports_app.models.notices import KEY_PURPOSE
from imports_app.notices.attempts import Result

_IDLE_SECONDS: Final = 10.0
_TOTAL_SECONDS: Final = 15.0
_State = NoticeDelivery.State


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header `webhook-signature`."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def send_webhook(delivery: NoticeDelivery) -> Result:
    """Send a notice to its webhook."""
    webhook, notice = delivery.webhook, delivery.notice
    if webhook is None:
        return Result(_State.FAILED, error="The webhook was deleted.")
    try:
        key = decrypt(webhook.secret, KEY_PURPOSE)
    except UnreadableSecretError:
        return Result(
            _State.FAILED,
            error="The secret can't be decrypted, because TOTP_ENCRYPTION_KEY changed."
            " Create a new secret.",
        )
    timestamp = int(time.time())
    body = notice.body.encode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": notice.public_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(key, notice.public_id, timestamp, body),
    }
    limits = FetchLimits(
        bytes=0,
        idle_seconds=_IDLE_SECONDS,
        total_seconds=_TOTAL_SECONDS,
        allowed_hosts=settings.WEBHOOK_ALLOWED_HOSTS,
        setting="WEBHOOK_ALLOWED_HOSTS",
        is_https_only=True,
    )
    try:
        status = post(webhook.url, body, headers, limits)
    except FetchError as error:
        reason = f"{error.message[:1].upper()}{error.message[1:]}."
        return Result(_State.PENDING, error=reason)
    if 200 <= status < 300:
        return Result(_State.DELIVERED, status)
    is_gone = status == http.client.GONE
    return Result(
        _State.FAILED if is_gone else _State.PENDING,
        status,
        f"The server answered with status {status}.",
    )
