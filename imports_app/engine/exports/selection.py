"""Selection of an export: rooms, authors, days, and the result of an import."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Self

from config.errors import DomainError
from imports_app.engine.undo.packing import unpack_keys
from imports_app.models import (
    ImportOperation,
    JournalEffect,
    JournalPage,
    JournalTable,
    Message,
    Room,
)
from imports_app.statuses import UndoState


class ResultUnknownError(DomainError):
    """The rooms and messages of an import are no longer known."""

    code: ClassVar[str] = "error-import-result-unknown"
    default_message: ClassVar[str] = (
        "The result of this import is not known, because its journal was deleted or"
        " the import was undone. Select its rooms instead."
    )


class KeyRanges:
    """Set of keys, most of which are consecutive."""

    def __init__(self) -> None:
        self._first = array("q")
        self._last = array("q")

    def add(self, keys: Sequence[int]) -> None:
        """Add sorted keys that are all greater than earlier ones, or known."""
        for key in keys:
            if self._last and self._first[-1] <= key <= self._last[-1] + 1:
                self._last[-1] = max(key, self._last[-1])
            else:
                self._first.append(key)
                self._last.append(key)

    def __contains__(self, key: int) -> bool:
        index = bisect_right(self._first, key) - 1
        return index >= 0 and key <= self._last[index]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Rooms and messages that an import created or changed."""

    rooms: frozenset[int]
    authors: frozenset[str | None]
    messages: KeyRanges


@dataclass(frozen=True, slots=True)
class Selection:
    """Selected part of the workspace."""

    rooms: tuple[int, ...] | None = None
    """Keys; `None` selects all rooms."""
    authors: tuple[str, ...] | None = None
    """IDs of users, whose messages are selected; `None` selects all messages."""
    since: date | None = None
    """First day, in UTC."""
    until: date | None = None
    """First day after the export, in UTC."""
    operation: int | None = None
    """Key of the import whose result is selected."""

    @property
    def is_everything(self) -> bool:
        """Whether all messages are selected."""
        return self == Selection()

    def as_document(self, operation: ImportOperation | None = None) -> dict[str, Any]:
        """Return the selection with public IDs, without empty criteria."""
        document: dict[str, Any] = {}
        if self.rooms is not None:
            rooms = Room.objects.filter(pk__in=self.rooms).order_by("pk")
            document["rooms"] = list(rooms.values_list("public_id", flat=True))
        if self.authors is not None:
            document["users"] = sorted(self.authors)
        if self.since is not None:
            document["since"] = self.since.isoformat()
        if self.until is not None:
            document["until"] = (self.until - timedelta(days=1)).isoformat()
        if operation is not None:
            document["operation"] = operation.public_id
        return document

    @classmethod
    def of_document(cls, document: dict[str, Any], operation: int | None) -> Self:
        """Return the selection of a stored export.

        Args:
            document: The selection with public IDs.
            operation: Key of the import, unless it was deleted.

        Raises:
            ResultUnknownError: The import was deleted.
        """
        if "operation" in document and operation is None:
            raise ResultUnknownError
        rooms, users = document.get("rooms"), document.get("users")
        since, until = document.get("since"), document.get("until")
        found = Room.objects.filter(public_id__in=rooms or ()).order_by("pk")
        return cls(
            rooms=None if rooms is None else tuple(found.values_list("pk", flat=True)),
            authors=None if users is None else tuple(users),
            since=date.fromisoformat(since) if since else None,
            until=date.fromisoformat(until) + timedelta(days=1) if until else None,
            operation=operation,
        )


def result_of(operation_id: int) -> ImportResult:
    """Return what an import created or changed, by its journal.

    Raises:
        ResultUnknownError: The journal was deleted, or the import was undone.
    """
    operation = ImportOperation.objects.filter(pk=operation_id).first()
    if operation is None or operation.undo_state != UndoState.AVAILABLE:
        raise ResultUnknownError
    rooms: set[int] = set()
    for keys in _changed(operation_id, JournalTable.ROOM):
        rooms.update(keys)
    authors: set[str | None] = set()
    every = array("q")
    for keys in _changed(operation_id, JournalTable.MESSAGE):
        rows = Message.objects.filter(pk__gte=keys[0], pk__lte=keys[-1]).order_by("pk")
        wanted = keys if isinstance(keys, range) else frozenset(keys)
        for key, author, room in rows.values_list("pk", "author_id", "room_id"):
            if key in wanted:
                authors.add(author)
                rooms.add(room)
        every.extend(keys)
    messages = KeyRanges()
    messages.add(sorted(every))
    return ImportResult(frozenset(rooms), frozenset(authors), messages)


def _changed(operation_id: int, table: str) -> Iterator[Sequence[int]]:
    pages = JournalPage.objects.of_operation(operation_id).filter(table=table)
    for page in pages.exclude(effect=JournalEffect.USED).iterator(chunk_size=100):
        yield unpack_keys(page.first_key, page.rows, bytes(page.keys))
