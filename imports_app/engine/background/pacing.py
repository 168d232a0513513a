"""Throttling of background work, so that it slows imports by at most a tenth."""

from __future__ import annotations

import time
from typing import Final

from imports_app.engine.retries import StoppedError, check_stop, stopping
from imports_app.models import ImportOperation
from imports_app.statuses import Status

_REST: Final = 9.0
"""Pause after each page during an import, relative to the page's time."""
_SLICE_SECONDS: Final = 10.0
"""Time after which a task ends during an import, so that its worker can help."""


def is_import_running() -> bool:
    """Return whether an import is running or waiting for a worker."""
    running = ImportOperation.objects.running()
    return running.exclude(status=Status.UPLOADING).exists()


class Pace:
    """Throttle of a task that works in pages."""

    def __init__(self) -> None:
        self._began = self._page_began = time.monotonic()

    def may_begin(self) -> bool:
        """Return whether no import is waiting for a worker."""
        return not ImportOperation.objects.waiting_for_a_worker().exists()

    def end_page(self) -> bool:
        """Pause if an import is running; return whether the task may continue.

        Raises:
            StoppedError: The process is shutting down.
        """
        check_stop()
        if not self.may_begin():
            return False
        now = time.monotonic()
        if is_import_running():
            if now - self._began > _SLICE_SECONDS:
                return False
            if stopping.wait(_REST * (now - self._page_began)):
                raise StoppedError
        self._page_began = time.monotonic()
        return True
