"""Bulk insert and update through the database driver.

The ORM builds and checks an instance per row, which takes several times longer than the
database. Table and columns still come from the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final, TypeVar

from django.db import DataError, IntegrityError, connection, models, transaction

from config.db.columns import adapter_of, field_of, type_of

T = TypeVar("T")

_FEW: Final = 20
"""Rows from which PostgreSQL's bulk statements are used."""
_UNIQUE_VIOLATION: Final = "23505"
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
    fields = [field_of(model, name) for name in columns]
    adapted = _adapted(fields, rows)
    if connection.vendor == "sqlite" or len(rows) < _FEW:
        sql = _insert_values(model, fields) + _conflict(model, unique, replaced)
        with connection.cursor() as cursor:
            cursor.executemany(sql, adapted)
    elif not unique:
        _copy(model, fields, adapted)
    else:
        arrays = ", ".join(f"%s::{type_of(field)}[]" for field in fields)
        sql = f"INSERT INTO {_target(model, fields)} SELECT * FROM unnest({arrays})"  # noqa: S608 - trusted names
        with connection.cursor() as cursor:
            cursor.execute(
                sql + _conflict(model, unique, replaced), _transposed(adapted)
            )


def insert_new_rows(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Sequence[int] | None:
    """Insert rows unless any of them exists; arguments are those of `insert_rows`.

    Returns:
        The keys of the rows, in order; `None` if they were not inserted.
    """
    with suppress(_ExistsError), transaction.atomic():
        return _insert(model, columns, rows, " ON CONFLICT DO NOTHING")
    return None


def insert_with_keys(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Sequence[int]:
    """Insert rows, and return their keys in order.

    Arguments are those of `insert_rows`.
    """
    return _insert(model, columns, rows, "")


def _insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    conflict: str,
) -> Sequence[int]:
    """Insert rows, and return their keys.

    SQLite numbers the rows of a transaction consecutively, because it has one writer.
    PostgreSQL gives the keys first, because a COPY does not return them.

    Raises:
        _ExistsError: One of the rows exists, and `conflict` is not empty.
    """
    if not rows:
        return ()
    fields = [field_of(model, name) for name in columns]
    adapted = _adapted(fields, rows)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(_insert_values(model, fields) + conflict, adapted)
            if conflict and cursor.rowcount != len(rows):
                raise _ExistsError
            cursor.execute("SELECT last_insert_rowid()")
            [(last,)] = cursor.fetchall()
        return range(last - len(rows) + 1, last + 1)
    keys = _new_keys(model, len(rows))
    fields = [model._meta.pk, *fields]
    adapted = [(key, *row) for key, row in zip(keys, adapted, strict=True)]
    try:
        if len(rows) < _FEW and not conflict:
            with connection.cursor() as cursor:
                cursor.executemany(_insert_values(model, fields), adapted)
        else:
            _copy(model, fields, adapted)
    except IntegrityError as error:
        if not conflict or (
            getattr(error.__cause__, "sqlstate", "") != _UNIQUE_VIOLATION
        ):
            raise
        raise _ExistsError from error
    return keys


def _new_keys(model: type[models.Model], number: int) -> Sequence[int]:
    """Return new keys from PostgreSQL's sequence, in order.

    They are consecutive unless another worker takes keys at the same time.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            # OFFSET makes PostgreSQL look up the sequence once, not for each key, and
            # take each key once.
            "SELECT min(key), max(key),"
            " CASE WHEN max(key) - min(key) >= %s THEN array_agg(key) END"
            " FROM (SELECT nextval(sequence) AS key FROM (SELECT"
            " pg_get_serial_sequence(%s, 'id')::regclass AS sequence OFFSET 0) found,"
            " generate_series(1, %s) OFFSET 0) keys",
            [number, table, number],
        )
        [(first, last, keys)] = cursor.fetchall()
    return range(first, last + 1) if keys is None else sorted(keys)


class _ExistsError(Exception):
    """One of the rows exists."""


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Update columns of many rows with one call of the driver.

    Args:
        model: The table.
        columns: Field names, in the order of the rows' values.
        rows: The values followed by the row's primary key.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    fields = [*(field_of(model, name) for name in columns), model._meta.pk]
    names = [quote(field_of(model, name).column) for name in columns]
    rows = _adapted(fields, rows)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            changes = ", ".join(f"{name} = %s" for name in names)
            cursor.executemany(f"UPDATE {table} SET {changes} WHERE id = %s", rows)  # noqa: S608 - trusted names
            return
        arrays = ", ".join(f"%s::{type_of(field)}[]" for field in fields)
        changes = ", ".join(f"{name} = new.{name}" for name in names)
        cursor.execute(
            f"UPDATE {table} old SET {changes}"  # noqa: S608 - trusted names
            f" FROM unnest({arrays}) AS new ({', '.join(names)}, id)"
            " WHERE old.id = new.id",
            _transposed(rows),
        )


def _insert_values(model: type[models.Model], fields: Sequence[Any]) -> str:
    """Return an INSERT statement for one row."""
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_target(model, fields)} VALUES ({places})"  # noqa: S608 - trusted names


def _target(model: type[models.Model], fields: Sequence[Any]) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    return f"{quote(model._meta.db_table)} ({names})"


def _conflict(
    model: type[models.Model], unique: Sequence[str], replaced: Sequence[str]
) -> str:
    """Return what an INSERT statement does with existing rows."""
    if not unique:
        return ""
    quote = connection.ops.quote_name
    keys = ", ".join(quote(field_of(model, name).column) for name in unique)
    kept = ", ".join(
        "{0} = excluded.{0}".format(quote(field_of(model, name).column))
        for name in replaced
    )
    return f" ON CONFLICT ({keys}) DO " + (f"UPDATE SET {kept}" if kept else "NOTHING")


def _copy(
    model: type[models.Model], fields: Sequence[Any], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows with PostgreSQL's COPY, in its binary format if possible.

    Python writes and PostgreSQL reads that format faster than text.

    Raises:
        DataError: A value is out of the range of its column, among others.
    """
    types = [type_of(field) for field in fields]
    is_binary = _BINARY.issuperset(types)
    if is_binary and _JSON in types:
        columns = [index for index, name in enumerate(types) if name == _JSON]
        rows = [_with_json_versions(row, columns) for row in rows]
        types = ["text" if name == _JSON else name for name in types]
    sql = f"COPY {_target(model, fields)} FROM STDIN"
    try:
        with (
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.cursor.copy(f"{sql} (FORMAT BINARY)" if is_binary else sql) as copy,
        ):
            if is_binary:
                copy.set_types(types)
            for row in rows:
                copy.write_row(row)
    except OverflowError as error:  # the binary format can't express the number
        raise DataError(str(error)) from error


_JSON: Final = "jsonb"
_BINARY: Final = frozenset(
    {"bigint", "boolean", "text", "timestamp with time zone", "bytea", _JSON}
)
"""Types whose values are either written as they are or refused.

Larger numbers than an `integer` has would be truncated without an error.
"""


def _with_json_versions(row: Sequence[Any], columns: Iterable[int]) -> list[Any]:
    """Return a row whose JSON texts begin with the version of the binary format."""
    values = list(row)
    for index in columns:
        if values[index] is not None:
            values[index] = f"\x01{values[index]}"
    return values


def _adapted(
    fields: Sequence[Any], rows: Sequence[Sequence[Any]]
) -> Sequence[Sequence[Any]]:
    """Convert the values for the driver."""
    adapters = [(index, adapter_of(field)) for index, field in enumerate(fields)]
    wanted = [(index, adapt) for index, adapt in adapters if adapt is not None]
    if not wanted:
        return rows
    adapted = []
    for row in rows:
        values = list(row)
        for index, adapt in wanted:
            values[index] = adapt(values[index])
        adapted.append(values)
    return adapted


def _transposed(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the columns of rows as lists."""
    return [list(column) for column in zip(*rows, strict=True)]
