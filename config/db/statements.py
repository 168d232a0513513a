"""Precompiled query sets.

Building and compiling a query set takes longer than running it with an index. So
queries on the hot path are compiled once. The ORM still generates their SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet, Subquery, TextField
from django.db.models.sql.compiler import SQLCompiler

Row: TypeAlias = tuple[Any, ...]


class Parameter(str):
    """A named placeholder in a query set for a text that is given at execution."""

    __slots__ = ()


class Joined(Subquery):
    """The column `value` of a subquery's rows, joined with commas; NULL if none."""

    template = "(SELECT GROUP_CONCAT(value, ',') FROM (%(subquery)s) AS listed)"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL for PostgreSQL."""
        template = "(SELECT STRING_AGG(value, ',') FROM (%(subquery)s) AS listed)"
        sql, params = self.as_sql(compiler, connection, template=template, **context)
        return sql, tuple(params)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Compiled SQL with its parameters."""

    sql: str
    params: Row

    def bind(self, **values: str) -> Row:
        """Return the parameters, with a value for each `Parameter`."""
        return tuple(
            [
                values[value] if isinstance(value, Parameter) else value
                for value in self.params
            ]
        )


class Statement:
    """A `values_list` query set, compiled once per database."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._compiled: dict[str, Compiled] = {}

    def rows(self, using: str = DEFAULT_DB_ALIAS, /, **values: str) -> list[Row]:
        """Execute with a value for each `Parameter` and return the rows.

        Values are not converted: datetimes are in UTC and naive on SQLite.
        """
        compiled = self.compiled(using)
        with connections[using].cursor() as cursor:
            cursor.execute(compiled.sql, compiled.bind(**values))
            rows: list[Row] = cursor.fetchall()
        return rows

    def compiled(self, using: str = DEFAULT_DB_ALIAS) -> Compiled:
        """Return the SQL and parameters for a database, compiled on first use."""
        compiled = self._compiled.get(using)
        if compiled is None:
            query = self._build().using(using).query
            sql, params = query.get_compiler(using).as_sql()
            compiled = self._compiled[using] = Compiled(sql, tuple(params))
        return compiled
