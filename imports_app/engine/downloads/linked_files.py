"""Download of the files that an import's messages link to, before the run.

The job runs while the operation waits for its review. It searches the messages for
links, then downloads the files in pages. Each part of messages and each page of files
is one transaction, so that a killed worker loses at most a page.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from config.db.bulk import insert_rows
from config.db.errors import unavailability_of
from config.db.ids import new_public_id
from config.db.lookups import find_keys
from imports_app.downloads.http import FetchError
from imports_app.engine.disk_reserve import check_free_space
from imports_app.engine.downloads.file_lease import FileLease
from imports_app.engine.downloads.linked_contents import (
    content_name,
    delete_contents,
)
from imports_app.engine.downloads.parallel import Fetcher
from imports_app.engine.downloads.pending import (
    PendingDownload,
    StoredContent,
    UrlSource,
    content_check,
    shown_address,
    stored_files,
)
from imports_app.engine.lease import LeaseLostError
from imports_app.engine.messages.downloaded_files import identity_of, link_key
from imports_app.engine.parts.spool import prepared_data_lost, read_part
from imports_app.engine.retries import (
    StoppedError,
    is_disk_full,
    retry_on_disconnect,
    retry_on_outage,
    run_watched,
)
from imports_app.errors import (
    SourceError,
    StorageFullError,
    StorageUnavailableError,
)
from imports_app.models import (
    DownloadState,
    FileDownload,
    ImportOperation,
    ImportPart,
    LinkedFile,
    LinkedFileState,
)
from imports_app.records import AttachedFile, MessageRecord, SourceItem
from imports_app.sources.limits import ArchiveLimits

logger = logging.getLogger(__name__)

PAGE: Final = 20
_TURN_SECONDS: Final = 10.0
"""Time after which the worker runs other tasks, such as previews."""
_COLUMNS: Final = (
    *("download", "key", "source_id", "name", "content_type", "size", "url"),
    *("room", "message", "source_file", "source_line"),
)
_LONGEST_ID: Final = 255
_LONGEST_FILE: Final = 500
_LONGEST_REASON: Final = 300


def download_linked_files(
    download_id: int,
    limits: ArchiveLimits,
    watch: Callable[[], None] = lambda: None,
    *,
    turn_seconds: float = _TURN_SECONDS,
) -> bool:
    """Download the files for some seconds, if they are still needed.

    Args:
        download_id: Key of the `FileDownload`.
        limits: Limits for archives.
        watch: Called after each page.
        turn_seconds: Seconds after which the turn ends with the current page.

    Returns:
        Whether files are left for another turn.
    """
    lease = retry_on_disconnect(lambda: FileLease.take(download_id, watch))
    if lease is None:
        return False
    try:
        return _take_turn(lease, limits, turn_seconds)
    except LeaseLostError:
        logger.info("file download %s: stopped, or taken over", download_id)
    except StoppedError:
        logger.info("file download %s: released for the next worker", download_id)
        with suppress(OperationalError, InterfaceError):
            lease.release()
    except (StorageFullError, StorageUnavailableError, SourceError) as error:
        logger.warning("file download %s: %s", download_id, error.code)
        _fail(lease, _DISK_FULL if isinstance(error, StorageFullError) else str(error))
    except Exception as error:
        if not isinstance(error, OperationalError | InterfaceError) or (
            unavailability_of(error) is None
        ):
            _fail(lease, _describe(download_id, error))
        raise  # if the database is unavailable, the lease expires
    return False


def _take_turn(lease: FileLease, limits: ArchiveLimits, turn_seconds: float) -> bool:
    until = time.monotonic() + turn_seconds
    with Fetcher(limits, lease.keep) as fetcher:
        list_part = partial(_list_part, lease)
        list_next = partial(retry_on_disconnect, list_part, check=lease.check)
        for step in (list_next, partial(_fetch_page, lease, fetcher)):
            while step():
                lease.watch()
                check_free_space()
                if time.monotonic() > until:
                    lease.pass_on()
                    return True
    end = partial(lease.end, DownloadState.FINISHED)
    retry_on_disconnect(end, check=lease.check)
    lease.watch()
    return False


def _fail(lease: FileLease, error: str) -> None:
    with suppress(LeaseLostError):
        retry_on_disconnect(partial(lease.end, DownloadState.FAILED, error))


def _describe(download_id: int, error: Exception) -> str:
    if is_disk_full(error):
        return _DISK_FULL
    reference = new_public_id()[:8]
    logger.error(
        "file download %s: failed, reference %s\n%s",
        download_id,
        reference,
        traceback.format_exc(),
    )
    return (
        "Something went wrong on the server. Try again. If it fails again, ask the"
        f" administrator to search the server's log for {reference}."
    )


def _list_part(lease: FileLease) -> bool:
    """List the links of the next part of messages; return False if there is none."""
    download = FileDownload.objects.get(pk=lease.download_id)
    if download.is_listed or download.operation is None:
        return False
    parts = ImportPart.objects.of_operation(download.operation.pk).in_spool()
    part = parts.filter(position__gte=download.next_part).first()
    if part is None:
        lease.renew(is_listed=True)
        return False
    rows: dict[str, tuple[Any, ...]] = {}
    for found in _read(download.operation, part, lease):
        for key, row in _links_of(found):
            rows.setdefault(key, (download.pk, key, *row))
    with transaction.atomic():
        wanted = [(download.pk, key) for key in rows]
        known = find_keys(LinkedFile, ("download", "key"), wanted)
        new = [row for row in rows.values() if row[:2] not in known]
        lease.renew(next_part=part.position + 1, found=F("found") + len(new))
        insert_rows(LinkedFile, _COLUMNS, new)
    return True


def _read(
    operation: ImportOperation, part: ImportPart, lease: FileLease
) -> list[SourceItem]:
    read = partial(retry_on_outage, partial(read_part, operation, part))
    try:
        return run_watched(read, watch=lease.keep)
    except StorageUnavailableError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise prepared_data_lost() from error
        raise


def _links_of(found: SourceItem) -> list[tuple[str, tuple[Any, ...]]]:
    """Return key and values of the files that a message links to."""
    record = found.record
    if not isinstance(record, MessageRecord) or not record.files:
        return []
    place = (
        *(record.room[:_LONGEST_ID], record.import_id[:_LONGEST_ID]),
        *(found.file[:_LONGEST_FILE], found.line),
    )
    links = (AttachedFile(**file) for file in record.files)
    return [
        (
            link_key(link.id, link.url),
            (link.id, link.name, link.content_type, link.size, link.url, *place),
        )
        for link in links
        if link.url and not link.entry and not link.is_link
    ]


def _fetch_page(lease: FileLease, fetcher: Fetcher) -> bool:
    """Download the next files and save the results; return False if there are none."""
    read = partial(_read_page, lease.download_id)
    page, wanted, known = retry_on_disconnect(read, check=lease.check)
    if not page:
        return False
    results: dict[int, StoredContent | FetchError] = {
        one.target: known[one.content_key] for one in wanted if one.content_key in known
    }
    try:
        results |= fetcher.fetch(
            [one for one in wanted if one.content_key not in known]
        )
        write = partial(_write_results, lease, page, results)
        retry_on_disconnect(write, check=lease.check)
    except LeaseLostError:
        _delete_leftovers(lease.download_id, [file.pk for file in page])
        raise
    return True


def _read_page(
    download_id: int,
) -> tuple[list[LinkedFile], list[PendingDownload], dict[str, StoredContent]]:
    """Return the next files, and the stored files of earlier imports."""
    page = list(LinkedFile.objects.waiting(download_id)[:PAGE])
    wanted = [_wanted(file) for file in page]
    return page, wanted, stored_files({one.content_key for one in wanted})


def _wanted(file: LinkedFile) -> PendingDownload:
    return PendingDownload(
        target=file.pk,
        source=UrlSource(file.url),
        stored_name=content_name(file.pk),
        content_key=identity_of(file.source_id, file.url),
        accepts=content_check(file.name, file.content_type),
    )


def _delete_leftovers(download_id: int, keys: Sequence[int]) -> None:
    """Delete the files that were downloaded after their list was deleted.

    If the download was only stopped, the next attempt overwrites these files.
    """
    others = FileDownload.objects.exclude(state=DownloadState.DELETED)
    if not others.filter(pk=download_id).exists():
        delete_contents(map(content_name, keys))


@transaction.atomic
def _write_results(
    lease: FileLease,
    page: Sequence[LinkedFile],
    results: Mapping[int, StoredContent | FetchError],
) -> None:
    """Save the results of a page, unless they are already saved."""
    rows = LinkedFile.objects.waiting(lease.download_id)
    if rows.filter(pk__in=[file.pk for file in page]).count() != len(page):
        return
    for file in page:
        _apply(file, results[file.pk])
    counts = Counter(file.state for file in page)
    lease.renew(
        stored=F("stored") + counts[LinkedFileState.STORED],
        gone=F("gone") + counts[LinkedFileState.GONE],
        failed=F("failed") + counts[LinkedFileState.FAILED],
    )
    LinkedFile.objects.bulk_update(
        page, ["state", "code", "reason", "size", "stored_name", "digest"]
    )


def _apply(file: LinkedFile, result: StoredContent | FetchError) -> None:
    if isinstance(result, FetchError):
        gone, failed = LinkedFileState.GONE, LinkedFileState.FAILED
        file.state = gone if result.is_gone else failed
        file.code = result.code
        text = f"{shown_address(file.url)}: {result.message}"
        file.reason = text[: _LONGEST_REASON - 1] + "."
        return
    file.state = LinkedFileState.STORED
    file.stored_name, file.digest = result.name, result.digest
    file.size = result.size


_DISK_FULL: Final = (
    "The server's disk is full. Ask the administrator to free disk space, then try"
    " again. Files downloaded so far are kept."
)
