"""Notification that the web process is asked to stop."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Calls a function on the event loop when the process is asked to stop.

    The web server waits for all responses before it calls `__rsgi_del__`. It receives
    signals through the event loop, which works whatever handlers are installed here.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, function: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._function = function
        self._previous: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Replace the handlers, which is possible in the main thread only."""
        if threading.current_thread() is threading.main_thread():
            for number in _STOP_SIGNALS:
                self._previous[number] = signal.signal(number, self._handle)

    def restore(self) -> None:
        """Restore the previous handlers."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._function)
