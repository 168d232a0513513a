"""Writing of the journal, in the transaction of the changes.

An import writes a few rows per page: keys are packed, and consecutive keys, which most
are, need no space.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from config.db.bulk import insert_rows
from imports_app.engine.undo.packing import (
    Change,
    column_value,
    pack_changes,
    pack_keys,
    pack_list,
    stored_change,
)
from imports_app.models import JournalEffect, JournalPage, JournalTable

_COLUMNS: Final = (
    *("operation", "table", "effect", "rows", "first_key", "last_key"),
    *("keys", "values", "created_at"),
)


def changes_of(
    rows: Iterable[Model], before: QuerySet[Any], columns: Sequence[str]
) -> dict[int, Change]:
    """Return the changes of rows that are about to be updated, by key.

    Args:
        rows: The rows with their new values.
        before: The same rows in the database.
        columns: The columns that may differ.
    """
    stored = {values["pk"]: values for values in before.values("pk", *columns)}
    return {
        row.pk: change_between(
            columns,
            [stored[row.pk][name] for name in columns],
            [column_value(row, name) for name in columns],
        )
        for row in rows
    }


def change_between(
    columns: Sequence[str], before: Sequence[Any], after: Sequence[Any]
) -> Change:
    """Return the change of the columns whose values differ."""
    pairs = zip(columns, before, after, strict=True)
    different = [(name, old, new) for name, old, new in pairs if old != new]
    return Change(
        {name: old for name, old, _new in different},
        {name: new for name, _old, new in different},
    )


class Journal:
    """Journal of one operation's changes, in one process.

    The caller writes rows first and their pages afterwards, in the same transaction, so
    that the order of pages is the order of changes also with several workers.
    """

    def __init__(self, operation_id: int) -> None:
        self._operation_id = operation_id
        self._pages: list[tuple[Any, ...]] = []
        self._used: dict[JournalTable, set[int]] = {}

    def begin(self) -> None:
        """Discard the entries of a failed attempt."""
        self._pages.clear()

    def created(
        self,
        table: JournalTable,
        keys: Collection[int],
        fingerprints: Mapping[int, str] | None = None,
    ) -> None:
        """Add rows that were created.

        Args:
            table: The table.
            keys: The primary keys.
            fingerprints: Digests of the rows by key, if users may change them.
        """
        if not keys:
            return
        ordered = keys if isinstance(keys, range) else sorted(keys)
        values = b""
        if fingerprints is not None:
            values = pack_list([fingerprints[key] for key in ordered])
        self._add(table, JournalEffect.CREATED, ordered, values)

    def changed(self, table: JournalTable, changes: Mapping[int, Change]) -> None:
        """Add rows that were changed, by key."""
        if changes:
            ordered = sorted(changes)
            packed = pack_changes([stored_change(changes[key]) for key in ordered])
            self._add(table, JournalEffect.CHANGED, ordered, packed)

    def used(self, table: JournalTable, keys: Collection[int]) -> None:
        """Add existing rows that the import found or referred to.

        Each row is stored once per process, and cached when the transaction commits.
        Messages are not cached: there are millions, and each is found once.
        """
        if table is JournalTable.MESSAGE:
            self._add_used(table, set(keys))
            return
        known = self._used.setdefault(table, set())
        new = set(keys) - known
        if self._add_used(table, new):
            transaction.on_commit(lambda: known.update(new))

    def _add_used(self, table: JournalTable, keys: set[int]) -> bool:
        if keys:
            self._add(table, JournalEffect.USED, sorted(keys))
        return bool(keys)

    def write(self) -> None:
        """Insert the added pages."""
        pages, self._pages = self._pages, []
        insert_rows(JournalPage, _COLUMNS, pages)

    def _add(
        self,
        table: JournalTable,
        effect: JournalEffect,
        keys: Sequence[int],
        values: bytes = b"",
    ) -> None:
        self._pages.append(
            (
                *(self._operation_id, table.value, effect.value, len(keys)),
                *(keys[0], keys[-1], pack_keys(keys), values, timezone.now()),
            )
        )
