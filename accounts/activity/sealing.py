"""Sealing: assign new entries their number and position in the hash chain.

A signed entry is inserted in the transaction of the change that it records. It is
sealed in a short separate transaction right after the commit. Only that transaction
locks the head record, so that long imports don't delay logins and concurrent changes
don't block each other.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.activity import head_file
from accounts.activity.head_file import KnownHead
from accounts.activity.signatures import (
    CONTENT,
    is_content_signed,
    key_of_head,
    keys,
    sign_head,
    sign_link,
)
from accounts.models import ActivityEntry, ActivityLogHead
from config.db.bulk import update_rows

_BATCH: Final = 500
_USUAL_DELAY: Final = timedelta(minutes=10)
"""Maximum expected time between the insertion of an entry and its sealing."""

_log = logging.getLogger(__name__)


def seal_pending() -> int:
    """Seal the entries without a number and return how many were sealed.

    Entries that this server did not sign stay unsealed. `verify_log` reports them.
    """
    sealed, last = 0, 0
    while ActivityEntry.objects.pending(after=last).exists():
        count, last = _seal_batch(last)
        sealed += count
        if last == 0:
            break
    return sealed


def can_seal() -> bool:
    """Return whether the head record is intact and no entry is overdue."""
    head = ActivityLogHead.objects.first()
    recently = timezone.now() - _USUAL_DELAY
    overdue = ActivityEntry.objects.pending().filter(created_at__lt=recently)
    return head is not None and key_of_head(head) is not None and not overdue.exists()


@transaction.atomic
def _seal_batch(after: int) -> tuple[int, int]:
    """Seal one batch. Return the number of sealed entries and the last checked ID.

    The ID is 0 if sealing must stop.
    """
    head = ActivityLogHead.objects.select_for_update().first()
    key_number = None if head is None else key_of_head(head)
    if head is None or key_number is None:
        _log.error(
            "The activity log's head record is missing or was altered."
            " Run manage.py verify_log."
        )
        return 0, 0
    pending = list(
        ActivityEntry.objects.pending(after=after).values_list(
            "id", "signature", *CONTENT
        )[:_BATCH]
    )
    if not pending:
        return 0, 0
    known = keys()
    sealed: list[tuple[int, str, int]] = []
    for entry_id, signature, *content in pending:
        if not _is_signed(known[: key_number + 1], tuple(content), signature):
            _log.error("Activity log entry with ID %d is not signed.", entry_id)
            continue
        head.sequence += 1
        head.digest = sign_link(
            known[0],
            sequence=head.sequence,
            previous=head.digest,
            entry_id=entry_id,
            signature=signature,
        )
        sealed.append((head.sequence, head.digest, entry_id))
    if sealed:
        update_rows(ActivityEntry, ["sequence", "digest"], sealed)
        head.signature = sign_head(known[0], head)
        head.save()
        if _continues(head_file.read(head.log_id), head):
            transaction.on_commit(lambda: head_file.write(head), robust=True)
    return len(sealed), pending[-1][0]


def _continues(known: KnownHead | None, head: ActivityLogHead) -> bool:
    """Return whether the entry in the head file is still in the log.

    If it is not, the file is kept as evidence that the tables were replaced.
    """
    if known is None or known.sequence <= head.anchor_sequence:
        return True
    entry = ActivityEntry.objects.filter(sequence=known.sequence, digest=known.digest)
    return entry.exists()


def _is_signed(allowed: list[bytes], content: tuple[Any, ...], signature: str) -> bool:
    """Return whether the content is signed by the head's key or a newer one.

    A former key is no longer accepted once an entry is sealed under its successor.
    """
    return any(is_content_signed(key, content, signature) for key in allowed)
