"""Removal of what imports leave behind once nobody will ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db.models import Q
from django.utils import timezone

from config.server.bodies import uploads_folder
from imports_app.models import ImportOperation, ImportRecord
from imports_app.statuses import FINISHED

_BATCH: Final = 2_000
_STRAY_AGE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much was removed."""

    records: int
    files: int


def prune_imports(*, before: datetime) -> Pruned:
    """Remove files and records of operations that were over before a moment.

    The operations themselves, their counters and timelines stay.
    """
    over = ImportOperation.objects.filter(
        Q(is_valid=False) | Q(status__in=FINISHED), updated_at__lt=before
    )
    records = sum(_prune_records(pk) for pk in list(over.values_list("pk", flat=True)))
    files = 0
    for path in _removable_files(before):
        path.unlink(missing_ok=True)
        files += 1
    return Pruned(records, files)


def _prune_records(operation_id: int) -> int:
    """Remove an operation's records in transactions that hold nobody up."""
    removed = 0
    rows = ImportRecord.objects.filter(operation=operation_id)
    while pks := list(rows.values_list("pk", flat=True)[:_BATCH]):
        removed += ImportRecord.objects.filter(pk__in=pks).delete()[0]
    return removed


def _removable_files(before: datetime) -> Iterator[Path]:
    """Yield uploads of such operations, and what no operation has."""
    folder = uploads_folder()
    if not folder.is_dir():
        return
    stray_before = (timezone.now() - _STRAY_AGE).timestamp()
    for path in folder.iterdir():
        owner = ImportOperation.objects.filter(public_id=path.name).first()
        if owner is None:
            is_removable = path.stat().st_mtime < stray_before
        else:
            is_over = not owner.is_valid or owner.status in FINISHED
            is_removable = is_over and owner.updated_at < before
        if is_removable:
            yield path
