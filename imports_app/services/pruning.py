"""Removal of old uploads and records."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.utils import timezone

from config.db.bulk import in_chunks
from config.db.ids import PUBLIC_ID_LENGTH
from config.server.bodies import uploads_folder
from imports_app.engine.downloads.linked_contents import discard_linked_files
from imports_app.models import (
    Correction,
    FileDownload,
    ImportOperation,
    ImportPart,
    ImportPlan,
    ImportRecord,
    JournalPage,
    MessageCount,
    Notice,
    NoticeDelivery,
    RoomCount,
    SourceChanges,
)
from imports_app.services.uploading.partial_uploads import delete_expired_uploads
from imports_app.statuses import UndoState
from imports_app.uploads.shared import SharedFiles, shared_files
from imports_app.uploads.storage import SPOOL_SUFFIX, owner_of

_BATCH: Final = 2_000
_STRAY_AGE: Final = timedelta(days=1)
_OWN_NAME: Final = re.compile(
    rf"[0-9A-Za-z]{{{PUBLIC_ID_LENGTH}}}({re.escape(SPOOL_SUFFIX)})?"
)
"""Name of an upload or of a spool: the public ID of an operation."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """Numbers of removed records and files."""

    records: int
    files: int


def prune_imports(*, before: datetime) -> Pruned:
    """Remove files, records and notices of operations that finished before a time.

    The operations themselves, their counters and timelines stay.
    """
    prune_notices(before=before)
    over = ImportOperation.objects.finished().filter(updated_at__lt=before)
    records = 0
    for pk in list(over.values_list("pk", flat=True)):
        records += _prune_records(pk)
        _prune_journal(pk)
    JournalPage.objects.filter(operation=None, created_at__lt=before).delete()
    return Pruned(records, prune_files(before=before))


def prune_notices(*, before: datetime) -> int:
    """Remove notices written before a time, except those with pending deliveries.

    Returns:
        The number of removed notices.
    """
    pending = NoticeDelivery.objects.pending().values("notice_id")
    old = Notice.objects.filter(created_at__lt=before, is_distributed=True)
    over = old.exclude(pk__in=pending)
    removed = 0
    while pks := list(over.values_list("pk", flat=True)[:_BATCH]):
        NoticeDelivery.objects.filter(notice__in=pks).delete()
        removed += Notice.objects.filter(pk__in=pks).delete()[0]
    return removed


def prune_files(*, before: datetime) -> int:
    """Remove the files of such operations and expired unfinished uploads.

    These are their uploads, and the files that were downloaded before a run and that no
    message uses.

    Returns:
        The number of removed files.
    """
    removed = delete_expired_uploads()
    for download in FileDownload.objects.superfluous(before=before):
        removed += discard_linked_files(download.pk)
    for path in _removable_files(before):
        path.unlink(missing_ok=True)
        removed += 1
    shared = shared_files()
    if shared is not None:
        for name in _removable_shared(shared, before):
            shared.delete(name)
            removed += 1
    return removed


def _prune_records(operation_id: int) -> int:
    """Remove an operation's records and parts in short transactions."""
    ImportPart.objects.of_operation(operation_id).delete()
    Correction.objects.filter(operation=operation_id).delete()
    MessageCount.objects.of_operation(operation_id).delete()
    ImportPlan.objects.filter(operation=operation_id).delete()
    SourceChanges.objects.filter(operation=operation_id).delete()
    RoomCount.objects.filter(operation=operation_id).delete()
    removed = 0
    rows = ImportRecord.objects.filter(operation=operation_id)
    while pks := list(rows.values_list("pk", flat=True)[:_BATCH]):
        removed += ImportRecord.objects.filter(pk__in=pks).delete()[0]
    return removed


def _prune_journal(operation_id: int) -> None:
    """Remove an operation's journal, after which it can no longer be undone."""
    ImportOperation.objects.filter(
        pk=operation_id, undo_state=UndoState.AVAILABLE
    ).update(undo_state=UndoState.EXPIRED)
    JournalPage.objects.filter(operation=operation_id).delete()


def _removable_files(before: datetime) -> Iterator[Path]:
    """Yield files of finished operations, and old files without an operation."""
    folder = uploads_folder()
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return
    finished, strays = _removable(names, before)
    yield from (folder / name for name in finished)
    stray_before = (timezone.now() - _STRAY_AGE).timestamp()
    for name in strays:
        with suppress(FileNotFoundError):  # it was moved in the meantime
            if (folder / name).stat().st_mtime < stray_before:
                yield folder / name


def _removable_shared(shared: SharedFiles, before: datetime) -> Iterator[str]:
    """Yield such files of the shared storage, which may contain unrelated files."""
    spools = list(filter(_OWN_NAME.fullmatch, shared.folders()))
    uploads = filter(_OWN_NAME.fullmatch, shared.files_in())
    finished, strays = _removable([*uploads, *spools], before)
    stray_before = timezone.now() - _STRAY_AGE
    for names, is_stray in ((finished, False), (strays, True)):
        for name in names:
            for file in _files_of(shared, name, is_folder=name in spools):
                if not is_stray or shared.changed_at(file) < stray_before:
                    yield file


def _files_of(shared: SharedFiles, name: str, *, is_folder: bool) -> list[str]:
    return [f"{name}/{part}" for part in shared.files_in(name)] if is_folder else [name]


def _removable(names: list[str], before: datetime) -> tuple[list[str], list[str]]:
    """Return the names of finished operations' files, and of those without one."""
    finished: list[str] = []
    strays: list[str] = []
    for chunk in in_chunks(names):
        names_of: dict[str, list[str]] = {}
        for name in chunk:
            names_of.setdefault(owner_of(name), []).append(name)
        owners = ImportOperation.objects.filter(public_id__in=names_of)
        owned = set(owners.values_list("public_id", flat=True))
        over = owners.finished().filter(updated_at__lt=before)
        for owner in over.values_list("public_id", flat=True):
            finished += names_of[owner]
        for owner in names_of.keys() - owned:
            strays += names_of[owner]
    return finished, strays
