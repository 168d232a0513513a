"""Parallel downloads from URLs and archives into the storage."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from django.conf import settings
from django.core.files import File

from config.errors import TooLargeError
from config.files.stored_files import imported_files, storage_errors
from imports_app.downloads.http import Fetched, FetchError, FetchLimits, fetching
from imports_app.engine.downloads.pending import (
    ArchiveSource,
    PendingDownload,
    Source,
    StoredContent,
    UrlSource,
)
from imports_app.engine.retries import stopping
from imports_app.errors import (
    SourceError,
    StorageFullError,
    StorageUnavailableError,
)
from imports_app.models import ImportOperation
from imports_app.sources.archives import Archive
from imports_app.sources.limits import ArchiveLimits
from imports_app.uploads.incoming import Received, receive
from imports_app.uploads.storage import local_file

T = TypeVar("T")

AT_ONCE: Final = 4
_CHUNK: Final = 64 * 1024
PAUSES: Final = (0.5, 2.0)
"""Seconds before the second and third attempt."""
_LOOK_UP_SECONDS: Final = 1.0


def fetch_limits(most_bytes: int | None = None) -> FetchLimits:
    """Return the download limits of the settings."""
    return FetchLimits(
        bytes=most_bytes or settings.DOWNLOAD_MAX_BYTES,
        idle_seconds=settings.DOWNLOAD_IDLE_SECONDS,
        total_seconds=settings.DOWNLOAD_SECONDS,
        allowed_hosts=settings.DOWNLOAD_ALLOWED_HOSTS,
    )


class Fetcher:
    """Downloader for pages of files; a context manager that keeps archives open.

    Args:
        limits: Limits for archives.
        watch: Called about every second during downloads; its exceptions abort them.
    """

    def __init__(self, limits: ArchiveLimits, watch: Callable[[], None]) -> None:
        self._limits = limits
        self._watch = watch
        self._operations: dict[str, ImportOperation] = {}
        self._archives: dict[str, Archive] = {}
        self._open = ExitStack()
        self._lock = threading.Lock()
        self._is_aborted = threading.Event()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def fetch(
        self, page: Sequence[PendingDownload]
    ) -> dict[int, StoredContent | FetchError]:
        """Download a page and return the result of each file by target.

        Raises:
            StorageFullError: The disk is full.
            StorageUnavailableError: The storage of files is unavailable.
        """
        self._load_operations(page)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            jobs = {pool.submit(self._store, one): one for one in page}
            waiting: set[Future[StoredContent | FetchError]] = set(jobs)
            try:
                while waiting:
                    _done, waiting = wait(
                        waiting, _LOOK_UP_SECONDS, return_when=FIRST_COMPLETED
                    )
                    self._watch()
            except BaseException:
                self._is_aborted.set()
                for job in waiting:
                    job.cancel()
                raise
        return {one.target: job.result() for job, one in jobs.items()}

    def _load_operations(self, page: Sequence[PendingDownload]) -> None:
        """Load the operations whose archives are needed; threads use no database."""
        ids = {
            one.source.operation
            for one in page
            if isinstance(one.source, ArchiveSource)
        }
        new = ImportOperation.objects.filter(
            public_id__in=ids - self._operations.keys()
        )
        self._operations |= {operation.public_id: operation for operation in new}

    def _store(self, wanted: PendingDownload) -> StoredContent | FetchError:
        try:
            received, content_type = with_retries(lambda: self._receive(wanted))
        except FetchError as error:
            return error
        try:
            if not wanted.accepts(content_type, received.head):
                return _WRONG_TYPE
            storage = imported_files()
            # A file left by an interrupted attempt would change this file's name.
            with storage_errors(), received.path.open("rb") as file:
                storage.delete(wanted.stored_name)
                name = storage.save(wanted.stored_name, File(file))
        except OSError as error:
            if error.errno == errno.EIO:
                raise StorageUnavailableError from error
            raise StorageFullError from error
        finally:
            with suppress(OSError):
                received.path.unlink()
        return StoredContent(name, received.size, received.digest)

    def _receive(self, wanted: PendingDownload) -> tuple[Received, str]:
        limits = fetch_limits(wanted.most_bytes)
        with self._opened(wanted.source, limits) as fetched:
            chunks = self._until_aborted(fetched.chunks)
            return receive(chunks, limits.bytes), fetched.content_type

    @contextmanager
    def _opened(self, source: Source, limits: FetchLimits) -> Iterator[Fetched]:
        if isinstance(source, UrlSource):
            with fetching(source.url, limits) as fetched:
                yield fetched
            return
        try:
            archive = self._archive(source.operation)
            entries = (one for one in archive.entries if one.name == source.entry)
            entry = next(entries, None)
            if entry is None:
                raise _NOT_IN_ARCHIVE
            with archive.read(entry) as stream:
                yield Fetched("", entry.size, iter(lambda: stream.read(_CHUNK), b""))
        except SourceError as error:
            raise FetchError("fetch-archive-gone", error.message) from error

    def _archive(self, operation_id: str) -> Archive:
        """Return an operation's archive, opened once."""
        with self._lock:
            if operation_id not in self._archives:
                path = self._open.enter_context(self._local_file(operation_id))
                archive = Archive(path, self._limits)
                self._archives[operation_id] = self._open.enter_context(archive)
            return self._archives[operation_id]

    @contextmanager
    def _local_file(self, operation_id: str) -> Iterator[Path]:
        operation = self._operations.get(operation_id)
        if operation is None:
            raise _NO_ARCHIVE
        with ExitStack() as stack:
            try:
                path = stack.enter_context(local_file(operation))
            except OSError as error:
                raise _NO_STORAGE from error
            yield path

    def _until_aborted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if self._is_aborted.is_set():
                raise _ENDED
            yield chunk


def with_retries(attempt: Callable[[], T]) -> T:
    """Retry an attempt after temporary errors.

    Raises:
        FetchError: The last attempt failed.
    """
    for pause in (*PAUSES, None):
        try:
            return attempt()
        except TooLargeError as error:
            raise FetchError("fetch-too-large", error.message) from error
        except FetchError as error:
            if not error.is_temporary or pause is None or stopping.wait(pause):
                raise
    raise AssertionError  # unreachable: the last attempt returns or raises


_WRONG_TYPE: Final = FetchError(
    "fetch-unexpected-type",
    "the server sent another type of content, probably because the URL's token has"
    " expired",
    is_gone=True,
)
_NOT_IN_ARCHIVE: Final = FetchError(
    "fetch-archive-gone", "the archive does not contain the file"
)
_NO_ARCHIVE: Final = FetchError(
    "fetch-archive-gone", "the import of the archive was deleted"
)
_NO_STORAGE: Final = FetchError(
    "fetch-archive-gone", "the storage of uploads is not available", is_temporary=True
)
_ENDED: Final = FetchError("fetch-ended", "the import was cancelled")
