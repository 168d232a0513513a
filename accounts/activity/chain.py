"""Iteration over the activity log's hash chain with verification of each entry."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from accounts.activity.signatures import CONTENT, is_content_signed, keys, sign_link
from accounts.errors import ActivityLogAlteredError
from accounts.models import ActivityEntry, ActivityLogHead

BATCH: Final = 1_000


class Link(NamedTuple):
    """A sealed entry with the values that the chain covers."""

    entry_id: int
    sequence: int
    digest: str
    signature: str
    content: tuple[Any, ...]


class ChainWalk:
    """The position in the chain up to which all entries are verified."""

    def __init__(self, head: ActivityLogHead) -> None:
        self.keys = keys()
        self.key_number = len(self.keys) - 1
        self.start_at_anchor(head)

    def start_at_anchor(self, head: ActivityLogHead) -> None:
        """Start at the first entry that was not pruned."""
        self.expected = head.anchor_sequence + 1
        self.digest = head.anchor_digest

    def links(self, *, up_to: int) -> Iterator[Link]:
        """Yield the sealed entries after this position, in batches."""
        while True:
            links = read_links(after=self.expected - 1, up_to=up_to)
            yield from links
            if not links:
                return

    def check(self, link: Link) -> None:
        """Verify the next entry and move to it.

        Raises:
            ActivityLogAlteredError: The entry was altered, or entries are missing.
        """
        if link.sequence != self.expected:
            msg = f"Entry {self.expected} is missing."
            raise ActivityLogAlteredError(msg)
        if not any(
            is_content_signed(key, link.content, link.signature) for key in self.keys
        ):
            msg = f"Entry {link.sequence} (ID {link.entry_id}) was altered."
            raise ActivityLogAlteredError(msg)
        self.key_number = self._key_of(link)
        self.expected, self.digest = link.sequence + 1, link.digest

    def _key_of(self, link: Link) -> int:
        """Return the number of the key that signed the link.

        Keys that are older than the previous link's key are not accepted.
        """
        for number in range(self.key_number, -1, -1):
            digest = sign_link(
                self.keys[number],
                sequence=link.sequence,
                previous=self.digest,
                entry_id=link.entry_id,
                signature=link.signature,
            )
            if hmac.compare_digest(digest, link.digest):
                return number
        msg = (
            f"Entry {link.sequence} (ID {link.entry_id}) does not follow the entry"
            " before it: it was replaced, moved or signed with an unknown key."
        )
        raise ActivityLogAlteredError(msg)


def read_links(*, after: int, up_to: int) -> list[Link]:
    """Return the next sealed entries of the chain, at most `BATCH`."""
    entries = ActivityEntry.objects.sealed(after=after, up_to=up_to)
    columns = ("id", "sequence", "digest", "signature", *CONTENT)
    return [
        Link(entry_id, sequence, digest, signature, tuple(content))
        for entry_id, sequence, digest, signature, *content in entries.values_list(
            *columns
        )[:BATCH]
    ]
