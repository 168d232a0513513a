"""Thread pool with a bounded queue that runs Django."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final, TypeAlias, TypeVar

from django.db import connections

Result = TypeVar("Result")
_Job: TypeAlias = tuple[Callable[[], Any], "asyncio.Future[Any]"]

LONGEST_QUEUE: Final = 256
"""Maximum number of waiting requests; more are rejected."""


class QueueFullError(Exception):
    """Too many requests are waiting."""


class Threads:
    """A fixed number of threads that run functions for an event loop.

    Unlike `ThreadPoolExecutor`, the queue is bounded, and threads close their database
    connections when they stop.
    """

    def __init__(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"request-{index}", daemon=True)
            for index in range(number)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, function: Callable[[], Result]) -> Result:
        """Run a function in a thread and return its result.

        Raises:
            QueueFullError: Too many requests are waiting.
        """
        if self._queue.qsize() >= LONGEST_QUEUE:
            raise QueueFullError
        future: asyncio.Future[Result] = self._loop.create_future()
        self._queue.put((function, future))
        return await future

    def stop(self) -> None:
        """Finish the queued work and stop the threads."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while self._run_next():
            pass
        connections.close_all()

    def _run_next(self) -> bool:
        """Run the next function. References to it are released before the next wait.

        Returns:
            Whether the thread continues.
        """
        if (job := self._queue.get()) is None:
            return False
        function, future = job
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            self._loop.call_soon_threadsafe(_fail, future, error)
        else:
            self._loop.call_soon_threadsafe(_finish, future, result)
        return True


def _finish(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():  # the caller was cancelled
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
