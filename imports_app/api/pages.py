"""Cursor pagination of operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.api.errors import InvalidParamsError
from config.api.input.cursors import Cursor
from config.api.wire import epoch_ms
from imports_app.api.params import ORDERINGS, from_epoch_ms
from imports_app.models import ImportOperation, MirroredOperation
from imports_app.querysets.operations import ImportOperationQuerySet
from imports_app.querysets.outgoing.mirror import MirroredOperationQuerySet


@dataclass(frozen=True, slots=True)
class Page:
    """A page of operations and the cursor of the next one."""

    operations: Sequence[ImportOperation | MirroredOperation]
    cursor: str | None

    @property
    def version(self) -> str:
        """Version of the page for its ETag."""
        rows = ",".join(f"{row.pk}.{row.revision}" for row in self.operations)
        table = type(self.operations[0]).__name__ if self.operations else ""
        return f"{table} {rows} {self.cursor}"


def read_page(
    operations: ImportOperationQuerySet | MirroredOperationQuerySet,
    *,
    ordering: str,
    count: int,
    cursor: str | None = None,
) -> Page:
    """Return the next `count` operations. One query.

    Raises:
        InvalidParamsError: The cursor is broken or belongs to another ordering.
    """
    name = ordering.removeprefix("-")
    field = ORDERINGS[name]
    after = _position(cursor, ordering) if cursor else None
    walk = operations.walk(field, is_descending=ordering != name, after=after)
    rows: list[Any] = list(walk[: count + 1])
    if len(rows) <= count:
        return Page(rows, None)
    last = rows[count - 1]
    value = getattr(last, field)
    if name == "ts":
        value = epoch_ms(value)
    return Page(rows[:count], Cursor(ordering, value, last.pk).encode())


def _position(text: str, ordering: str) -> tuple[Any, int]:
    cursor = Cursor.decode(text)
    if cursor.ordering != ordering:
        msg = f"cursor: belongs to ordering={cursor.ordering}, not {ordering}"
        raise InvalidParamsError(msg)
    if ordering.removeprefix("-") != "ts":
        return str(cursor.value), cursor.id
    try:
        return from_epoch_ms(int(cursor.value)), cursor.id
    except (ValueError, OverflowError):
        raise InvalidParamsError("cursor: has no valid time") from None
