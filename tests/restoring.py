"""Rows of the migrations, restored after tests that commit.

Such a test ends in an empty database. Django restores it object by object, which takes
half a second; these are the same rows, inserted table by table. On PostgreSQL, Django
truncates all tables, which takes almost a second; deleting their few rows does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]
"""Columns and rows by table."""


def read_rows() -> Rows:
    """Return all rows of the test database."""
    rows: Rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(
            only_existing=True, include_views=False
        ):
            cursor.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - our tables
            if found := cursor.fetchall():
                rows[table] = [column[0] for column in cursor.description], found
    return rows


def insert_rows(rows: Rows) -> None:
    """Insert rows into the test database, unless a skipped test left them there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {_quoted(next(iter(rows)))} LIMIT 1")  # noqa: S608
        if cursor.fetchone():
            return
        for table, (columns, found) in rows.items():
            names = ", ".join(map(_quoted, columns))
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO {_quoted(table)} ({names}) VALUES ({places})",  # noqa: S608
                found,
            )


def delete_instead_of_truncate() -> None:
    """Let the end of a test delete rows, as it does on SQLite."""
    if connection.vendor == "postgresql":
        connection.ops.sql_flush = _delete_statements  # type: ignore[method-assign]


def _delete_statements(style: Any, tables: Sequence[str], **options: bool) -> list[str]:
    return [f"DELETE FROM {_quoted(table)}" for table in tables]  # noqa: S608


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
