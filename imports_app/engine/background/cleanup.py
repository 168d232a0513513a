"""Deletion of staged records and messages that will not be imported."""

from __future__ import annotations

from typing import Final

from imports_app.engine.background.pacing import Pace
from imports_app.engine.downloads.linked_contents import discard_linked_files
from imports_app.engine.retries import retry_on_disconnect
from imports_app.models import (
    FileDownload,
    ImportOperation,
    ImportPart,
    ImportPlan,
    ImportRecord,
    MessageCount,
    Outcome,
    SourceChanges,
)
from imports_app.uploads.spools import delete_spool

_BATCH: Final = 2_000


def delete_unprocessed(operation_id: int) -> bool:
    """Delete the unprocessed records and the messages of an invalid operation.

    Returns:
        Whether all were deleted. If not, an import has priority.
    """
    pace = Pace()
    if not pace.may_begin():
        return False
    while retry_on_disconnect(lambda: _discard_batch(operation_id)):
        if not pace.end_page():
            return False
    retry_on_disconnect(lambda: _discard_parts(operation_id))
    retry_on_disconnect(lambda: _discard_files(operation_id))
    return True


def _discard_files(operation_id: int) -> None:
    """Delete the files that were downloaded before a run, if the run never starts.

    If it has started, its rest and its retries may need them.
    """
    download = FileDownload.objects.filter(
        operation=operation_id,
        operation__is_valid=False,
        operation__run_started_at=None,
    ).first()
    if download is not None:
        discard_linked_files(download.pk)


def _discard_parts(operation_id: int) -> None:
    """Delete an operation's parts and spool, unless the operation is valid."""
    operation = ImportOperation.objects.filter(pk=operation_id, is_valid=False).first()
    if operation is not None:
        delete_spool(operation)
        ImportPart.objects.of_operation(operation_id).delete()
        MessageCount.objects.of_operation(operation_id).delete()
        ImportPlan.objects.filter(operation=operation_id).delete()
        SourceChanges.objects.filter(operation=operation_id).delete()


def _discard_batch(operation_id: int) -> int:
    """Delete a batch of records, unless the operation is valid."""
    untried = ImportRecord.objects.filter(
        operation=operation_id, operation__is_valid=False, outcome=Outcome.STAGED
    ).order_by("id")
    pks = list(untried.values_list("pk", flat=True)[:_BATCH])
    return ImportRecord.objects.filter(pk__in=pks).delete()[0] if pks else 0
