"""Polling of connected servers, and storage of the listed operations.

Source: rocketchat-live.md 6.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.processes import has_ended, this_process
from imports_app.engine.servers.clients import rocketchat_client
from imports_app.models import (
    MirroredOperation,
    MirrorGap,
    Server,
    ServerPoll,
)
from imports_app.remote.errors import (
    RemoteError,
    RemotePermissionError,
    RemoteRefusedError,
)
from imports_app.remote.operations import (
    COUNTS,
    ObservedOperation,
    is_working,
    read_counts,
    read_operation,
)
from imports_app.remote.replies import Document

logger = logging.getLogger(__name__)

LISTED: Final = 20
"""Operations in a list of Rocket.Chat. Further ones are ignored."""
MOST_OPERATIONS: Final = 20_000
"""Of one server. A server could otherwise fill the disk."""
_MOST_CHANGES: Final = 500
"""Of one operation."""
_FULL_CODE: Final = "mirror-full"
_FULL: Final = (
    f"The mirror has {MOST_OPERATIONS:,} imports of this server, the maximum. Connect"
    " the server again under another name to keep newer ones."
)
_CALL_SECONDS: Final = 15.0
_CLAIM: Final = timedelta(minutes=2)
"""Time after which a poll without a result is repeated."""
_LONGEST_PAUSE: Final = 600.0
_MOST_DOUBLINGS: Final = 10
_LONGEST_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class _Observation:
    """Result of the calls of one poll."""

    operations: Sequence[ObservedOperation] | None
    """`None` if the list has not changed."""
    is_full: bool
    """Whether older operations may be missing in the list."""
    etag: str
    progress: Document | None
    """Response to getImportProgress, if the newest operation is in progress."""


def ensure_polls() -> None:
    """Create the state of new servers, and repeat the polls of ended processes."""
    missing = Server.objects.filter(poll=None, kind=Server.Kind.ROCKETCHAT)
    ServerPoll.objects.bulk_create(
        [ServerPoll(server=server) for server in missing], ignore_conflicts=True
    )
    for poll in ServerPoll.objects.exclude(claimed_by=""):
        if has_ended(poll.claimed_by):
            lost = ServerPoll.objects.of_claim(poll)
            lost.update(claimed_by="", due_at=timezone.now())


def poll_server(server_id: int) -> bool:
    """Poll a server if it is due and no other process polls it.

    Returns:
        Whether it was polled.
    """
    now = timezone.now()
    due = ServerPoll.objects.due(now).select_related("server")
    poll = due.filter(pk=server_id).first()
    if poll is None:
        return False
    owner = this_process()
    if not ServerPoll.objects.claim_poll(poll, due_at=now + _CLAIM, claimed_by=owner):
        return False
    poll.claim += 1
    poll.claimed_by = owner
    try:
        observed = _observe(poll)
    except RemoteError as error:
        _store_failure(poll, error)
    else:
        _store(poll, observed)
    return True


def _observe(poll: ServerPoll) -> _Observation:
    """Call the server."""
    client = rocketchat_client(poll.server, seconds=_CALL_SECONDS)
    latest = client.latest_operations(poll.etag)
    operations = None
    is_active = poll.is_active
    is_full = len(latest.documents or ()) >= LISTED
    if latest.documents is not None:
        read = map(read_operation, latest.documents[:LISTED])
        operations = [one for one in read if one is not None]
        is_active = any(map(is_working, operations))
    progress = None
    if is_active:
        try:
            progress = client.progress()
        except (RemotePermissionError, RemoteRefusedError):
            logger.info("%s: the progress of the import is not available", poll.server)
    return _Observation(operations, is_full, latest.etag, progress)


@transaction.atomic
def _store(poll: ServerPoll, observed: _Observation) -> None:
    """Store the result of a poll, unless another process has started a newer poll."""
    if not ServerPoll.objects.select_for_update().of_claim(poll).exists():
        return
    is_complete = True
    if observed.operations is not None:
        poll.is_active = any(map(is_working, observed.operations))
        if observed.is_full and poll.error_code != _FULL_CODE:
            _note_gap(poll.server, observed.operations)
        for operation in reversed(observed.operations):
            is_complete &= _store_operation(poll.server, operation)
    if observed.progress is not None:
        _store_progress(poll.server, observed.progress)
    seconds = (
        settings.MIRROR_ACTIVE_SECONDS if poll.is_active else settings.MIRROR_SECONDS
    )
    now = timezone.now()
    ServerPoll.objects.of_claim(poll).update(
        due_at=now + timedelta(seconds=seconds),
        claimed_by="",
        etag=observed.etag,
        polled_at=now,
        failures=0,
        error_code="" if is_complete else _FULL_CODE,
        error="" if is_complete else _FULL,
        is_active=poll.is_active,
    )


def _store_failure(poll: ServerPoll, error: RemoteError) -> None:
    """Store why a poll failed, and double the pause until the next one."""
    doublings = min(poll.failures + 1, _MOST_DOUBLINGS)
    pause = min(settings.MIRROR_SECONDS * 2.0**doublings, _LONGEST_PAUSE)
    pause = max(pause, error.retry_after or 0)
    logger.warning("%s was not polled: %s", poll.server, error.message)
    ServerPoll.objects.of_claim(poll).update(
        due_at=timezone.now() + timedelta(seconds=pause),
        claimed_by="",
        failures=poll.failures + 1,
        error_code=error.code,
        error=error.message[:_LONGEST_ERROR],
    )


def _note_gap(server: Server, operations: Sequence[ObservedOperation]) -> None:
    """Record a gap if a full list contains only newer operations than known ones."""
    known = server.operations.newest_change()
    oldest = min((operation.updated_at for operation in operations), default=None)
    if known is not None and oldest is not None and oldest > known:
        MirrorGap.objects.create(server=server, after=known, before=oldest)
        logger.warning("%s: imports may be missing in the mirror", server)


def _store_operation(server: Server, observed: ObservedOperation) -> bool:
    """Insert or update an operation; an older description changes nothing.

    Returns:
        `False` if the mirror has the maximum number of operations.
    """
    values: dict[str, Any] = {
        name: getattr(observed, name)
        for name in (
            *("importer_name", "importer_key", "created_at", "status", "is_valid"),
            *("user_id", "updated_at", "content_type", "file_name", "document"),
        )
    }
    values |= {f"count_{name}": observed.counts.get(name) for name in COUNTS}
    stored = server.operations.filter(public_id=observed.public_id).first()
    if stored is None:
        if server.operations.count() >= MOST_OPERATIONS:
            return False
        stored = MirroredOperation.objects.create(
            server=server, public_id=observed.public_id, **values
        )
        _note_change(stored, observed)
        return True
    is_same = (stored.status, stored.is_valid) == (observed.status, observed.is_valid)
    is_newer = observed.updated_at > stored.updated_at
    if is_newer or (observed.updated_at == stored.updated_at and not is_same):
        _change(stored, values)
        if not is_same:
            _note_change(stored, observed)
    return True


def _store_progress(server: Server, progress: Document) -> None:
    """Store the counters of the operation in progress, which is the newest one."""
    stored = server.operations.order_by("-created_at", "-id").first()
    counts = read_counts(progress.get("count"))
    if stored is None or not stored.is_running or not counts:
        return
    values: dict[str, Any] = {
        f"count_{name}": number
        for name, number in counts.items()
        if getattr(stored, f"count_{name}") != number
    }
    if values:
        _change(stored, values)


def _change(stored: MirroredOperation, values: dict[str, Any]) -> None:
    changed = MirroredOperation.objects.filter(pk=stored.pk)
    changed.update(revision=F("revision") + 1, **values)


def _note_change(stored: MirroredOperation, observed: ObservedOperation) -> None:
    if stored.changes.count() < _MOST_CHANGES:
        stored.changes.create(
            updated_at=observed.updated_at,
            status=observed.status,
            is_valid=observed.is_valid,
        )
