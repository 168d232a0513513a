"""Columns of models in statements: types, and conversion of values for the driver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection, models


def type_of(field: Any) -> str:
    """Return the type of a field's values in a statement.

    Texts have no length, because a cast would truncate them without an error.
    """
    column: str = field.rel_db_type(connection)
    return "text" if column.startswith("varchar") else column


def field_of(model: type[models.Model], name: str) -> Any:
    """Return a field of a model."""
    return model._meta.get_field(name)


def adapter_of(field: Any) -> Callable[[Any], Any] | None:
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
    return None if moment is None else moment.isoformat(" ").removesuffix("+00:00")


def selected(field: Any, name: str) -> str:
    """Return a column of a query whose values `restorer_of` converts.

    Args:
        field: The field.
        name: The quoted name of the column, with the table's.
    """
    is_text = isinstance(field, models.DateTimeField) and connection.vendor == "sqlite"
    return f"CAST({name} AS text)" if is_text else name


def restorer_of(field: Any) -> Callable[[Any], Any] | None:
    """Return a function that converts what the driver returns, if needed."""
    if isinstance(field, models.DateTimeField):
        return _in_utc if connection.vendor == "sqlite" else None
    if isinstance(field, models.JSONField):
        return orjson.loads
    return None


def _in_utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)
