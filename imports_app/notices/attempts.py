"""Attempts to deliver notices, with retries for about a day."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from config.processes import has_ended, this_process
from imports_app.models import NoticeDelivery

logger = logging.getLogger(__name__)

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=8),
)
"""Pauses after failed attempts; together about a day."""
MOST_ATTEMPTS: Final = len(DELAYS) + 1
_CLAIM: Final = timedelta(minutes=2)
"""Time after which an attempt without a result is repeated."""
_LONGEST_ERROR: Final = 500
_NO_RESULT: Final = "The worker ended during the last attempt."


@dataclass(frozen=True, slots=True)
class Result:
    """Result of one attempt."""

    state: NoticeDelivery.State
    """`PENDING` if another attempt may succeed."""
    response_status: int | None = None
    error: str = ""
    """Reason of the failure, without secrets."""


Send = Callable[[NoticeDelivery], Result]


def attempt_next(webhook_id: int | None, send: Send) -> bool:
    """Attempt the next due delivery to a webhook, or by e-mail.

    The attempt is counted before it is made. If the process ends in between, the
    attempt is repeated, so recipients may receive a notice more than once.

    Args:
        webhook_id: Key of the webhook; `None` for e-mail.
        send: Sends the notice; raises nothing.

    Returns:
        Whether there was one.
    """
    now = timezone.now()
    due = NoticeDelivery.objects.due(now).to_webhook(webhook_id)
    delivery = due.with_content().first()
    if delivery is None:
        return False
    owner = this_process()
    if not NoticeDelivery.objects.claim(
        delivery, due_at=now + _CLAIM, claimed_by=owner, attempted_at=now
    ):
        return True
    delivery.attempts += 1
    delivery.claimed_by = owner
    began = time.monotonic()
    if delivery.attempts > MOST_ATTEMPTS:
        result = Result(NoticeDelivery.State.FAILED, error=_NO_RESULT)
    else:
        result = send(delivery)
    _store(delivery, result, time.monotonic() - began)
    return True


def release_lost() -> None:
    """Repeat at once the attempts of processes of this machine that have ended."""
    claimed = NoticeDelivery.objects.pending().exclude(claimed_by="")
    for delivery in claimed:
        if has_ended(delivery.claimed_by):
            lost = NoticeDelivery.objects.of_attempt(delivery)
            lost.update(claimed_by="", due_at=timezone.now())


def _store(delivery: NoticeDelivery, result: Result, seconds: float) -> None:
    """Store the result, unless another process repeated the attempt in between."""
    state, due_at = result.state, None
    if state is NoticeDelivery.State.PENDING:
        if delivery.attempts >= MOST_ATTEMPTS:
            state = NoticeDelivery.State.FAILED
        else:
            due_at = timezone.now() + DELAYS[delivery.attempts - 1]
    values: dict[str, Any] = {
        "state": state,
        "due_at": due_at,
        "claimed_by": "",
        "duration_ms": round(seconds * 1000),
        "response_status": result.response_status,
        "error": result.error[:_LONGEST_ERROR],
    }
    NoticeDelivery.objects.of_attempt(delivery).update(**values)
    if state is not NoticeDelivery.State.DELIVERED:
        logger.warning(
            "Notice %s to %s, attempt %d: %s",
            delivery.notice.public_id,
            delivery.recipient,
            delivery.attempts,
            result.error,
        )
