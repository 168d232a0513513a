"""Server-sent events: streams that stay open without a thread.

A view responds with the beginning of a stream. The web server then sends later events:
one feed per process reads new events and distributes them to all streams.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from time import monotonic
from typing import Final, NamedTuple, Protocol

from django.http import HttpResponse
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined] # re-exported

from config.server.holds import WaitingLimits, wait_for
from config.server.outgoing import Outgoing
from config.server.responses import BufferedResponse, Headers
from config.server.watching import Reader, Watcher

CHECK_SECONDS: Final = 15
"""How often a stream gets a comment, and its permission is checked."""
_TICK_SECONDS: Final = 1.0
"""How often streams get the progress."""
_LONGEST_QUEUE: Final = 200
"""Maximum number of events that wait for the task of a stream."""
_HEARTBEAT: Final = b": still here\n\n"
_CHECKS_AT_ONCE: Final = 4
_AFTER_ERROR_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


class EventStream(HttpResponse):
    """The beginning of a stream of events.

    With other web servers, which do not continue it, the client reconnects after a few
    seconds, and gets the next events then.
    """

    def __init__(
        self, content: bytes, *, position: int, channel: str, caller: str, rights: str
    ) -> None:
        """Create the response.

        Args:
            content: The first events.
            position: The position of the last of them.
            channel: The channel of the events; empty for all channels.
            caller: The user.
            rights: Topic that no longer exists after the caller's token is revoked.
        """
        super().__init__(content, content_type="text/event-stream")
        self.headers["X-Accel-Buffering"] = "no"  # of nginx
        self.position = position
        self.channel = channel
        self.caller = caller
        self.rights = rights


@dataclass(frozen=True, slots=True)
class StreamStart(BufferedResponse):
    """An answer that continues as a stream."""

    stream: EventStream


class Event(NamedTuple):
    """An encoded event."""

    position: int
    """Order of all events; 0 for events that are not repeated, such as progress."""
    channel: str
    data: bytes


_CHECK: Final = Event(0, "", b"")
"""Marker for the check of a stream's permission."""


class EventSource(Protocol):
    """Reads events from the database."""

    topic: str
    """Topic that changes when there are new events."""

    def last_position(self) -> int:
        """Return the position of the last event."""

    def events_after(self, position: int) -> Sequence[Event]:
        """Return the next events after a position, in order; empty without any."""

    def progress(self) -> Sequence[Event]:
        """Return the progress of the running operation."""


class Transport(Protocol):
    """The web server's side of a response that is sent in parts."""

    async def send_bytes(self, data: bytes, /) -> None:
        """Send a part."""


class StreamChannel(Protocol):
    """The web server's side of one request."""

    def response_stream(self, status: int, headers: Headers, /) -> Transport:
        """Begin a response."""

    async def client_disconnect(self) -> None:
        """Return when the client has disconnected."""


class _Stream:
    """Events for one client that are not sent yet. `None` ends the stream."""

    def __init__(self, start: EventStream, check_at: float) -> None:
        self.start = start
        self.position = start.position
        self.is_live = False
        self.check_at = check_at
        self.events: asyncio.Queue[Event | None] = asyncio.Queue(_LONGEST_QUEUE)

    def offer(self, event: Event) -> None:
        """Add an event of the stream's channel."""
        if not self.is_live or self.start.channel not in ("", event.channel):
            return
        try:
            self.events.put_nowait(event)
        except asyncio.QueueFull:
            if event.position:
                self.end()

    def check(self) -> None:
        """Ask the task of the stream to check the permission."""
        if self.is_live and not self.events.full():
            self.events.put_nowait(_CHECK)

    def end(self) -> None:
        """End the stream without its remaining events, which the client gets later."""
        while not self.events.empty():
            self.events.get_nowait()
        self.events.put_nowait(None)


