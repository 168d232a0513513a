"""Case-insensitive `IN` that takes thousands of texts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Lookup
from django.db.models.sql.compiler import SQLCompiler


class LowerIn(Lookup[Collection[str]]):
    """Condition for `filter`: a column equals one of the texts, ignoring case.

    The database converts both sides, because Python's rules for lower case differ from
    SQLite's. One expression per text takes many times longer to compile.

    Args:
        name: The field's name.
        texts: The texts, at most as many as `in_chunks` returns.
    """

    prepare_rhs = False

    def __init__(self, name: str, texts: Collection[str]) -> None:
        super().__init__(F(name), list(texts))

    def as_sql(
        self, compiler: SQLCompiler, connection: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the condition and its parameters."""
        if not self.rhs:
            raise EmptyResultSet
        column, params = self.process_lhs(compiler, connection)
        places = ", ".join(["LOWER(%s)"] * len(self.rhs))
        return f"LOWER({column}) IN ({places})", (*params, *self.rhs)
