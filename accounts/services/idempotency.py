"""Single execution of repeated calls with the header Idempotency-Key.

The effect of a call and its response are one transaction. So after a crash, either both
exist and the response is repeated, or neither, and the key can be used again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from accounts.errors import IdempotencyKeyInUseError, IdempotencyKeyReusedError
from accounts.models import IdempotentCall
from config.db.clock import now_in_milliseconds
from config.processes import has_ended, this_process

KEPT: Final = timedelta(days=1)
_LONGEST_RUN: Final = timedelta(minutes=5)
"""Time after which a run of a process that can't be observed counts as abandoned."""
_NOT_KEPT: Final = frozenset({401, 403, 408, 429})
"""Statuses of refusals that are not stored, because a repeated call may succeed."""
_BATCH: Final = 2_000


class CallLostError(Exception):
    """Another process has taken over the call."""


def run_once(
    *, user_id: int, key: str, fingerprint: str, run: Callable[[], HttpResponse]
) -> HttpResponse:
    """Return the response to a call, from its first run if there was one.

    Args:
        user_id: The caller, whose keys are independent of those of others.
        key: The key.
        fingerprint: Digest of the request.
        run: Runs the call, and returns a response also for expected errors.

    Raises:
        IdempotencyKeyReusedError: The key belongs to another request.
        IdempotencyKeyInUseError: The first run is not complete.
    """
    call = _claim(user_id, key, fingerprint)
    if call.status is not None:
        response = HttpResponse(bytes(call.body), status=call.status)
        del response.headers["Content-Type"]
        for name, value in call.headers.items():
            response.headers[name] = value
        response.headers["Idempotent-Replayed"] = "true"
        return response
    try:
        with transaction.atomic():
            response = run()
            _complete(call, response)
    except CallLostError:
        raise IdempotencyKeyInUseError from None
    except BaseException:
        IdempotentCall.objects.claimed(call).delete()
        raise
    return response


@transaction.atomic
def _claim(user_id: int, key: str, fingerprint: str) -> IdempotentCall:
    """Return the call, with a response, or claimed for this process."""
    call, is_new = IdempotentCall.objects.get_or_create(
        user_id=user_id,
        key=key,
        defaults={"fingerprint": fingerprint, "claimed_by": this_process()},
    )
    if is_new:
        return call
    call = IdempotentCall.objects.select_for_update().get(pk=call.pk)
    now = now_in_milliseconds()
    if call.created_at < now - KEPT:
        call.created_at, call.fingerprint, call.status = now, fingerprint, None
    elif call.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError
    elif call.status is not None:
        return call
    elif not has_ended(call.claimed_by) and call.claimed_at > now - _LONGEST_RUN:
        raise IdempotencyKeyInUseError
    call.claim += 1
    call.claimed_at, call.claimed_by = now, this_process()
    call.save()
    return call


def _complete(call: IdempotentCall, response: HttpResponse) -> None:
    """Store the response, or release the key, in the transaction of the effect."""
    claimed = IdempotentCall.objects.claimed(call)
    if response.status_code in _NOT_KEPT or response.status_code >= 500:
        claimed.delete()
        return
    stored = claimed.update(
        status=response.status_code,
        headers=dict(response.headers),
        body=response.content,
    )
    if not stored:
        raise CallLostError


def prune_idempotent_calls() -> int:
    """Delete calls whose keys have expired and return their number."""
    expired = IdempotentCall.objects.created_before(timezone.now() - KEPT)
    deleted = 0
    while pks := list(expired.values_list("pk", flat=True)[:_BATCH]):
        deleted += IdempotentCall.objects.filter(pk__in=pks).delete()[0]
    return deleted
