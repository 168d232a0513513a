"""Indexing of messages for the search, in pages.

Each page is a transaction that includes the progress, so a killed worker loses nothing.
During an import, only messages of earlier imports are indexed, at a slow pace, because
workers do not commit the messages of a running import in the order of their keys. After
an import that replaced messages, all messages are compared with their entries.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone

from config.db.bulk import insert_rows
from imports_app.engine.background.message_positions import (
    needs_positions,
    store_positions,
)
from imports_app.engine.background.pacing import Pace, is_import_running
from imports_app.engine.retries import retry_on_disconnect
from imports_app.models import (
    KindCount,
    Message,
    MessageEntry,
    SearchProgress,
)
from imports_app.records import Kind
from imports_app.search.queries import NEXT_PLACE, entry_words, preferred_key

_PAGE: Final = 1_000
_PATIENCE: Final = timedelta(minutes=1)
"""Time without progress after which another worker may start."""


class _Row(NamedTuple):
    pk: int
    room_id: int
    author_id: str
    sent_at: datetime
    text: str

    @property
    def digest(self) -> int:
        parts = f"{self.room_id} {self.author_id} {self.sent_at} {self.text}".encode()
        digest = hashlib.blake2b(parts, digest_size=8).digest()
        return int.from_bytes(digest, signed=True)


def wants_indexing() -> bool:
    """Return whether to enqueue indexing; further callers get `False` for some time.

    The same task stores the positions of messages.
    """
    progress, _is_new = SearchProgress.objects.get_or_create(pk=1)
    end, is_importing = _end_of_index(progress)
    is_compared = is_importing or _updates() == progress.updates_seen
    if end <= progress.checked_to and is_compared and not needs_positions():
        return False
    now = timezone.now()
    silent = Q(asked_at=None) | Q(asked_at__lt=now - _PATIENCE)
    asked = SearchProgress.objects.filter(silent)
    return asked.update(asked_at=now, settled_to=end) == 1


def index_messages() -> None:
    """Create missing and update outdated entries, then store positions of messages.

    Ends early if an import needs the worker.
    """
    pace = Pace()
    if pace.may_begin():
        while retry_on_disconnect(_index_page) and pace.end_page():
            pass
        store_positions(pace)
    SearchProgress.objects.update(asked_at=None)


def _end_of_index(progress: SearchProgress) -> tuple[int, bool]:
    """Return the last key to index, and whether an import is running.

    The newest key is read first: if no import is running afterwards, all messages up to
    this key are committed.
    """
    newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
    if is_import_running():
        return progress.settled_to, True
    return newest, False


def _updates() -> int:
    """Return the number of messages that imports have replaced so far."""
    counts = KindCount.objects.filter(kind=Kind.MESSAGE)
    return counts.aggregate(updated=Sum("updated"))["updated"] or 0


@transaction.atomic
def _index_page() -> bool:
    """Compare the next page with its entries; return False if there is none."""
    SearchProgress.objects.get_or_create(pk=1)
    progress = SearchProgress.objects.select_for_update().get(pk=1)
    end, is_importing = _end_of_index(progress)
    progress.settled_to = end
    page = _page_after(progress.checked_to, end)
    if not page and not is_importing and progress.updates_seen != _updates():
        progress.checked_to = 0
        page = _page_after(0, end)
    if progress.checked_to == 0:
        progress.updates_seen = _updates()
    if page:
        _write(page)
        progress.checked_to = page[-1].pk
    progress.asked_at = timezone.now()
    progress.save()
    return bool(page)


def _page_after(pk: int, end: int) -> list[_Row]:
    columns = ("pk", "room_id", "author_id", "sent_at", "text")
    messages = Message.objects.filter(pk__gt=pk, pk__lte=end)
    rows = messages.order_by("pk").values_list(*columns)
    return [_Row(*row) for row in rows[:_PAGE]]


def _write(page: list[_Row]) -> None:
    known = MessageEntry.objects.filter(message__in=[row.pk for row in page])
    digests = dict(known.values_list("message_id", "digest"))
    wrong = [row for row in page if digests.get(row.pk) != row.digest]
    known.filter(message__in=[row.pk for row in wrong]).update(message=None)
    keys = _free_keys(wrong)
    insert_rows(
        MessageEntry,
        ("id", "message", "digest"),
        sorted((keys[row.pk], row.pk, row.digest) for row in wrong),
    )
    MessageEntry.objects.insert_words(
        (keys[row.pk], entry_words(row.room_id, row.author_id, row.text))
        for row in wrong
    )


def _free_keys(rows: list[_Row]) -> dict[int, int]:
    """Return a free key for each message, ordered by time."""
    free: dict[int, int] = {}
    wanted = {row.pk: preferred_key(row.sent_at, row.pk) for row in rows}
    while wanted:
        there = MessageEntry.objects.filter(pk__in=wanted.values())
        taken = {*free.values(), *there.values_list("pk", flat=True)}
        later: dict[int, int] = {}
        for pk, key in wanted.items():
            if key in taken:
                later[pk] = key + NEXT_PLACE
            else:
                free[pk] = key
                taken.add(key)
        wanted = later
    return free
