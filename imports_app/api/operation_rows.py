"""Fast queries for the operations that clients poll.

Dashboards poll `getLatestImportOperations`, and clients poll the progress of an import.
So the rows and their versions are read with prepared statements and without model
instances.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from config.db.statements import Joined, Statement
from imports_app.models import ImportOperation
from imports_app.statuses import RUNNING, State, Status, state_of

LENGTH: Final = 20


class OperationRow(NamedTuple):
    """Columns of the statements: the wire's fields and the version."""

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

    @property
    def is_running(self) -> bool:
        """Whether the server is processing the operation."""
        return self.is_valid and self.status in RUNNING

    @property
    def state(self) -> State:
        """State in `import.status`."""
        return state_of(Status(self.status), is_valid=self.is_valid)


LATEST_STATEMENT: Final = Statement(
    lambda: ImportOperation.objects.newest_first().values_list(*OperationRow._fields)[
        :LENGTH
    ]
)
_CURRENT_STATEMENT: Final = Statement(
    lambda: ImportOperation.objects.last_started().values_list(*OperationRow._fields)[
        :1
    ]
)


def latest_operations() -> list[OperationRow]:
    """Return the newest operations, the latest first. One query."""
    return [OperationRow._make(row) for row in LATEST_STATEMENT.rows()]


def current_operations() -> list[OperationRow]:
    """Return the last operation that was started, if there is one. One query."""
    return [OperationRow._make(row) for row in _CURRENT_STATEMENT.rows()]


def latest_version() -> Joined:
    """Return the SQL expression of `version_of` for the latest operations."""
    return Joined(ImportOperation.objects.newest_first().versions()[:LENGTH])


def current_version() -> Joined:
    """Return the SQL expression of `version_of` for the last operation."""
    return Joined(ImportOperation.objects.last_started().versions()[:1])


def version_of(operations: list[OperationRow]) -> str | None:
    """Return the version of the operations; `None` without any."""
    return ",".join([f"{row.id}.{row.revision}" for row in operations]) or None
