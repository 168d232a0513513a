"""Retries with backoff while the database is unavailable."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

from config.db.errors import Unavailability, unavailability_of

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 600.0
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 1.0
"""Maximum delay. A cancelled import stops within this time plus one lock timeout."""

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
