"""Fast queries for the latest operations.

Dashboards poll `getLatestImportOperations`, so its rows and their version are read with
prepared statements and without model instances.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from config.db.statements import Joined, Statement
from imports_app.models import ImportOperation

LENGTH: Final = 20


class LatestOperation(NamedTuple):
    """Columns of the statement: the wire's fields and the version."""

    public_id: str
    importer_name: str
    importer_key: str
    created_at: datetime
    status: str
    is_valid: bool
    user_id: str
    updated_at: datetime
    content_type: str
    file_name: str
    count_total: int | None
    count_completed: int | None
    count_error: int | None
    count_users: int | None
    count_channels: int | None
    count_messages: int | None
    count_contacts: int | None
    id: int
    revision: int


LATEST_STATEMENT: Final = Statement(
    lambda: ImportOperation.objects.newest_first().values_list(
        *LatestOperation._fields
    )[:LENGTH]
)


def latest_operations() -> list[LatestOperation]:
    """Return the newest operations, the latest first. One query."""
    return [LatestOperation._make(row) for row in LATEST_STATEMENT.rows()]


def latest_version() -> Joined:
    """Return the SQL expression of `version_of` for the latest operations."""
    return Joined(ImportOperation.objects.newest_first().versions()[:LENGTH])


def version_of(operations: list[LatestOperation]) -> str | None:
    """Return the version of the operations for the ETag."""
    return ",".join([f"{row.id}.{row.revision}" for row in operations])
