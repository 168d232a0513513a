"""Computation of the changes since the last import, by a worker or in a request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from imports_app.engine.changes.comparison import NotWantedError, compare_source
from imports_app.engine.changes.earlier_imports import find_earlier_imports
from imports_app.engine.plans.digests import basis_of
from imports_app.engine.plans.dry_run import PlanInput
from imports_app.engine.retries import StoppedError, check_stop, retry_on_disconnect
from imports_app.errors import SourceError, StorageUnavailableError
from imports_app.importers.registry import find_importer
from imports_app.models import (
    ChangedRecord,
    ChangedRoom,
    ImportOperation,
    SourceChanges,
)
from imports_app.selection.rules import ALL, Selection, selection_of

logger = logging.getLogger(__name__)


def compared_selection(operation: ImportOperation) -> Selection:
    """Return a selection of everything, with the import's options."""
    stored = selection_of(operation.selection)
    return replace(stored, users=ALL, contacts=ALL, channels=ALL)


def comparison_basis(operation: ImportOperation) -> str:
    """Return the digest of the input of a comparison. One query."""
    return basis_of(operation.pk, compared_selection(operation))


def compute_changes(changes: SourceChanges, check: Callable[[], None]) -> None:
    """Compare a file from the beginning, also after an interruption.

    Args:
        changes: The comparison.
        check: Called after each page; its errors end the computation.

    Raises:
        NotWantedError: The comparison is no longer needed.
        SourceError: The messages are missing or damaged.
        OSError: The storage of uploads is unavailable.
    """
    operation = ImportOperation.objects.get(pk=changes.operation_id)
    importer = find_importer(operation.importer_key)
    earlier = find_earlier_imports(operation)
    if importer is None or not earlier:
        raise NotWantedError
    ChangedRecord.objects.filter(changes=changes).delete()
    ChangedRoom.objects.filter(changes=changes).delete()
    source = PlanInput(
        operation,
        importer,
        compared_selection(operation),
        operation.user.public_id if operation.user else "",
    )
    compare_source(changes, source, earlier, check)


def compute_stored_changes(changes_id: int) -> None:
    """Compute a comparison, if it is still needed."""

    def attempt() -> None:
        changes = SourceChanges.objects.wanted(changes_id).first()
        if changes is not None and not changes.is_complete:
            compute_changes(changes, check_stop)

    try:
        retry_on_disconnect(attempt)
    except (NotWantedError, StoppedError):
        logger.info("changes %s: no longer needed, or stopped", changes_id)
    except (SourceError, StorageUnavailableError, OSError) as error:
        logger.warning("changes %s: %s", changes_id, error)
