"""Verification of the activity log: find the first altered or missing entry."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import NoReturn

from accounts.activity import head_file
from accounts.activity.chain import BATCH, ChainWalk
from accounts.activity.head_file import KnownHead
from accounts.activity.signatures import CONTENT, is_content_signed, key_of_head, keys
from accounts.errors import ActivityLogAlteredError
from accounts.models import ActivityEntry, ActivityLogHead


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """Summary of a log that passed verification."""

    first: int
    """The number of the first entry that was not pruned."""
    last: int
    pending: int
    """Number of signed entries without a number."""
    digest: str
    """The digest of the last entry."""


def verify_log(*, expected: KnownHead | None = None) -> VerifiedLog:
    """Verify every entry in constant memory, also while the server writes.

    Args:
        expected: An entry that is known to exist, from an earlier verification.

    Raises:
        ActivityLogAlteredError: An entry or the head record was altered or is missing.
    """
    known = [expected, _read_head_file(_read_head())]
    head = _read_head()  # read again, because it must not be older than the file
    _check_outside(head)
    _check_entries(head, {entry.sequence: entry.digest for entry in known if entry})
    last = ActivityEntry.objects.last_sequence()
    if last is not None and last > _read_head().sequence:
        _fail(f"Entry {last} comes after the last entry in the head record.")
    first = head.anchor_sequence + 1
    return VerifiedLog(first, head.sequence, _check_pending(head), head.digest)


def _check_outside(head: ActivityLogHead) -> None:
    """Check that no entry exists before the first entry that was kept."""
    first = ActivityEntry.objects.sealed().values_list("sequence", flat=True).first()
    if first is not None and first <= head.anchor_sequence:
        _fail(f"Entry {first} comes before the first entry that was kept.")


def _check_entries(head: ActivityLogHead, known: dict[int, str]) -> None:
    """Verify all entries up to the head record's last entry."""
    walk = ChainWalk(head)
    _compare(known, walk)
    for link in walk.links(up_to=head.sequence):
        if link.sequence > walk.expected:
            _follow_pruning(walk)
        if link.sequence >= walk.expected:
            walk.check(link)
            _compare(known, walk)
    if walk.expected <= head.sequence:
        _follow_pruning(walk)
    if walk.expected <= head.sequence:
        _fail(
            f"Entry {walk.expected} is missing: the log ends before entry"
            f" {head.sequence}, the last entry in the head record."
        )
    is_at_head = walk.expected == head.sequence + 1
    if is_at_head and not hmac.compare_digest(walk.digest, head.digest):
        _fail(f"Entry {head.sequence} does not match the head record.")
    if known and max(known) > head.sequence:
        _fail(
            f"Entry {head.sequence + 1} is missing: entry {max(known)} is known to"
            " exist. The tables may have been replaced with an older copy."
        )


def _compare(known: dict[int, str], walk: ChainWalk) -> None:
    sequence = walk.expected - 1
    digest = known.get(sequence)
    if digest is not None and not hmac.compare_digest(digest, walk.digest):
        _fail(f"Entry {sequence} does not match the entry that is known to exist.")


def _follow_pruning(walk: ChainWalk) -> None:
    """Continue after the new anchor if old entries were pruned in the meantime."""
    head = _read_head()
    if head.anchor_sequence >= walk.expected:
        walk.start_at_anchor(head)


def _check_pending(head: ActivityLogHead) -> int:
    """Verify the unsealed entries and return their number."""
    allowed, count, last = keys()[: (key_of_head(head) or 0) + 1], 0, 0
    while rows := list(
        ActivityEntry.objects.pending(after=last).values_list(
            "id", "signature", *CONTENT
        )[:BATCH]
    ):
        for entry_id, signature, *content in rows:
            if not any(
                is_content_signed(key, tuple(content), signature) for key in allowed
            ):
                _fail(
                    f"The unsealed entry with ID {entry_id} was altered or was not"
                    " written by this server."
                )
        count, last = count + len(rows), rows[-1][0]
    return count


def _read_head() -> ActivityLogHead:
    head = ActivityLogHead.objects.first()
    if head is None:
        _fail("The head record is missing.")
    if key_of_head(head) is None:
        _fail("The head record was altered or signed with an unknown key.")
    return head


def _read_head_file(head: ActivityLogHead) -> KnownHead | None:
    known = head_file.read(head.log_id)
    if known == head_file.UNREADABLE:
        _fail(f"The file {head_file.path_of(head.log_id).name} can't be read.")
    return known


def _fail(message: str) -> NoReturn:
    raise ActivityLogAlteredError(message)
