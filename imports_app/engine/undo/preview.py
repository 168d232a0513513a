"""Preview of an undo: the rows that it will remove, restore and keep.

The decisions are those of the undo itself. Nothing is written.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from accounts.services.activity import Author
from imports_app.engine.undo.kept_records import COUNTED, KIND_OF
from imports_app.engine.undo.kept_rows import KeptRows, Reason
from imports_app.engine.undo.later_use import keys_of
from imports_app.engine.undo.removal import kept_changes, kept_of
from imports_app.models import (
    ImportOperation,
    JournalEffect,
    JournalPage,
    JournalTable,
)
from imports_app.records import Kind

_FETCHED: Final = 100
_KINDS: Final = (Kind.USER, Kind.CHANNEL, Kind.MESSAGE, Kind.FILE)


@dataclass(slots=True)
class UndoPreview:
    """Numbers of rows by kind, and of kept rows by reason."""

    removed: Counter[Kind] = field(default_factory=Counter)
    restored: Counter[Kind] = field(default_factory=Counter)
    kept: Counter[tuple[Kind, Reason]] = field(default_factory=Counter)
    unchecked: Counter[Kind] = field(default_factory=Counter)
    """Rows that were not checked in time; the undo decides about them."""

    @property
    def kept_by_kind(self) -> Counter[Kind]:
        """Number of kept rows of each kind."""
        numbers: Counter[Kind] = Counter()
        for (kind, _reason), number in self.kept.items():
            numbers[kind] += number
        return numbers

    @property
    def rows(self) -> list[tuple[Kind, int, int, int]]:
        """Removed, restored and kept rows of each kind that has any."""
        kept = self.kept_by_kind
        numbers = (
            (kind, self.removed[kind], self.restored[kind], kept[kind])
            for kind in _KINDS
        )
        return [row for row in numbers if any(row[1:])]


def count_rows(operation_id: int) -> dict[Kind, int]:
    """Count the rows that an undo has to remove or restore, by kind."""
    counted: Counter[Kind] = Counter()
    for (table, effect), number in JournalPage.objects.count_rows(operation_id).items():
        if effect != JournalEffect.USED and JournalTable(table) in COUNTED:
            counted[KIND_OF[JournalTable(table)]] += number
    return {kind: counted[kind] for kind in _KINDS if counted[kind]}


def preview_undo(
    operation: ImportOperation, by: Author, *, seconds: float = math.inf
) -> UndoPreview:
    """Return the effect of an undo by this actor.

    Args:
        operation: The import.
        by: The actor.
        seconds: Time after which the remaining rows are counted, but not checked.
    """
    deadline = time.monotonic() + seconds
    preview = UndoPreview()
    rows = KeptRows(operation, by)
    pages = JournalPage.objects.of_operation(operation.pk).to_undo()
    acting = pages.filter(table__in=COUNTED).exclude(effect=JournalEffect.USED)
    for page in acting.iterator(_FETCHED):
        table = JournalTable(page.table)
        kind = KIND_OF[table]
        is_changed = page.effect == JournalEffect.CHANGED
        is_message = table is JournalTable.MESSAGE
        if is_message and not is_changed and not rows.decides_messages():
            preview.removed[kind] += page.rows
            continue
        if time.monotonic() >= deadline:
            preview.unchecked[kind] += page.rows
            continue
        if is_changed:
            restored, staying = kept_changes(page, rows)
            kept = {key: reason for key, (reason, _change) in staying.items()}
            preview.restored[kind] += page.rows - len(kept)
            rows.assume(table, _also_in_earlier_pages(page, restored))
        else:
            kept = kept_of(page, keys_of(page), rows)
            preview.removed[kind] += page.rows - len(kept)
        for reason in kept.values():
            preview.kept[kind, reason] += 1
    return preview


def _also_in_earlier_pages(
    page: JournalPage, restored: dict[int, dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Return the few rows that the import had created or changed in earlier pages."""
    if not restored:
        return {}
    pages = JournalPage.objects.of_operation(page.operation_id or 0)
    earlier = pages.before(page.pk).overlapping(
        page.table, min(restored), max(restored)
    )
    found: dict[int, dict[str, Any]] = {}
    for other in earlier.exclude(effect=JournalEffect.USED).defer("values"):
        for key in restored.keys() & set(keys_of(other)):
            found[key] = restored[key]
    return found
