"""Bulk lookup and comparison of rows by unique keys, through the database driver."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.db import connection, models

from config.db.bulk import MAX_VARIABLES, in_chunks
from config.db.columns import adapter_of, field_of, restorer_of, selected, type_of

Key: TypeAlias = tuple[Any, ...]


@dataclass(slots=True)
class StoredRows:
    """Rows that exist, by key, compared with other values."""

    equal: dict[Key, int] = field(default_factory=dict)
    """Primary keys of rows with the same values."""
    other: dict[Key, tuple[int, tuple[Any, ...]]] = field(default_factory=dict)
    """Primary keys of other rows, with their values as Python objects."""

    def __contains__(self, key: object) -> bool:
        return key in self.equal or key in self.other

    def __bool__(self) -> bool:
        return bool(self.equal or self.other)

    def keys(self) -> list[int]:
        """Return the primary keys of all existing rows."""
        return [*self.equal.values(), *(pk for pk, _values in self.other.values())]


def find_keys(
    model: type[models.Model], columns: Sequence[str], keys: Collection[Key]
) -> set[Key]:
    """Return the keys that exist in the table, with one query per chunk.

    Args:
        model: The table.
        columns: The fields of a unique constraint, in order.
        keys: The values of the fields.
    """
    return set(find_rows(model, columns, (), keys))


def find_rows(
    model: type[models.Model],
    unique: Sequence[str],
    columns: Sequence[str],
    keys: Collection[Key],
) -> dict[Key, tuple[Any, ...]]:
    """Return columns of the rows with these keys, with one query per chunk.

    Args:
        model: The table.
        unique: The fields of a unique constraint, in order.
        columns: The fields to return, as Python objects.
        keys: The values of the unique fields.
    """
    fields = [field_of(model, name) for name in columns]
    restorers = list(map(restorer_of, fields))
    number = len(unique)
    return {
        row[:number]: _restored(restorers, row[number:])
        for row in _select(model, unique, fields, keys)
    }


def compare_rows(
    model: type[models.Model],
    unique: Sequence[str],
    columns: Sequence[str],
    rows: Mapping[Key, Sequence[Any]],
) -> StoredRows:
    """Return the rows that exist, compared with these, with one query per chunk.

    Most rows of a repeated import are equal. They are compared as the driver returns
    them, which is faster than as Python objects.

    Args:
        model: The table.
        unique: The fields of a unique constraint, in order.
        columns: The fields to compare.
        rows: Values of the unique fields and then of the columns, as Python objects, by
            the values of the unique fields.
    """
    fields = [field_of(model, name) for name in columns]
    adapters = list(map(adapter_of, fields))
    restorers = list(map(restorer_of, fields))
    size = len(unique)
    adapted = [
        (index, adapt)
        for index, adapt in enumerate(adapters, size)
        if adapt is not None
    ]
    found = StoredRows()
    for row in _select(model, unique, [*fields, model._meta.pk], rows):
        key = row[:size]
        wanted = [*rows[key], row[-1]]
        for index, adapt in adapted:
            if wanted[index] is not None:
                wanted[index] = adapt(wanted[index])
        if row == tuple(wanted):
            found.equal[key] = row[-1]
            continue
        values = _restored(restorers, row[size:-1])
        if values == tuple(rows[key][size:]):
            found.equal[key] = row[-1]
        else:
            found.other[key] = row[-1], values
    return found


def _select(
    model: type[models.Model],
    unique: Sequence[str],
    fields: Sequence[Any],
    keys: Collection[Key],
) -> Iterator[tuple[Any, ...]]:
    """Yield the keys of rows and these fields, as the driver returns them."""
    quote = connection.ops.quote_name
    key_fields = [field_of(model, name) for name in unique]
    names = ", ".join(quote(field.column) for field in key_fields)
    # Values without a column need explicit types.
    row = ", ".join(f"CAST(%s AS {type_of(field)})" for field in key_fields)
    same = " AND ".join(
        "had.{0} = wanted.{0}".format(quote(field.column)) for field in key_fields
    )
    wanted = ", ".join(
        [
            *(f"wanted.{quote(field.column)}" for field in key_fields),
            *(selected(field, f"had.{quote(field.column)}") for field in fields),
        ]
    )
    for chunk in in_chunks(keys, MAX_VARIABLES // len(unique)):
        rows = ", ".join([f"({row})"] * len(chunk))
        # A cross join makes SQLite look up each key, instead of reading the table.
        sql = (
            f"WITH wanted ({names}) AS (VALUES {rows})"  # noqa: S608 - trusted names
            f" SELECT {wanted} FROM wanted"
            f" CROSS JOIN {quote(model._meta.db_table)} had WHERE {same}"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for key in chunk for value in key])
            yield from cursor.fetchall()


def _restored(
    restorers: Sequence[Callable[[Any], Any] | None], values: Sequence[Any]
) -> tuple[Any, ...]:
    """Return values of the driver as Python objects."""
    return tuple(
        value if restore is None or value is None else restore(value)
        for restore, value in zip(restorers, values, strict=True)
    )
