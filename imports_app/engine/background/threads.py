"""Background threads of a worker."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from types import TracebackType
from typing import ClassVar, Final, Generic, TypeVar

from django.db import Error, connection

logger = logging.getLogger(__name__)

_INTERVAL_SECONDS: Final = 2.0
_END_SECONDS: Final = 2.0
"""Maximum seconds that the end of a worker waits for the threads."""

Key = TypeVar("Key", bound=Hashable)


class BackgroundWork(ABC, Generic[Key]):
    """Context manager that does due work in background threads.

    Each key, such as a server, has its own thread while work for it is due. So a slow
    server delays neither imports nor other servers.
    """

    thread: ClassVar[str]
    """Name of the threads."""
    failure: ClassVar[str]
    """Log message after an error."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._threads: dict[Key, threading.Thread] = {}

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._thread.join(_END_SECONDS)

    @abstractmethod
    def due(self) -> Iterable[Key]:
        """Return the keys for which work is due; called every two seconds."""

    @abstractmethod
    def work(self, key: Key) -> None:
        """Do the work of a key in its own thread."""

    def _run(self) -> None:
        while True:
            try:
                for key in self.due():
                    self._begin(key)
            except Exception:
                logger.exception(self.failure)
            finally:
                connection.close()
            if self.stopping.wait(_INTERVAL_SECONDS):
                return

    def _begin(self, key: Key) -> None:
        running = self._threads.get(key)
        if running is None or not running.is_alive():
            thread = threading.Thread(
                name=self.thread, target=self._work, args=(key,), daemon=True
            )
            self._threads[key] = thread
            thread.start()

    def _work(self, key: Key) -> None:
        try:
            self.work(key)
        except Error:
            logger.exception(self.failure)
        finally:
            connection.close()
