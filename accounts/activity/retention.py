"""Removal of old entries of the activity log."""

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
    """Delete the entries before the first one that is younger; return how many.

    The head record keeps the number and the digest of the last deleted entry, signed,
    so that the rest of the chain can still be verified. The log says what was deleted.

    Args:
        before: Entries of this moment and later are kept.
        by: Who has them deleted.
        at_most: About how many to delete; `None` for all of them.

    Raises:
        ActivityLogAlteredError: An entry to delete, or the head record, is altered.
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
    """Delete the entries older than ACTIVITY_RETENTION_DAYS; return how many."""
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
        walk.check(link)  # else an altered time would remove younger entries
        number += 1
    if number:
        head.anchor_sequence, head.anchor_digest = walk.expected - 1, walk.digest
        head.signature = sign_head(keys()[key_number], head)
        head.save()
        ActivityEntry.objects.sealed(up_to=head.anchor_sequence).delete()
    return number
