"""Threads of a worker that poll connected servers beside the imports."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Final

from django.db import Error, connection
from django.utils import timezone

from imports_app.engine.servers.mirror import ensure_polls, poll_server
from imports_app.models import ServerPoll

logger = logging.getLogger(__name__)

_INTERVAL_SECONDS: Final = 2.0
THREAD: Final = "mirror"
"""Name of the threads that poll."""
_END_SECONDS: Final = 2.0
"""Maximum seconds that the end of a worker waits for the poller."""


class ServerPoller:
    """Context manager that polls due servers from background threads.

    Each server has a thread of its own while it is polled, so that a slow server does
    not delay others.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._polls: dict[int, threading.Thread] = {}

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        while True:
            try:
                self._poll_due()
            except Exception:
                logger.exception("Connected servers were not polled")
            finally:
                connection.close()
            if self._stopping.wait(_INTERVAL_SECONDS):
                return

    def _poll_due(self) -> None:
        ensure_polls()
        due = ServerPoll.objects.due(timezone.now())
        for server_id in due.values_list("pk", flat=True):
            running = self._polls.get(server_id)
            if running is None or not running.is_alive():
                thread = threading.Thread(
                    name=THREAD, target=_poll, args=(server_id,), daemon=True
                )
                self._polls[server_id] = thread
                thread.start()


def _poll(server_id: int) -> None:
    try:
        poll_server(server_id)
    except Error:
        logger.exception("A connected server was not polled")
    finally:
        connection.close()
