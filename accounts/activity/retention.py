"""Pruning of old entries of the activity log."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.activity.chain import ChainWalk, read_links
from accounts.activity.signatures import CONTENT, key_of_head, keys, sign_head
from accounts.errors import ActivityLogAlteredError
from accounts.models import ActivityEntry, ActivityLogHead
from accounts.services.activity import Author, record_event


def prune_activity(*, before: datetime, by: Author, at_most: int | None = None) -> int:
    """Delete old entries from the start of the log and return their number.

    The signed head record keeps the number and the digest of the last deleted entry, so
    that the rest of the chain can still be verified. The deletion itself is logged.

    Args:
        before: Entries from this time on are kept.
        by: The author of the deletion.
        at_most: Approximate limit of deleted entries; `None` for no limit.

    Raises:
        ActivityLogAlteredError: The head record or an entry to delete was altered.
    """
    deleted = 0
    while count := _prune_batch(before):
        deleted += count
        if at_most is not None and deleted >= at_most:
            break
    if deleted:
        last = ActivityLogHead.objects.get().anchor_sequence
        record_event(
            ActivityEntry.Action.PRUNED,
            ActivityEntry.Subject.ACTIVITY_LOG,
            f"entries {last - deleted + 1} to {last}",
            by=by,
        )
    return deleted


def prune_expired(*, by: Author, at_most: int | None = None) -> int:
    """Delete entries older than ACTIVITY_RETENTION_DAYS and return their number."""
    if not settings.ACTIVITY_RETENTION_DAYS:
        return 0
    age = timedelta(days=settings.ACTIVITY_RETENTION_DAYS)
    return prune_activity(before=timezone.now() - age, by=by, at_most=at_most)


@transaction.atomic
def _prune_batch(before: datetime) -> int:
    head = ActivityLogHead.objects.select_for_update().first()
    key_number = None if head is None else key_of_head(head)
    if head is None or key_number is None:
        raise ActivityLogAlteredError
    walk, number = ChainWalk(head), 0
    for link in read_links(after=head.anchor_sequence, up_to=head.sequence):
        if link.content[CONTENT.index("created_at")] >= before:
            break
        walk.check(link)  # otherwise an altered time would delete newer entries
        number += 1
    if number:
        head.anchor_sequence, head.anchor_digest = walk.expected - 1, walk.digest
        head.signature = sign_head(keys()[key_number], head)
        head.save()
        ActivityEntry.objects.sealed(up_to=head.anchor_sequence).delete()
    return number
