"""Retries with backoff while the database or the storage of uploads is unavailable."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

from config.db.errors import Unavailability, unavailability_of
from imports_app.errors import StorageUnavailableError

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 600.0
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 1.0
"""Maximum delay. A cancelled import stops within this time plus one lock timeout."""
STORAGE_PATIENCE: Final = 30.0
"""Seconds until an unavailable storage of uploads fails an import."""
_STORAGE_PAUSE_SECONDS: Final = 0.5
_WATCH_SECONDS: Final = 1.0

T = TypeVar("T")

stopping = threading.Event()
"""Set when this process is shutting down: runs stop at their next page."""


class StoppedError(Exception):
    """The process is shutting down; another one will resume the work."""


def check_stop() -> None:
    """Raise `StoppedError` if this process is shutting down."""
    if stopping.is_set():
        raise StoppedError


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error was caused by a full disk."""
    return any(text in str(error) for text in ("disk is full", "No space left"))


def retry_on_disconnect(
    step: Callable[[], T], *, check: Callable[[], None] = check_stop
) -> T:
    """Run a step that is one transaction; retry it while the database is unavailable.

    Only lost connections and lock timeouts are retried. Other errors are bugs or a full
    disk, and are raised immediately. A step must detect by itself that an earlier
    attempt was committed without an answer.

    Args:
        step: The step.
        check: Called before each retry; raises if the work is no longer needed, such as
            `Lease.check`.

    Raises:
        OperationalError: The database was unavailable for too long.
        StoppedError: The process is shutting down.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError) as error:
            reason = unavailability_of(error)
            is_hopeless = reason is None or connection.in_atomic_block
            if is_hopeless or time.monotonic() > deadline:
                raise
            logger.warning(
                "The database is unavailable (%s): retrying", type(error).__name__
            )
            if reason is Unavailability.CONNECTION_LOST:
                connection.close()
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        if stopping.wait(pause):
            raise StoppedError
        check()


def retry_on_outage(step: Callable[[], T]) -> T:
    """Run a step that uses the storage of uploads; retry it during an outage.

    Args:
        step: The step; without effect on the database.

    Raises:
        StorageUnavailableError: The storage was unavailable for too long.
        StoppedError: The process is shutting down.
    """
    deadline = time.monotonic() + STORAGE_PATIENCE
    while True:
        try:
            return step()
        except (OSError, StorageUnavailableError) as error:
            if time.monotonic() > deadline:
                raise StorageUnavailableError from error
            logger.warning("The storage is unavailable (%s): retrying", error)
        if stopping.wait(_STORAGE_PAUSE_SECONDS):
            raise StoppedError


def run_watched(step: Callable[[], T], watch: Callable[[], None]) -> T:
    """Run a step that may take minutes in a thread.

    Args:
        step: The step; without access to the database.
        watch: Called about every second, such as to renew a lease. Its errors are
            raised after the step has ended.

    Raises:
        Exception: Any error of the step or of `watch`.
    """
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(step)
        while not wait([job], _WATCH_SECONDS).done:
            watch()
        return job.result()
