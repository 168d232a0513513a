"""Background jobs of an operation: download, prepare and run."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from config.db.errors import short_lock_waits, unavailability_of
from config.db.ids import new_public_id
from imports_app.engine.corrections.staged import missing_direct_room
from imports_app.engine.disk_reserve import keep_reserve, release_reserve
from imports_app.engine.downloads.import_files import download_file
from imports_app.engine.lease import AssistantLease, Lease, LeaseLostError, Watch
from imports_app.engine.matching.workspace_scopes import claim_scope
from imports_app.engine.parts.messages import RequestHelp, convert_parts
from imports_app.engine.retries import (
    StoppedError,
    is_disk_full,
    retry_on_disconnect,
    retry_on_outage,
    run_watched,
)
from imports_app.engine.runner import run_import, user_lookup
from imports_app.engine.staging import stage_all
from imports_app.errors import (
    SourceError,
    StorageFullError,
    StorageUnavailableError,
)
from imports_app.importers.base import ImportContext, Importer, Report
from imports_app.importers.detection.kinds import DETECTED_KIND
from imports_app.importers.reading_options import ReadingOptions
from imports_app.importers.registry import find_importer
from imports_app.models import Correction, ImportOperation, ImportRecord
from imports_app.records import Kind, MessageRecord, SourceItem, record_of
from imports_app.selection.rules import Selection
from imports_app.sources.limits import ArchiveLimits
from imports_app.statuses import IMPORTING, PREPARING, Status
from imports_app.transitions import SERVER, fail_operation
from imports_app.uploads.storage import local_file

logger = logging.getLogger(__name__)


def no_op() -> None:
    """Do nothing after a page."""


def request_no_help(parts: int) -> None:
    """Do nothing, so that no other worker helps."""


def limits() -> ArchiveLimits:
    """Return the archive limits of the settings."""
    return ArchiveLimits(
        unpacked_bytes=settings.ARCHIVE_MAX_BYTES,
        entry_bytes=settings.ARCHIVE_MAX_ENTRY_BYTES,
        ratio=settings.ARCHIVE_MAX_RATIO,
        entries=settings.ARCHIVE_MAX_ENTRIES,
    )


def prepare(
    operation_id: int, watch: Watch = no_op, request_help: RequestHelp = request_no_help
) -> None:
    """Stage the operation's source, if the operation is waiting for it.

    Args:
        operation_id: The operation's key.
        watch: Called after each page.
        request_help: Asks other workers for help with a number of parts: a retry and a
            rest run immediately.
    """

    def stage(
        operation: ImportOperation, importer: type[Importer], lease: Lease
    ) -> None:
        if operation.parent_id is None:
            with _source_file(operation, lease) as path:
                _stage_source(operation, importer, path, lease)
        else:
            source = _failed_records(operation.parent_id)
            stage_all(operation, source, Report(), lease)
        if operation.status != Status.USER_SELECTION:
            run_import(operation, importer, lease, limits(), request_help)

    _work(operation_id, PREPARING, stage, watch)


@contextmanager
def _source_file(operation: ImportOperation, lease: Lease) -> Iterator[Path | None]:
    """Yield the path of the operation's file, if it has one."""
    if not operation.file_name:
        yield None
        return
    with ExitStack() as stack:

        def get() -> Path:
            return stack.enter_context(local_file(operation))

        yield run_watched(partial(retry_on_outage, get), watch=lease.keep)


def _stage_source(
    operation: ImportOperation,
    importer: type[Importer],
    path: Path | None,
    lease: Lease,
) -> None:
    options = ReadingOptions.from_json(operation.reading_options)
    context = ImportContext(
        path, limits(), options=options, file_name=operation.file_name
    )
    context.report.keep_warning(DETECTED_KIND, operation.report)
    workspace = importer().workspace(context)
    claim = partial(claim_scope, operation, workspace)
    context.scope = retry_on_disconnect(claim, check=lease.check)
    if workspace is not None:
        rows = ImportOperation.objects.filter(pk=operation.pk)
        store = partial(rows.change, workspace_id=workspace.id[:255])
        retry_on_disconnect(store, check=lease.check)
    stage_all(operation, importer().read(context), context.report, lease)


def _failed_records(operation_id: int) -> Iterator[SourceItem]:
    """Yield the failed but readable records of an operation.

    Users with a confirmed match with a privileged user are included: failed records may
    refer to them, and a retry needs its own confirmation. Corrected records have their
    corrected data.
    """
    parent = ImportOperation.objects.get(pk=operation_id)
    confirmed = list(Selection.from_json(parent.selection).confirmed)
    wanted = ImportRecord.objects.retryable(operation_id) | (
        ImportRecord.objects.of_kind(operation_id, Kind.USER).filter(
            pk__in=confirmed, is_unreadable=False
        )
    )
    corrected = dict(
        Correction.objects.filter(operation=operation_id).values_list(
            "record_id", "data"
        )
    )
    rooms: set[str] = set()
    for record in wanted.order_by("id").iterator():
        found = record_of(Kind(record.kind), corrected.get(record.pk, record.data))
        item = SourceItem(found, record.source_file, record.source_line)
        if record.pk in corrected and isinstance(found, MessageRecord):
            room = missing_direct_room(found)
            if room is not None and found.room not in rooms:
                rooms.add(found.room)
                yield SourceItem(room, record.source_file, record.source_line)
        yield item


