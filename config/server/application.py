"""RSGI application that granian serves: receives requests and runs Django.

Everything that may wait for a client runs on the event loop: receiving bodies and
sending responses. Django's threads process complete requests only, so that slow clients
can't block them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import BytesIO
from types import SimpleNamespace
from typing import Final, Protocol, TypeVar

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest, get_script_name
from django.core.signals import request_started
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from django.utils.module_loading import import_string
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined] # re-exported

from config.http.client_addresses import client_address, network_of
from config.server import admission as admissions
from config.server import bodies
from config.server.admission import Admission
from config.server.bodies import (
    LEAST_RATE,
    Body,
    BodyStorageError,
    BodyTooLargeError,
    BodyTooSlowError,
    Incoming,
)
from config.server.environ import Environ, InvalidHeadersError, Scope, environ_of
from config.server.event_streams import EventStream, StreamChannel, Streams, StreamStart
from config.server.holds import KEY as HOLD
from config.server.holds import (
    Hold,
    Holds,
    TooManyWaitingError,
    WaitingLimits,
    hold_for,
)
from config.server.responses import (
    BufferedResponse,
    Sender,
    buffer_response,
    error_response,
)
from config.server.signals import StopSignals
from config.server.sockets import end_stuck_connections
from config.server.threads import QueueFullError, Threads
from config.server.watching import Watcher
from config.units import format_bytes

THREADS: Final = 4
"""Several threads, so that a slow request such as a login doesn't block the process.
More would only wait for the GIL."""
SMALL_BODY: Final = 64 * 1024
"""Size in bytes up to which bodies are received without admission."""

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class Channel(Sender, Incoming, StreamChannel, Protocol):
    """The web server's side of one request: receives the body, sends the response."""


class Handler(WSGIHandler):
    """Django's request handler without the WSGI calling convention."""

    def respond(self, environ: Environ) -> HttpResponseBase:
        """Return the response to a complete request."""
        set_script_prefix(get_script_name(environ))
        request_started.send(sender=type(self), environ=environ)
        return self.get_response(WSGIRequest(environ))


