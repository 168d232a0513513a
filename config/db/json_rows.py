"""Rows of a subquery as a JSON array in one column.

A page and the rows that belong to each of its rows take one statement.
"""

from __future__ import annotations

from typing import Any

from django.db.models import JSONField, Subquery
from django.db.models.sql.compiler import SQLCompiler


class JSONRows(Subquery):
    """The column `value` of a subquery's rows as an array; `[]` without rows.

    Each value is an array (`JSONArray`).
    """

    template = "(SELECT JSON_GROUP_ARRAY(JSON(value)) FROM (%(subquery)s) AS listed)"
    output_field = JSONField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL for PostgreSQL."""
        template = (
            "(SELECT COALESCE(JSONB_AGG(value), '[]') FROM (%(subquery)s) AS listed)"
        )
        sql, params = self.as_sql(compiler, connection, template=template, **context)
        return sql, tuple(params)
