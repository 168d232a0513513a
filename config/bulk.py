"""Inserts of many rows by the database driver's own means.

The ORM builds and checks an instance for each row, which costs several times what the
database takes. Table and columns still come from the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, models


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    unique: Sequence[str] = (),
    replaced: Sequence[str] = (),
) -> None:
    """Insert rows; where one is there already, replace some of its columns.

    Args:
        model: The table.
        columns: Field names, in the order of the rows' values. Other columns must have
            a default in the database or be NULL.
        rows: The values as Python has them, datetimes in UTC; JSON may be anything that
            orjson takes.
        unique: The fields of the constraint by which a row is recognised.
        replaced: The fields that a recognised row gets from the new one.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    fields = [_field(model, name) for name in columns]
    names = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 - names of ours
    if unique:
        keys = ", ".join(quote(_field(model, name).column) for name in unique)
        kept = ", ".join(
            "{0} = excluded.{0}".format(quote(_field(model, name).column))
            for name in replaced
        )
        sql += f" ON CONFLICT ({keys}) DO UPDATE SET {kept}"
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


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _adapter(field: Any) -> Callable[[Any], Any] | None:
    """Return what makes a field's values fit for the driver, if they are not."""
    if isinstance(field, models.DateTimeField):
        return _naive_text if connection.vendor == "sqlite" else None
    if isinstance(field, models.JSONField):
        return lambda value: orjson.dumps(value).decode()
    return None


def _naive_text(moment: datetime | None) -> str | None:
    """Return a moment in UTC as Django writes it to SQLite."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ")
