"""Run of an undo, from the last page of the journal to the first.

Pages are undone in transactions with the counters, the records of what was kept and the
checkpoint. So a killed worker loses nothing, and the next one resumes.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Final

from django.db import transaction

from accounts.models import User
from accounts.services.activity import Author
from imports_app.engine.downloads.linked_contents import (
    delete_contents,
    discard_linked_files,
    unused_names,
)
from imports_app.engine.lease import Lease
from imports_app.engine.outcomes import wire_counters
from imports_app.engine.retries import (
    retry_on_disconnect,
    retry_on_outage,
    run_watched,
)
from imports_app.engine.staging import count_outcomes
from imports_app.engine.undo.kept_records import COUNTED, KIND_OF, write_kept
from imports_app.engine.undo.packing import unpack_list
from imports_app.engine.undo.removal import PageResult, PageUndo
from imports_app.errors import SourceError
from imports_app.models import (
    FileDownload,
    ImportOperation,
    JournalPage,
    JournalTable,
    Outcome,
)
from imports_app.statuses import Status, UndoState
from imports_app.transitions import (
    LEASE_ENDED,
    SERVER,
    mark_undone,
    move_operation,
)

_MOST_ROWS: Final = 5_000
"""Rows of pages after which a transaction ends."""
_MOST_PAGES: Final = 50


def run_undo(operation: ImportOperation, lease: Lease) -> None:
    """Undo the operation's parent, resuming after an interruption.

    Raises:
        LeaseLostError: The operation was cancelled, replaced or taken over.
        StoppedError: The process is shutting down.
        StorageUnavailableError: The storage of files is unavailable.
    """
    parent = operation.parent
    if parent is None:  # the import was deleted, and its journal has no owner
        raise SourceError(
            "importer-undo-without-import",
            "The import was deleted, so it can no longer be undone.",
        )
    undo = retry_on_disconnect(
        lambda: PageUndo(parent, _author_of(operation)), check=lease.check
    )
    step = partial(_undo_pages, operation, parent.pk, undo, lease)
    while retry_on_disconnect(step, check=lease.check):
        lease.end_page()
    delete = partial(_delete_contents, parent.pk, lease)
    while retry_on_disconnect(delete, check=lease.check):
        lease.end_page()
    discard = partial(_discard_downloads, parent.pk, lease)
    retry_on_disconnect(partial(retry_on_outage, discard), check=lease.check)
    retry_on_disconnect(
        partial(_finish, operation, parent.pk, lease), check=lease.check
    )


def _author_of(operation: ImportOperation) -> Author:
    """Return the user who started the undo, whose permissions limit it."""
    users = User.objects.filter(public_id=operation.run_started_by)
    return Author(users.first())


@transaction.atomic
def _undo_pages(
    operation: ImportOperation, parent_id: int, undo: PageUndo, lease: Lease
) -> bool:
    """Undo the next pages; return False if there are none."""
    checkpoints = ImportOperation.objects.values_list("checkpoint", flat=True)
    checkpoint = checkpoints.get(pk=operation.pk)
    pages = JournalPage.objects.of_operation(parent_id).before(checkpoint)
    lease.renew()
    undo.begin()
    outcomes: Counter[Outcome] = Counter()
    rows, last = 0, 0
    for page in pages.to_undo()[:_MOST_PAGES]:
        rows, last = rows + page.rows, page.pk
        table = JournalTable(page.table)
        number, is_counted = page.rows, table in COUNTED and page.is_change
        result = undo.undo(page)
        write_kept(operation.pk, table, result.kept)
        if is_counted:
            outcomes += _count(operation.pk, table, number, result)
        if rows >= _MOST_ROWS:
            break
    if not last:
        return False
    lease.renew(checkpoint=last, **wire_counters(outcomes))
    _mark_if_undone(parent_id)
    return True


def _count(
    operation_id: int, table: JournalTable, rows: int, result: PageResult
) -> Counter[Outcome]:
    """Count the rows of a page; missing rows count as removed."""
    kept = len(result.kept)
    outcome = Outcome.UPDATED if result.is_restoring else Outcome.IMPORTED
    outcomes = Counter({outcome: rows - kept, Outcome.SKIPPED: kept})
    grown = {one.value: number for one, number in outcomes.items()}
    count_outcomes(operation_id, KIND_OF[table], **grown)
    return outcomes


def _delete_contents(parent_id: int, lease: Lease) -> bool:
    """Delete stored contents that no row refers to; return False if there are none.

    The page is deleted after the contents, so that no content remains if the worker is
    killed.
    """
    pages = JournalPage.objects.of_operation(parent_id)
    page = pages.filter(table=JournalTable.STORED_FILE).first()
    if page is None:
        return False
    names = unused_names(set(unpack_list(bytes(page.values))))
    run_watched(partial(retry_on_outage, partial(delete_contents, names)), lease.keep)
    with transaction.atomic():
        page.delete()
        _mark_if_undone(parent_id)
    return True


def _discard_downloads(parent_id: int, lease: Lease) -> None:
    """Delete the files that were downloaded before the run and that are unused now."""
    download = FileDownload.objects.filter(operation=parent_id).first()
    if download is not None:
        discard_linked_files(download.pk, lease.keep)


def _mark_if_undone(parent_id: int) -> bool:
    """Mark the import as undone if its journal is empty; return whether it is.

    Called in the transaction that removes the last page, because the undo may be
    cancelled before it ends.
    """
    if JournalPage.objects.of_operation(parent_id).exists():
        return False
    parent = ImportOperation.objects.get(pk=parent_id)
    if parent.undo_state != UndoState.UNDONE:
        mark_undone(operation=parent, state=UndoState.UNDONE, actor=SERVER)
    return True


@transaction.atomic
def _finish(operation: ImportOperation, parent_id: int, lease: Lease) -> None:
    """End the undo. If rows were kept, it can be repeated later."""
    lease.renew()
    if not _mark_if_undone(parent_id):
        parent = ImportOperation.objects.get(pk=parent_id)
        mark_undone(operation=parent, state=UndoState.PARTLY, actor=SERVER)
    for status in (Status.FINISHING, Status.DONE):
        values = LEASE_ENDED if status == Status.DONE else {}
        move_operation(operation=operation, to=status, actor=SERVER, **values)
