"""What keeps a run going through a database that is away for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 600.0
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 5.0

T = TypeVar("T")

stopping = threading.Event()
"""Set when this worker process was told to stop: runs end at their next page."""


class StoppedError(Exception):
    """The process is to end; another will go on."""


def check_stop() -> None:
    """Raise `StoppedError` if this process was told to stop."""
    if stopping.is_set():
        raise StoppedError


def is_disk_full(error: BaseException) -> bool:
    """Tell whether it failed because there is no room left."""
    return any(text in str(error) for text in ("disk is full", "No space left"))


def enduring(step: Callable[[], T]) -> T:
    """Do a step that is one transaction; while the database is away, try again.

    A step that was committed without our learning of it must notice that by itself.

    Raises:
        OperationalError: The database was away for too long.
        StoppedError: The process is to end.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError) as error:
            is_hopeless = connection.in_atomic_block or is_disk_full(error)
            if is_hopeless or time.monotonic() > deadline:
                raise
            logger.warning("The database is away (%s); waiting", type(error).__name__)
            connection.close()
        if stopping.wait(pause):
            raise StoppedError
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
