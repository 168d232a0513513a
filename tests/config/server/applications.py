"""A application whose requests run at the same time, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from django.db import connections

from config.server.application import RsgiApplication
from tests.config.server.rsgi import Channel, Request
from tests.conftest import ApiClient

Result = TypeVar("Result")
MOST_SECONDS = 30


@asynccontextmanager
async def running_application() -> AsyncIterator[RsgiApplication]:
    """Run a application as a context manager."""
    application = RsgiApplication()
    loop = asyncio.get_running_loop()
    application.__rsgi_init__(loop)
    try:
        yield application
    finally:
        application.__rsgi_del__(loop)


def get(
    application: RsgiApplication, client: ApiClient, path: str, *lines: tuple[str, str]
) -> tuple[Channel, asyncio.Task[None]]:
    """Begin to GET a path below /api/v1/; return the channel and the task."""
    own = [(name.lower(), value) for name, value in client.headers.items()]
    path, _mark, query = path.partition("?")
    request = Request(
        "GET", f"/api/v1/{path}", [("host", "localhost"), *own, *lines], query
    )
    channel = Channel()
    return channel, asyncio.create_task(application.__rsgi__(request, channel))


async def in_thread(function: Callable[[], Result]) -> Result:
    """Run a function that uses the database."""

    def run() -> Result:
        try:
            return function()
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


async def until(condition: Callable[[], bool]) -> None:
    """Let the event loop run until a condition holds."""
    async with asyncio.timeout(MOST_SECONDS):
        while not condition():
            await asyncio.sleep(0)


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test on an event loop."""
    asyncio.run(test)
