"""Query sets compiled once and executed many times.

Building and compiling a query set costs more than running it over an index. The few
reads on the hot path are therefore compiled on first use and only executed afterwards.
The SQL is still the ORM's own, so it follows the models.
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
    """Stands in a query set for a text that is given at execution, by its name."""

    __slots__ = ()


class Joined(Subquery):
    """The one column `value` of a subquery's rows, joined with commas; NULL if none."""

    template = "(SELECT GROUP_CONCAT(value, ',') FROM (%(subquery)s) AS listed)"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Spell the aggregate as PostgreSQL does."""
        template = "(SELECT STRING_AGG(value, ',') FROM (%(subquery)s) AS listed)"
        sql, params = self.as_sql(compiler, connection, template=template, **context)
        return sql, tuple(params)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement as one database takes it."""

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
        """Execute with a value for each `Parameter`.

        Values are the database driver's: a datetime is in UTC, and SQLite's has no
        time zone.
        """
        compiled = self.compiled(using)
        with connections[using].cursor() as cursor:
            cursor.execute(compiled.sql, compiled.bind(**values))
            rows: list[Row] = cursor.fetchall()
        return rows

    def compiled(self, using: str = DEFAULT_DB_ALIAS) -> Compiled:
        """Return the SQL for one database, and its parameters."""
        compiled = self._compiled.get(using)
        if compiled is None:
            query = self._build().using(using).query
            sql, params = query.get_compiler(using).as_sql()
            compiled = self._compiled[using] = Compiled(sql, tuple(params))
        return compiled
