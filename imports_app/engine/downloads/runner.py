"""Run of pending file and avatar downloads (importers.md 4).

Each file is a record with its own outcome, so that progress, failures, cancelling and
resuming work as in every import. Downloads happen outside of transactions; their
results are saved by page.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import orjson
from django.db import transaction

from accounts.models import User
from accounts.services.activity import Author
from imports_app.downloads.http import FetchError
from imports_app.engine.downloads.parallel import Fetcher
from imports_app.engine.downloads.pending import (
    PENDING,
    PendingDownload,
    PendingDownloads,
    StoredContent,
)
from imports_app.engine.lease import Lease
from imports_app.engine.outcomes import (
    RecordOutcome,
    StagedRecord,
    wire_counters,
    write_outcomes,
)
from imports_app.engine.retries import check_stop, retry_on_disconnect
from imports_app.engine.staging import (
    PAGE,
    count_outcomes,
    stage_records,
    total_staged,
)
from imports_app.models import ImportOperation, ImportRecord, Outcome
from imports_app.records import FileRecord, Kind, SourceItem
from imports_app.sources.limits import ArchiveLimits
from imports_app.statuses import Status
from imports_app.transitions import SERVER, move_operation

_PAGE: Final = 20


def run_downloads(
    operation: ImportOperation, kind: Kind, lease: Lease, limits: ArchiveLimits
) -> None:
    """Download everything pending, resuming after an interruption.

    Raises:
        LeaseLostError: The operation was cancelled or taken over.
        StoppedError: The process is shutting down.
        StorageFullError: The disk is full.
        StorageUnavailableError: The storage of files is unavailable.
    """
    pending = PENDING[kind]
    if operation.status == Status.IMPORTING_STARTED:
        retry_on_disconnect(partial(_begin, operation), check=lease.check)
    if operation.status != Status.IMPORTING_FILES:
        return
    if not operation.is_prepared:
        stage = partial(_stage_page, operation.pk, pending, lease)
        while retry_on_disconnect(stage, check=lease.check):
            lease.end_page()

    def watch() -> None:
        check_stop()
        lease.keep()

    with Fetcher(limits, watch) as fetcher:
        fetch = partial(_fetch_page, operation.pk, kind, lease, fetcher)
        while fetch():
            lease.end_page()


def _begin(operation: ImportOperation) -> None:
    move_operation(operation=operation, to=Status.IMPORTING_FILES, actor=SERVER)


@transaction.atomic
def _stage_page(operation_id: int, pending: PendingDownloads, lease: Lease) -> bool:
    """Stage the next files; return False if there are no more."""
    checkpoint = _checkpoint(operation_id)
    page = pending.stage(checkpoint, PAGE)
    if not page:
        total = total_staged(operation_id)
        lease.renew(is_prepared=True, checkpoint=0, count_total=total)
        return False
    stage_records(operation_id, page)
    lease.renew(checkpoint=checkpoint_of(page))
    return True


def checkpoint_of(page: list[SourceItem]) -> int:
    """Return the key after which the next page begins."""
    return max(
        found.record.target for found in page if isinstance(found.record, FileRecord)
    )


def _checkpoint(operation_id: int) -> int:
    checkpoints = ImportOperation.objects.values_list("checkpoint", flat=True)
    return checkpoints.get(pk=operation_id)


def _fetch_page(operation_id: int, kind: Kind, lease: Lease, fetcher: Fetcher) -> bool:
    """Download the next files and save the results; return False if there are none."""
    read = partial(_read_page, operation_id, kind)
    page, wanted, known = retry_on_disconnect(read, check=lease.check)
    if not page:
        return False
    first = {
        one.content_key: one for one in wanted.values() if one.content_key not in known
    }
    fetched = fetcher.fetch(list(first.values()))
    results = known | {one.content_key: fetched[one.target] for one in first.values()}
    write = partial(_write_page, operation_id, kind, lease, page, wanted, results)
    retry_on_disconnect(write, check=lease.check)
    return True


def _read_page(
    operation_id: int, kind: Kind
) -> tuple[
    list[StagedRecord],
    dict[int, PendingDownload],
    dict[str, StoredContent | FetchError],
]:
    waiting = ImportRecord.objects.waiting(
        operation_id, kind, after=_checkpoint(operation_id)
    )
    page = [
        StagedRecord(pk, import_id, orjson.loads(data))
        for pk, import_id, data in waiting.as_texts()[:_PAGE]
    ]
    pending = PENDING[kind]
    wanted = pending.pending_among([record.data["target"] for record in page])
    return page, wanted, dict(pending.find_stored(list(wanted.values())))


@transaction.atomic
def _write_page(
    operation_id: int,
    kind: Kind,
    lease: Lease,
    page: list[StagedRecord],
    wanted: dict[int, PendingDownload],
    results: dict[str, StoredContent | FetchError],
) -> None:
    """Save a page, unless it is already saved."""
    if _checkpoint(operation_id) >= page[-1].pk:
        return
    kept: dict[int, StoredContent | None] = {}
    record_outcomes = []
    for record in page:
        one = wanted.get(record.data["target"])
        result = None if one is None else results[one.content_key]
        record_outcomes.append(_outcome_of(record, result))
        if one is not None:
            kept[one.target] = None if isinstance(result, FetchError) else result
    PENDING[kind].save_results(kept, by=_author_of(operation_id))
    outcomes = write_outcomes(page, record_outcomes)
    lease.renew(checkpoint=page[-1].pk, **wire_counters(outcomes))
    grown = {outcome.value: number for outcome, number in outcomes.items()}
    count_outcomes(operation_id, kind, **grown)


def _author_of(operation_id: int) -> Author:
    """Return the initiator of the downloads, for the activity log."""
    started = ImportOperation.objects.filter(pk=operation_id).values("user_id")
    return Author(User.objects.filter(public_id__in=started).first())


def _outcome_of(
    record: StagedRecord, result: StoredContent | FetchError | None
) -> RecordOutcome:
    if result is None:
        return _NOT_NEEDED
    if isinstance(result, FetchError):
        address = record.data["address"]
        return RecordOutcome(
            Outcome.FAILED, result.code, f"{address}: {result.message}."
        )
    return RecordOutcome(Outcome.IMPORTED, target_id=record.data["target"])


_NOT_NEEDED: Final = RecordOutcome(
    Outcome.SKIPPED,
    "importer-not-wanted-any-more",
    "The file is already stored, or no longer needed.",
)
