"""The current operation of endpoints without an ID: the last one started."""

from __future__ import annotations

from config.db.statements import Joined
from imports_app.errors import ImporterNotDefinedError, OperationNotFoundError
from imports_app.importers.base import Importer
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation


def current_operation(endpoint: str) -> tuple[ImportOperation, type[Importer]]:
    """Return the last operation and its importer.

    Raises:
        OperationNotFoundError: There is no operation; `details` is the endpoint.
        ImporterNotDefinedError: Its importer is unknown.
    """
    operation = ImportOperation.objects.current()
    if operation is None:
        raise OperationNotFoundError(details=endpoint)
    importer = find_importer(operation.importer_key)
    if importer is None:
        raise ImporterNotDefinedError.of(operation.importer_key, endpoint)
    return operation, importer


def current_version() -> Joined:
    """Return the SQL expression of `version_of` for the last operation."""
    newest = ImportOperation.objects.order_by("-created_at", "-id")
    return Joined(newest.versions()[:1])


def version_of(operation: ImportOperation | None) -> str | None:
    """Return the version of the operation for the ETag."""
    if operation is None:
        return None
    return f"{operation.id}.{operation.revision}"