def run(
    operation_id: int, watch: Watch = no_op, request_help: RequestHelp = request_no_help
) -> None:
    """Convert the operation's staged records, if the operation is waiting for it.

    Args:
        operation_id: The operation's key.
        watch: Called after each page.
        request_help: Asks other workers for help with a number of parts.
    """

    def import_staged(
        operation: ImportOperation, importer: type[Importer], lease: Lease
    ) -> None:
        run_import(operation, importer, lease, limits(), request_help)

    _work(operation_id, IMPORTING, import_staged, watch)


def assist(operation_id: int, watch: Watch = no_op) -> None:
    """Convert parts of an operation that another worker is running, if any are left.

    Args:
        operation_id: The operation's key.
        watch: Called after each page.
    """

    def convert(
        operation: ImportOperation, importer: type[Importer], lease: Lease
    ) -> None:
        convert_parts(operation, user_lookup(operation, importer, lease), lease)

    _freeze_startup_objects()
    with short_lock_waits():
        _work_under(AssistantLease(operation_id, watch), convert)


def download(operation_id: int, watch: Watch = no_op) -> None:
    """Download the operation's file, if the operation is waiting for it.

    Args:
        operation_id: The operation's key.
        watch: Not called, because there are no pages.
    """

    def load(
        operation: ImportOperation, importer: type[Importer], lease: Lease
    ) -> None:
        download_file(operation, importer, lease, limits())

    _work(operation_id, frozenset({Status.DOWNLOADING_FILE}), load, watch)


@cache
def _freeze_startup_objects() -> None:
    """Exclude the objects of Django and this program from garbage collection.

    They live as long as the process. Collecting them repeatedly would take about a
    fifth of the time of an import.
    """
    gc.collect()
    gc.freeze()


def _work(
    operation_id: int,
    statuses: frozenset[Status],
    work: Callable[[ImportOperation, type[Importer], Lease], None],
    watch: Watch,
) -> None:
    """Run a job with a lease. After errors, the operation is in a defined state."""
    _freeze_startup_objects()
    with short_lock_waits():
        lease = retry_on_disconnect(lambda: Lease.take(operation_id, statuses, watch))
        if lease is not None:
            _work_under(lease, work)


def _work_under(
    lease: Lease, work: Callable[[ImportOperation, type[Importer], Lease], None]
) -> None:
    operation_id = lease.operation_id
    operation = retry_on_disconnect(
        lambda: ImportOperation.objects.get(pk=operation_id)
    )
    logger.info("%s %s: job started", operation.public_id, operation.status)
    keep_reserve()
    try:
        importer = find_importer(operation.importer_key)
        if importer is None:
            raise SourceError(
                "error-importer-not-defined",
                f"The importer {operation.importer_key!r} is not available in this"
                " version. Start a new import with another importer.",
            )
        work(operation, importer, lease)
    except LeaseLostError:
        logger.info("%s: cancelled, or taken over", operation.public_id)
    except StoppedError:
        logger.info("%s: released for the next worker", operation.public_id)
        _release(lease)
    except (OperationalError, InterfaceError) as error:
        if unavailability_of(error) is None:
            _fail(operation, lease, *_describe(operation, error))
        raise  # otherwise the lease expires, and another worker resumes
    except StorageFullError:
        _fail(operation, lease, *_DISK_FULL)
    except StorageUnavailableError:
        logger.exception("%s: storage unavailable", operation.public_id)
        _fail(operation, lease, *_STORAGE_UNAVAILABLE)
    except SourceError as error:
        logger.info("%s: %s", operation.public_id, error.code)
        _fail(operation, lease, str(error.code), error.message)
    except Exception as error:
        _fail(operation, lease, *_describe(operation, error))
        raise


def _release(lease: Lease) -> None:
    """Release the lease so that another worker resumes at once. One attempt only."""
    with suppress(OperationalError, InterfaceError):
        lease.release()


def _fail(operation: ImportOperation, lease: Lease, code: str, message: str) -> None:
    """Mark the operation as failed, unless the lease is lost."""

    @transaction.atomic
    def fail() -> None:
        lease.renew()
        fail_operation(operation=operation, code=code, message=message, actor=SERVER)

    with suppress(LeaseLostError):
        retry_on_disconnect(fail)


def _describe(operation: ImportOperation, error: Exception) -> tuple[str, str]:
    """Return code and message of an unexpected error."""
    if is_disk_full(error):
        release_reserve()
        return _DISK_FULL
    reference = new_public_id()[:8]
    logger.error(
        "%s: failed, reference %s\n%s",
        operation.public_id,
        reference,
        traceback.format_exc(),
    )
    return (
        "importer-internal-error",
        "Something went wrong on the server. Try again. If it fails again, ask the"
        f" administrator to search the server's log for {reference}.",
    )


_DISK_FULL: Final = (
    "importer-storage-full",
    "The server's disk is full. Ask the administrator to free disk space, then import"
    " the file again. Records imported so far are not duplicated.",
)

_STORAGE_UNAVAILABLE: Final = (
    "importer-storage-unavailable",
    "The storage of uploads or of files did not answer. Ask the administrator to check"
    " UPLOAD_STORAGE and FILE_STORAGE, then import the file again. Records imported so"
    " far are not duplicated.",
)
