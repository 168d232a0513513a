"""Lookup of the rows that later imports created, changed or used."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from config.db.bulk import in_chunks
from imports_app.engine.undo.packing import unpack_keys, unpack_list
from imports_app.models import (
    ImportOperation,
    JournalEffect,
    JournalPage,
    JournalTable,
)
from imports_app.querysets.journal import JournalPageQuerySet


def keys_of(page: JournalPage) -> Sequence[int]:
    """Return the keys of a page, sorted."""
    return unpack_keys(page.first_key, page.rows, bytes(page.keys))


class LaterUse:
    """Rows that other imports used after an import, from the journal."""

    def __init__(self, operation_id: int) -> None:
        last = JournalPage.objects.last_key(operation_id)
        later = JournalPage.objects.later_than(last)
        self._pages: JournalPageQuerySet = later.exclude(operation=operation_id)

    def of(self, table: JournalTable, keys: Collection[int]) -> dict[int, str]:
        """Return the name of the last import that used each row, by key.

        The name is empty if the import was deleted. Rows without later use are missing.
        """
        if not keys or not self._tables & {table}:
            return {}
        wanted = sorted(keys)
        found: dict[int, str] = {}
        pages = self._pages.overlapping(table, wanted[0], wanted[-1])
        for page in pages.select_related("operation").order_by("id").iterator():
            name = _name_of(page.operation) if page.operation else ""
            found |= dict.fromkeys(_common(wanted, keys_of(page)), name)
        return found

    @cached_property
    def _tables(self) -> set[str]:
        return set(self._pages.order_by().values_list("table", flat=True).distinct())

    def has_any(self, table: JournalTable) -> bool:
        """Return whether later imports used any row of a table."""
        return table in self._tables


class OwnRows:
    """Rows that an import created, from the journal."""

    def __init__(self, operation_id: int) -> None:
        pages = JournalPage.objects.of_operation(operation_id)
        self._pages = pages.filter(effect=JournalEffect.CREATED)

    def of(self, table: JournalTable, keys: Iterable[int]) -> set[int]:
        """Return those of the keys that the import created."""
        own: set[int] = set()
        for chunk in in_chunks(keys):
            wanted = sorted(chunk)
            pages = self._pages.overlapping(table, wanted[0], wanted[-1])
            for page in pages.defer("values").iterator():
                own.update(_common(wanted, keys_of(page)))
        return own

    def fingerprints(self, keys: Iterable[int]) -> dict[int, str]:
        """Return the fingerprints of users that the import created, by key."""
        found: dict[int, str] = {}
        for chunk in in_chunks(keys):
            wanted = sorted(chunk)
            pages = self._pages.overlapping(JournalTable.USER, wanted[0], wanted[-1])
            for page in pages.iterator():
                prints = dict(
                    zip(keys_of(page), unpack_list(bytes(page.values)), strict=True)
                )
                found |= {key: prints[key] for key in wanted if key in prints}
        return found


def _name_of(operation: ImportOperation) -> str:
    """Return the import's file and ID; several imports may have the same file."""
    name = operation.original_file_name
    return f"{name!r} ({operation.public_id})" if name else str(operation)


def _common(wanted: Sequence[int], keys: Sequence[int]) -> Iterable[int]:
    """Return the keys that are in both sorted sequences."""
    if isinstance(keys, range):
        start = bisect_left(wanted, keys.start)
        return wanted[start : bisect_left(wanted, keys.stop)]
    return set(wanted).intersection(keys)