class Streams:
    """The open streams of this process and their feed."""

    def __init__(
        self, watcher: Watcher, source: EventSource, read: Reader, places: WaitingLimits
    ) -> None:
        self._watcher = watcher
        self._source = source
        self._read = read
        self._places = places
        self._checks = asyncio.Semaphore(_CHECKS_AT_ONCE)
        self._streams: set[_Stream] = set()
        self._numbers = count()
        self._position = 0
        """Position up to which the feed has distributed events."""
        self._ready = asyncio.Event()
        """Set while the feed has a position."""
        self._task: asyncio.Task[None] | None = None

    async def serve(
        self,
        start: StreamStart,
        continued: Callable[[int], Awaitable[EventStream | None]],
        channel: StreamChannel,
        peer: str,
    ) -> None:
        """Send a stream until its end.

        Args:
            start: The beginning.
            continued: Runs the request again with a position; returns the events after
                it, or `None` if the caller has no permission any more.
            channel: The client.
            peer: The client's address and port.
        """
        with self._places.take(start.stream.caller), self._open(start.stream) as stream:
            transport = channel.response_stream(start.status, start.headers)
            gone = asyncio.ensure_future(wait_for(channel.client_disconnect))
            gone.add_done_callback(lambda _task: stream.end())
            try:
                await self._send(stream, continued, transport, Outgoing(peer))
            except ProtocolClosed:
                pass  # the client disconnected
            finally:
                gone.cancel()

    async def _send(
        self,
        stream: _Stream,
        continued: Callable[[int], Awaitable[EventStream | None]],
        transport: Transport,
        outgoing: Outgoing,
    ) -> None:
        content = stream.start.content
        while True:
            # A comment at once, so that proxies and clients see that it has begun.
            await transport.send_bytes(content or _HEARTBEAT)
            await self._ready.wait()
            if self._watcher.stopped.done():
                return
            if stream.position >= self._position:
                break
            if not await outgoing.drained():
                return
            if (more := await self._check(stream, continued)) is None:
                return
            content, stream.position = more.content, more.position
        # Nothing was awaited since the comparison: the feed offers all later events.
        stream.is_live = True
        while (event := await stream.events.get()) is not None:
            if event is _CHECK:
                if await self._check(stream, continued) is None:
                    return
                await transport.send_bytes(_HEARTBEAT)
                continue
            if event.position and event.position <= stream.position:
                continue
            if outgoing.is_stuck():
                return
            await transport.send_bytes(event.data)
            stream.position = event.position or stream.position

    async def _check(
        self,
        stream: _Stream,
        continued: Callable[[int], Awaitable[EventStream | None]],
    ) -> EventStream | None:
        async with self._checks:
            return await continued(stream.position)

    @contextmanager
    def _open(self, start: EventStream) -> Iterator[_Stream]:
        # Not all streams that begin together are checked together.
        delay = CHECK_SECONDS * (1 + next(self._numbers) % 10) / 10
        stream = _Stream(start, monotonic() + delay)
        self._streams.add(stream)
        if self._task is None:
            self._task = asyncio.ensure_future(self._feed())
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    async def _feed(self) -> None:
        """Distribute events until there is no stream or the server stops."""
        seen: str | None = None
        is_failing = False
        tick_at = monotonic() + _TICK_SECONDS
        while self._streams and not self._watcher.stopped.done():
            try:
                if not self._ready.is_set():
                    self._position = await self._watcher.run(self._source.last_position)
                    self._ready.set()
                if await self._is_changed(seen, max(0.0, tick_at - monotonic())):
                    version = self._watcher.versions.get(self._source.topic)
                    await self._distribute()
                    seen = version
                if monotonic() >= tick_at:
                    tick_at = monotonic() + _TICK_SECONDS
                    await self._tick()
                is_failing = False
            except Exception:
                if not is_failing:  # once for each outage
                    logger.exception("The events of streams can't be read")
                is_failing = True
                await asyncio.sleep(_AFTER_ERROR_SECONDS)
        self._task = None
        self._ready.clear()
        if self._watcher.stopped.done():
            self._ready.set()
            for stream in self._streams:
                stream.end()

    async def _is_changed(self, seen: str | None, seconds: float) -> bool:
        """Wait for new events; return whether there may be some."""
        with self._watcher.watching({self._source.topic: seen}) as changed:
            await asyncio.wait(
                {changed, self._watcher.stopped},
                timeout=seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            return changed.done()

    async def _distribute(self) -> None:
        """Offer all new events to all streams."""
        read = self._source.events_after
        while events := await self._watcher.run(partial(read, self._position)):
            for stream in self._streams:
                for event in events:
                    stream.offer(event)
            self._position = events[-1].position

    async def _tick(self) -> None:
        """Offer the progress to all streams, and let them check their permission.

        A stream checks it regularly, and when its token no longer exists.
        """
        for event in await self._watcher.run(self._source.progress):
            for stream in self._streams:
                stream.offer(event)
        rights = frozenset(stream.start.rights for stream in self._streams)
        versions = await self._watcher.run(partial(self._read, rights))
        now = monotonic()
        for stream in self._streams:
            if now >= stream.check_at or stream.start.rights not in versions:
                stream.check_at = now + CHECK_SECONDS
                stream.check()
