"""One piece of background work: an operation is prepared, or run, or ends trying."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from config.db.errors import short_lock_waits, unavailability_of
from config.db.ids import new_public_id
from imports_app.engine.disk_reserve import keep_reserve, release_reserve
from imports_app.engine.downloads.import_files import download_file
from imports_app.engine.lease import Lease, LeaseLostError, Watch
from imports_app.engine.matching.workspace_scopes import claim_scope
from imports_app.engine.retries import StoppedError, is_disk_full, retry_on_disconnect
from imports_app.engine.runner import run_import
from imports_app.engine.staging import stage_all
from imports_app.errors import SourceError, StorageFullError
from imports_app.importers.base import ImportContext, Importer
from imports_app.importers.reading_options import ReadingOptions
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation, ImportRecord
from imports_app.records import Kind, SourceItem, record_of
from imports_app.selection.rules import Selection
from imports_app.sources.limits import ArchiveLimits
from imports_app.statuses import IMPORTING, PREPARING, Status
from imports_app.transitions import SERVER, fail_operation
from imports_app.uploads.storage import upload_path

logger = logging.getLogger(__name__)


def do_nothing() -> None:
    """Watch nothing."""


def limits() -> ArchiveLimits:
    """Return the limits that the settings give to archives."""
    return ArchiveLimits(
        unpacked_bytes=settings.ARCHIVE_MAX_BYTES,
        entry_bytes=settings.ARCHIVE_MAX_ENTRY_BYTES,
        ratio=settings.ARCHIVE_MAX_RATIO,
        entries=settings.ARCHIVE_MAX_ENTRIES,
    )


def prepare(operation_id: int, watch: Watch = do_nothing) -> None:
    """Stage the operation's source, if that is what it waits for.

    Args:
        operation_id: The operation's key.
        watch: Called after each page.
    """

    def stage(
        operation: ImportOperation, importer: type[Importer], lease: Lease
    ) -> None:
        path = upload_path(operation) if operation.file_name else None
        options = ReadingOptions.from_json(operation.reading_options)
        context = ImportContext(path, limits(), options=options)
        if operation.parent_id is None:
            workspace = importer().workspace(context)
            claim = partial(claim_scope, importer.key, workspace)
            context.scope = retry_on_disconnect(claim, check=lease.check)
            source = importer().read(context)
            stage_all(operation, source, context.report, lease)
        else:
            source = _failed_records(operation.parent_id)
            stage_all(operation, source, context.report, lease)
            if operation.status != Status.USER_SELECTION:
                run_import(operation, importer, lease, limits())

    _work(operation_id, PREPARING, stage, watch)


def _failed_records(operation_id: int) -> Iterator[SourceItem]:
    """Yield what failed in an operation and could be read.

    Users whose match with a privileged user was confirmed come along: what failed may
    refer to them, and a retry needs a confirmation of its own.
    """
    parent = ImportOperation.objects.get(pk=operation_id)
    confirmed = list(Selection.from_json(parent.selection).confirmed)
    wanted = ImportRecord.objects.failed(operation_id) | (
        ImportRecord.objects.of_kind(operation_id, Kind.USER).filter(pk__in=confirmed)
    )
    for record in wanted.filter(is_unreadable=False).order_by("id").iterator():
        found = record_of(Kind(record.kind), record.data)
        yield SourceItem(found, record.source_file, record.source_line)


def run(operation_id: int, watch: Watch = do_nothing) -> None:
    """Convert what the operation staged, if that is what it waits for.

    Args:
        operation_id: The operation's key.
        watch: Called after each page.
    """

    def import_staged(
        operation: ImportOperation, importer: type[Importer], lease: Lease
    ) -> None:
        run_import(operation, importer, lease, limits())

    _work(operation_id, IMPORTING, import_staged, watch)


def download(operation_id: int, watch: Watch = do_nothing) -> None:
    """Download the operation's file, if that is what it waits for.

    Args:
        operation_id: The operation's key.
        watch: Not called: there are no pages.
    """

    def load(
        operation: ImportOperation, importer: type[Importer], lease: Lease
    ) -> None:
        download_file(operation, importer, lease, limits())

    _work(operation_id, frozenset({Status.DOWNLOADING_FILE}), load, watch)


def _work(
    operation_id: int,
    statuses: frozenset[Status],
    work: Callable[[ImportOperation, type[Importer], Lease], None],
    watch: Watch,
) -> None:
    """Do the work under a lease; whatever goes wrong ends in a clear state."""
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
    logger.info("%s %s: at work", operation.public_id, operation.status)
    keep_reserve()
    try:
        importer = find_importer(operation.importer_key)
        if importer is None:
            raise SourceError(
                "error-importer-not-defined",
                f"The importer {operation.importer_key!r} is not there any more.",
            )
        work(operation, importer, lease)
    except LeaseLostError:
        logger.info("%s: ended, or taken over by another", operation.public_id)
    except StoppedError:
        logger.info("%s: left for the next worker", operation.public_id)
        _give_back(lease)
    except (OperationalError, InterfaceError) as error:
        if unavailability_of(error) is None:
            _fail(operation, lease, *_describe(operation, error))
        raise  # else the lease expires, and a worker with a database resumes
    except StorageFullError:
        _fail(operation, lease, *_DISK_FULL)
    except SourceError as error:
        logger.info("%s: %s", operation.public_id, error.code)
        _fail(operation, lease, str(error.code), error.message)
    except Exception as error:
        _fail(operation, lease, *_describe(operation, error))
        raise


def _give_back(lease: Lease) -> None:
    """Let another worker resume at once, if the database answers at the first try."""
    with suppress(OperationalError, InterfaceError):
        lease.give_back()


def _fail(operation: ImportOperation, lease: Lease, code: str, message: str) -> None:
    """End the operation, unless somebody else has it by now."""

    @transaction.atomic
    def fail() -> None:
        lease.renew()
        fail_operation(operation=operation, code=code, message=message, actor=SERVER)

    with suppress(LeaseLostError):
        retry_on_disconnect(fail)


def _describe(operation: ImportOperation, error: Exception) -> tuple[str, str]:
    """Return code and sentence for a failure that nobody expected."""
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
        "The server made a mistake. Tell its operator to look into the log for"
        f" {reference}, and try again.",
    )


_DISK_FULL: Final = (
    "importer-storage-full",
    "The server's disk is full. Make room, and import the file again: what came in"
    " already is not doubled.",
)
