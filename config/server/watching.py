"""Detection of changes for the waiting requests of a process.

A topic is the name of data that changes, such as the list of operations. One thread
reads the versions of all topics with waiting requests, several times a second, and only
while requests are waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final, TypeAlias, TypeVar

from django.db import connections

from config.server.threads import Threads

INTERVAL_SECONDS: Final = 0.05
_AFTER_ERROR_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Versions: TypeAlias = Mapping[str, str]
Reader: TypeAlias = Callable[[frozenset[str]], Versions]
"""Returns the current versions of topics, without topics that don't exist."""
Seen: TypeAlias = Mapping[str, str | None]
"""The last known version of each topic; `None` if none is known."""


class Watcher:
    """Reads the versions of topics while requests wait for a change of them."""

    def __init__(self, read: Reader, loop: asyncio.AbstractEventLoop) -> None:
        self._read = read
        self._loop = loop
        self._threads = Threads(1, loop)
        self._waiters: dict[asyncio.Future[None], Seen] = {}
        self._topics: Counter[str] = Counter()
        self._has_new_waiters = False
        self._is_failing = False
        self._task: asyncio.Task[None] | None = None
        self.versions: Versions = {}
        """The last reading; empty while no request waits."""
        self.stopped: asyncio.Future[None] = loop.create_future()
        """Done when the server stops, so that all waits end."""

    def stop_waiting(self) -> None:
        """End all waits, because the server stops."""
        if not self.stopped.done():
            self.stopped.set_result(None)

    def close(self) -> None:
        """Stop the thread."""
        self._threads.stop()

    async def run(self, function: Callable[[], Result]) -> Result:
        """Run a function in the watcher's thread.

        If it fails, the thread's database connections are closed, because one of them
        may be broken.
        """
        return await self._threads.run(partial(_run, function))

    @contextmanager
    def watching(self, seen: Seen) -> Iterator[asyncio.Future[None]]:
        """Watch topics; yield a future that is done when one has another version.

        Args:
            seen: The topics and the versions that the caller knows.
        """
        changed: asyncio.Future[None] = self._loop.create_future()
        self._waiters[changed] = seen
        self._topics.update(seen.keys())
        self._has_new_waiters = True
        if self._task is None:
            self._task = self._loop.create_task(self._watch())
        try:
            yield changed
        finally:
            del self._waiters[changed]
            for topic in seen:
                self._topics[topic] -= 1
                if not self._topics[topic]:
                    del self._topics[topic]
            changed.cancel()

    async def _watch(self) -> None:
        """Read versions until no request waits."""
        while self._waiters and not self.stopped.done():
            is_asked, self._has_new_waiters = self._has_new_waiters, False
            try:
                read = partial(self._read, frozenset(self._topics))
                versions = await self.run(read)
            except Exception:
                if not self._is_failing:  # once for each outage
                    logger.exception("The versions of watched data can't be read")
                self._is_failing = self._has_new_waiters = True
                await asyncio.sleep(_AFTER_ERROR_SECONDS)
                continue
            self._is_failing = False
            if is_asked or versions != self.versions:
                self.versions = versions
                self._wake()
            await asyncio.sleep(INTERVAL_SECONDS)
        self._task = None
        self.versions = {}

    def _wake(self) -> None:
        """Finish the waits whose topics have a new version."""
        for changed, seen in self._waiters.items():
            if not changed.done() and any(
                self.versions.get(topic) != version for topic, version in seen.items()
            ):
                changed.set_result(None)


def _run(function: Callable[[], Result]) -> Result:
    try:
        return function()
    except BaseException:
        connections.close_all()
        raise
