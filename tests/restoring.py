"""Rows of the migrations, restored after tests that commit.

Such a test ends in an empty database. Django restores it object by object, which takes
half a second; these are the same rows, inserted table by table.
"""

from __future__ import annotations

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
    """Insert rows into the empty test database."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, found) in rows.items():
            names = ", ".join(map(_quoted, columns))
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO {_quoted(table)} ({names}) VALUES ({places})",  # noqa: S608
                found,
            )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
