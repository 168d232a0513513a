"""Long polling: responses that the web server holds until data changes.

A client that already has the current version can wait for the next one. Its view then
responds 304 as usual, and names the topics of the response. The web server keeps the
request on the event loop, without a thread, and runs it again when one of the topics
has changed or the time is over.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from django.conf import settings

from config.server.environ import Environ
from config.server.responses import BufferedResponse
from config.server.watching import Watcher

KEY: Final = "import_server.hold"
_RUNS_AT_ONCE: Final = 4
"""Held requests that run at the same time, so that a change that concerns hundreds of
them doesn't fill the queue of the threads."""

_Result: TypeAlias = "tuple[BufferedResponse | None, tuple[str, ...]]"
"""An answer, and the topics on which it still depends if it is held back."""


class TooManyWaitingError(Exception):
    """The user, or all users of this process, wait with too many requests."""

    def __init__(self, *, of_user: bool) -> None:
        super().__init__(of_user)
        self.of_user = of_user


@dataclass(slots=True)
class Hold:
    """Option of the web server to hold the response to one request."""

    topics: tuple[str, ...] = ()
    """Topics of the response; empty if it is sent immediately."""
    seconds: int = 0
    """Maximum time for which the response is held."""
    caller: str = ""
    """The user."""
    usage: Any = None
    """Usage of the rate limit. A request counts as one call, even if it runs several
    times."""
    is_repeated: bool = False
    """Whether the request runs again."""


def hold_for(environ: Environ) -> Hold | None:
    """Add an offer to the environ of a request that states preferences."""
    if "HTTP_PREFER" not in environ or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    hold = environ[KEY] = Hold()
    return hold


def hold_of(request: Any) -> Hold | None:
    """Return the web server's offer, or `None` if the response can't be held back."""
    hold: Hold | None = request.META.get(KEY)
    return hold


class WaitingLimits:
    """Limits on the waiting requests of this process, by user and in total."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, caller: str) -> Iterator[None]:
        """Count one more request of the user.

        Raises:
            TooManyWaitingError: There are too many.
        """
        if self._taken[caller] >= settings.WAITING_PER_USER:
            raise TooManyWaitingError(of_user=True)
        if self._taken.total() >= settings.WAITING_PER_PROCESS:
            raise TooManyWaitingError(of_user=False)
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]


class Holds:
    """The held requests of this process."""

    def __init__(self, watcher: Watcher, places: WaitingLimits) -> None:
        self._watcher = watcher
        self._places = places
        self._turns = asyncio.Semaphore(_RUNS_AT_ONCE)
        self._shared: dict[tuple[Hashable, int], asyncio.Future[_Result]] = {}
        """Runs in progress, by their request and the reading before them."""

    async def respond(
        self,
        run: Callable[[], Awaitable[BufferedResponse | None]],
        hold: Hold,
        gone: Callable[[], Awaitable[None]],
        identity: Callable[[], Hashable],
    ) -> BufferedResponse | None:
        """Return the response to a request when it is due.

        Args:
            run: Runs the request.
            hold: The offer that the request carries.
            identity: Returns all parts of the request that its response depends on.
            gone: Returns when the client disconnects.

        Returns:
            `None` if the client disconnected.

        Raises:
            TooManyWaitingError: Too many requests wait already.
        """
        before = self._watcher.versions
        answer = await run()
        if not hold.topics:
            return answer
        with self._places.take(hold.caller):
            return await self._wait(run, hold, gone, identity, answer, before)

    async def _wait(
        self,
        run: Callable[[], Awaitable[BufferedResponse | None]],
        hold: Hold,
        gone: Callable[[], Awaitable[None]],
        identity: Callable[[], Hashable],
        answer: BufferedResponse | None,
        before: Mapping[str, str],
    ) -> BufferedResponse | None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + hold.seconds
        disconnected = asyncio.ensure_future(wait_for(gone))
        hold.is_repeated = True
        try:
            while hold.topics and (seconds := deadline - loop.time()) > 0:
                # The readings were made before the request ran. So whatever changed
                # after it ran differs from them.
                seen = {topic: before.get(topic) for topic in hold.topics}
                with self._watcher.watching(seen) as changed:
                    await asyncio.wait(
                        {changed, disconnected, self._watcher.stopped},
                        timeout=seconds,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                if disconnected.done():
                    return None
                if self._watcher.stopped.done():
                    return answer
                first = answer
                before = self._watcher.versions
                answer, hold.topics = await self._run(run, hold, identity(), before)
                answer = _with_limits_of(first, answer)
            return answer
        finally:
            disconnected.cancel()

    async def _run(
        self,
        run: Callable[[], Awaitable[BufferedResponse | None]],
        hold: Hold,
        identity: Hashable,
        before: Mapping[str, str],
    ) -> _Result:
        """Run a request once for all equal ones that wake up after the same reading.

        Hundreds of equal requests of one client would otherwise delay each other.
        """
        key = identity, id(before)  # which this method keeps alive during the run
        if (shared := self._shared.get(key)) is not None:
            answer, topics = await asyncio.shield(shared)
            if answer is not None and isinstance(answer.content, bytes):
                return answer, topics
            return await self._run_alone(run, hold)  # a file is sent only once
        task = asyncio.ensure_future(self._run_alone(run, hold))
        self._shared[key] = task
        try:
            return await task
        finally:
            del self._shared[key]

    async def _run_alone(
        self, run: Callable[[], Awaitable[BufferedResponse | None]], hold: Hold
    ) -> _Result:
        async with self._turns:
            hold.topics = ()
            answer = await run()
            return answer, hold.topics


def _with_limits_of(
    first: BufferedResponse | None, answer: BufferedResponse | None
) -> BufferedResponse | None:
    """Return a response with the rate limit of the first response to the request."""
    if first is None or answer is None:
        return answer
    others = [header for header in answer.headers if not _is_limit(header)]
    return replace(answer, headers=others + list(filter(_is_limit, first.headers)))


def _is_limit(header: tuple[str, str]) -> bool:
    return header[0].startswith("X-RateLimit-")


async def wait_for(gone: Callable[[], Awaitable[None]]) -> None:
    """Wait for a disconnection. The web server's awaitables can't become tasks."""
    await gone()
