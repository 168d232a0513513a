"""Bulk insert, update and lookup through the database driver.

The ORM builds and checks an instance per row, which takes several times longer than the
database. Table and columns still come from the model.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

import orjson
from django.db import connection, models

T = TypeVar("T")

MAX_VARIABLES: Final = 5_000
"""Maximum number of values in one statement.

SQLite allows 32,766 variables (some builds 250,000), PostgreSQL 65,535. The limit is
lower, because a statement may use a list of values several times.
"""


def in_chunks(values: Iterable[T], size: int = MAX_VARIABLES) -> Iterator[list[T]]:
    """Yield the distinct values in lists that fit into one statement.

    Required for every `IN` whose number of values depends on a source or a request.
    """
    distinct = iter(dict.fromkeys(values))
    while chunk := list(islice(distinct, size)):
        yield chunk


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    unique: Sequence[str] = (),
    replaced: Sequence[str] = (),
) -> None:
    """Insert rows. For existing rows, replace some of their columns, or none.

    Args:
        model: The table.
        columns: Field names, in the order of the rows' values. Other columns must have
            a default in the database or be NULL.
        rows: The values as Python objects, datetimes in UTC, JSON as orjson accepts it.
        unique: The fields of the unique constraint that identifies a row.
        replaced: The fields of an existing row that are overwritten.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    fields = [_field(model, name) for name in columns]
    names = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 - trusted names
    if unique:
        keys = ", ".join(quote(_field(model, name).column) for name in unique)
        kept = ", ".join(
            "{0} = excluded.{0}".format(quote(_field(model, name).column))
            for name in replaced
        )
        sql += f" ON CONFLICT ({keys}) DO "
        sql += f"UPDATE SET {kept}" if kept else "NOTHING"
    adapters = [(index, _adapter(field)) for index, field in enumerate(fields)]
    wanted = [(index, adapt) for index, adapt in adapters if adapt is not None]
    adapted = []
    for row in rows:
        values = list(row)
        for index, adapt in wanted:
            values[index] = adapt(values[index])
        adapted.append(values)
    with connection.cursor() as cursor:
        cursor.executemany(sql, adapted)


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Update columns of many rows with one call of the driver.

    Args:
        model: The table.
        columns: Field names, in the order of the rows' values; no datetimes or JSON.
        rows: The values followed by the row's primary key.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(_field(model, name).column)} = %s" for name in columns)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {changes} WHERE id = %s", rows)  # noqa: S608 - trusted names


def find_keys(
    model: type[models.Model], columns: Sequence[str], keys: Collection[tuple[Any, ...]]
) -> set[tuple[Any, ...]]:
    """Return the keys that exist in the table, with one query per chunk.

    Args:
        model: The table.
        columns: The fields of a unique constraint, in order.
        keys: The values of the fields.
    """
    if not keys:
        return set()
    quote = connection.ops.quote_name
    fields = [_field(model, name) for name in columns]
    names = ", ".join(quote(field.column) for field in fields)
    # Values without a column need explicit types.
    row = ", ".join(f"CAST(%s AS {_type_of(field)})" for field in fields)
    same = " AND ".join(
        "had.{0} = wanted.{0}".format(quote(field.column)) for field in fields
    )
    found: set[tuple[Any, ...]] = set()
    for chunk in in_chunks(keys, MAX_VARIABLES // len(columns)):
        rows = ", ".join([f"({row})"] * len(chunk))
        sql = (
            f"WITH wanted ({names}) AS (VALUES {rows})"  # noqa: S608 - trusted names
            f" SELECT {names} FROM wanted WHERE EXISTS"
            f" (SELECT 1 FROM {quote(model._meta.db_table)} had WHERE {same})"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for key in chunk for value in key])
            found.update(cursor.fetchall())
    return found


def _type_of(field: Any) -> str:
    column: str = field.rel_db_type(connection) if field.is_relation else "text"
    return column


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _adapter(field: Any) -> Callable[[Any], Any] | None:
    """Return a function that converts a field's values for the driver, if needed."""
    if isinstance(field, models.DateTimeField):
        return _naive_text if connection.vendor == "sqlite" else None
    if isinstance(field, models.JSONField):
        return _json_text
    return None


def _json_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _naive_text(moment: datetime | None) -> str | None:
    """Return a datetime in UTC as Django writes it to SQLite."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ")
