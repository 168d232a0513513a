"""Rows that other tables refer to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import Field, Model

from config.db.bulk import in_chunks

References: TypeAlias = tuple["Field[Any, Any]", ...]
"""Foreign keys to one table."""


@cache
def references_to(
    model: type[Model], others: tuple[type[Model], ...]
) -> dict[str, References]:
    """Return the foreign keys to a table by app, without those of other tables."""
    found: dict[str, References] = {}
    for relation in model._meta.get_fields(include_hidden=True):
        is_reverse = relation.auto_created and not relation.concrete
        if not is_reverse or relation.related_model in others:
            continue
        field: Any = getattr(relation, "field", None)
        if field is not None and not field.many_to_many:
            app = field.model._meta.app_label
            found[app] = (*found.get(app, ()), field)
    return found


def referred_rows(
    model: type[Model], references: Sequence[Field[Any, Any]], keys: Collection[int]
) -> set[int]:
    """Return the rows that any of these foreign keys refers to, by primary key."""
    if not references:
        return set()
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    exists = " OR ".join(_exists(field, table) for field in references)
    found: set[int] = set()
    for chunk in in_chunks(keys):
        places = ", ".join(["%s"] * len(chunk))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {table} WHERE id IN ({places}) AND ({exists})",  # noqa: S608 - trusted names
                chunk,
            )
            found.update(pk for (pk,) in cursor.fetchall())
    return found


def _exists(field: Any, table: str) -> str:
    quote = connection.ops.quote_name
    other, column = quote(field.model._meta.db_table), quote(field.column)
    target = quote(field.target_field.column)
    return f"EXISTS (SELECT 1 FROM {other} WHERE {other}.{column} = {table}.{target})"  # noqa: S608 - trusted names
