"""The current operation of endpoints without an ID: the last one started."""

from __future__ import annotations

from imports_app.api.operation_rows import OperationRow
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
    return operation, importer_of(operation, endpoint)


def importer_of(
    operation: ImportOperation | OperationRow, endpoint: str
) -> type[Importer]:
    """Return the operation's importer.

    Raises:
        ImporterNotDefinedError: The importer is unknown; `details` is the endpoint.
    """
    importer = find_importer(operation.importer_key)
    if importer is None:
        raise ImporterNotDefinedError.of(operation.importer_key, endpoint)
    return importer