class _Refusal(Exception):  # noqa: N818 - a response, not an error
    """An error response of the web server itself."""

    def __init__(
        self, status: int, text: str, *, retry_seconds: int | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.retry_seconds = retry_seconds


class RsgiApplication:
    """Receives requests and sends responses (RSGI)."""

    def __init__(self) -> None:
        self._handler = Handler()
        self._arriving: Counter[str] = Counter()
        self._threads: Threads
        self._watcher: Watcher
        self._holds: Holds
        self._streams: Streams
        self._signals: StopSignals

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads of the web process."""
        self._threads = Threads(THREADS, loop)
        read = import_string(settings.WATCHED_VERSIONS)
        source = import_string(settings.EVENT_SOURCE)()
        places = WaitingLimits()
        self._watcher = Watcher(read, loop)
        self._holds = Holds(self._watcher, places)
        self._streams = Streams(self._watcher, source, read, places)
        # These run when the server listens.
        loop.call_soon(end_stuck_connections)
        self._signals = StopSignals(loop, self._watcher.stop_waiting)
        loop.call_soon(self._signals.install)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop the threads when the process stops."""
        self._signals.restore()
        self._watcher.close()
        self._threads.stop()

    async def __rsgi__(self, scope: Scope, channel: Channel) -> None:
        """Serve one request."""
        try:
            try:
                await self._serve(scope, channel)
            except TooManyWaitingError as error:
                raise _too_many_waiting(error) from None
        except ProtocolClosed:
            pass  # the client disconnected
        except _Refusal as refused:
            answer = error_response(
                refused.status,
                refused.text,
                path=scope.path,
                retry_seconds=refused.retry_seconds,
            )
            with suppress(ProtocolClosed):
                answer.send(channel)

    async def _serve(self, scope: Scope, channel: Channel) -> None:
        environ = _environ_of(scope)
        if not _has_body(environ):
            environ["wsgi.input"] = BytesIO()
            if (hold := hold_for(environ)) is not None:
                await self._answer_held(scope, hold, channel)
            else:
                await self._answer(environ, scope, channel)
            return
        body = Body()
        try:
            with self._one_more(network_of(_client_address(environ))):
                if not (limit := await self._ask(environ, channel)):
                    return
                admission: Admission | None = environ.get(admissions.KEY)
                keeps_part = admission is not None and admission.keeps_part
                await _receive(body, channel, limit, keeps_part=keeps_part)
            if body.size < int(environ.get("CONTENT_LENGTH", 0)) and not keeps_part:
                return  # the client disconnected
            # Django may have changed the environ in the first run.
            complete = _environ_of(scope)
            complete.pop("HTTP_TRANSFER_ENCODING", None)
            complete["CONTENT_LENGTH"] = str(body.size)
            complete["wsgi.input"] = body.stream
            complete[bodies.KEY] = body
            complete[admissions.KEY] = environ.get(admissions.KEY)
            await self._answer(complete, scope, channel)
        finally:
            body.close()

    async def _answer(self, environ: Environ, scope: Scope, channel: Channel) -> None:
        """Run a complete request and send the response."""
        answer = await self._run(partial(self._respond, environ, channel))
        await self._send(answer, scope, channel)

    async def _send(
        self, answer: BufferedResponse | None, scope: Scope, channel: Channel
    ) -> None:
        """Send a response that is not sent yet, and continue it if it is a stream."""
        if isinstance(answer, StreamStart):
            continued = partial(self._continued, scope)
            await self._streams.serve(answer, continued, channel, scope.client)
        elif answer is not None:
            answer.send(channel)

    async def _answer_held(self, scope: Scope, hold: Hold, channel: Channel) -> None:
        """Send the response to a request that may wait for a change."""

        run = partial(self._run_again, scope, hold)
        identity = partial(_identity_of, scope)
        gone = channel.client_disconnect
        answer = await self._holds.respond(run, hold, gone, identity)
        await self._send(answer, scope, channel)

    async def _continued(self, scope: Scope, position: int) -> EventStream | None:
        """Return the next events of a stream, or `None` if it must end."""
        hold = Hold(is_repeated=True)
        try:
            answer = await self._run_again(
                scope, hold, HTTP_LAST_EVENT_ID=str(position)
            )
        except _Refusal:
            return None  # the response has begun; the client can continue later
        return answer.stream if isinstance(answer, StreamStart) else None

    async def _run_again(
        self, scope: Scope, hold: Hold, **headers: str
    ) -> BufferedResponse | None:
        """Run a request that has no body; Django may change the environ in each run."""
        environ = {
            **_environ_of(scope),
            **headers,
            "wsgi.input": BytesIO(),
            HOLD: hold,
        }
        return await self._run(partial(self._respond, environ, None))

    async def _ask(self, environ: Environ, channel: Channel) -> int:
        """Run the admission and return the maximum size of the body in bytes.

        Returns:
            0 if the application responded without the body; the response is then sent.
        """
        length = environ.get("CONTENT_LENGTH")
        announced = None if length is None else int(length)
        if announced is not None and announced <= SMALL_BODY:
            return SMALL_BODY
        admission = Admission(announced)
        environ["wsgi.input"] = BytesIO()
        environ[admissions.KEY] = admission
        answer = await self._run(partial(self._respond, environ, None))
        if admission.limit is None and answer is not None:
            answer.send(channel)
        return admission.limit or 0

    async def _run(self, function: Callable[[], Result]) -> Result:
        try:
            return await self._threads.run(function)
        except QueueFullError:
            text = "The server is busy. Try again in a few seconds."
            raise _Refusal(503, text, retry_seconds=5) from None

    def _respond(
        self, environ: Environ, channel: Sender | None
    ) -> BufferedResponse | None:
        """Return Django's response, or `None` if it was short and already sent."""
        try:
            response = self._handler.respond(environ)
            try:
                if (
                    isinstance(response, EventStream)
                    and environ["REQUEST_METHOD"] == "GET"
                ):
                    del response.headers["Content-Length"]
                    headers = [*response.items()]
                    return StreamStart(200, headers, b"", stream=response)
                answer = buffer_response(response)
                if channel is None:
                    return answer
                with suppress(ProtocolClosed):
                    return None if answer.send_bytes(channel) else answer
                return None
            finally:
                response.close()
        except Exception:
            logger.exception("%s failed", environ["PATH_INFO"])
            raise _Refusal(500, "Something went wrong on the server.") from None

    @contextmanager
    def _one_more(self, network: str) -> Iterator[None]:
        """Count the bodies that are being received from a network.

        Raises:
            _Refusal: There are too many.
        """
        if self._arriving[network] >= settings.BODIES_PER_ADDRESS:
            text = (
                "Too many requests from your address are still in progress."
                " Wait until they are complete, then try again."
            )
            raise _Refusal(429, text, retry_seconds=10)
        self._arriving[network] += 1
        try:
            yield
        finally:
            self._arriving[network] -= 1
            if not self._arriving[network]:
                del self._arriving[network]


async def _receive(
    body: Body, channel: Incoming, limit: int, *, keeps_part: bool
) -> None:
    """Receive a body up to a maximum size in bytes.

    Args:
        body: Receives the bytes.
        channel: The client.
        limit: The maximum size in bytes.
        keeps_part: Whether a body that ends too early is returned, and not refused.

    Raises:
        _Refusal: The body is too large, too slow or can't be stored.
    """
    is_upload = limit > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
    idle_seconds: float = (
        settings.UPLOAD_IDLE_SECONDS if is_upload else settings.BODY_IDLE_SECONDS
    )
    try:
        try:
            await body.receive(channel, limit=limit, idle_seconds=idle_seconds)
        except (BodyTooSlowError, ProtocolClosed):
            if not keeps_part:
                raise
            await body.finish()
    except BodyTooSlowError:
        text = (
            f"The request body was sent too slowly: {idle_seconds:g} seconds without"
            f" data, or less than {LEAST_RATE} bytes per second. Try again."
        )
        raise _Refusal(408, text) from None
    except BodyTooLargeError:
        text = f"The request body is larger than {format_bytes(limit)}."
        raise _Refusal(413, text) from None
    except BodyStorageError:
        logger.exception("A request body can't be stored")
        text = "The server is out of disk space. Contact its administrator."
        raise _Refusal(507, text) from None


def _identity_of(scope: Scope) -> Hashable:
    """Return method, URL, client address and all headers of a request."""
    texts = _environ_of(scope).items()
    return frozenset(item for item in texts if isinstance(item[1], str))


def _too_many_waiting(error: TooManyWaitingError) -> _Refusal:
    if error.of_user:
        text = (
            "Too many of your requests wait for changes or events. End some of them,"
            " then try again."
        )
        return _Refusal(429, text, retry_seconds=10)
    text = "Too many requests wait for changes or events. Try again later."
    return _Refusal(503, text, retry_seconds=10)


def _client_address(environ: Environ) -> str:
    return client_address(SimpleNamespace(META=environ))


def _environ_of(scope: Scope) -> Environ:
    try:
        return environ_of(scope)
    except InvalidHeadersError as error:
        raise _Refusal(400, str(error)) from None


def _has_body(environ: Environ) -> bool:
    return (
        environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
    )
