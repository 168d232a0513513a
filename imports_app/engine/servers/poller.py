"""Polls of connected servers in threads of a worker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.utils import timezone

from imports_app.engine.background.threads import BackgroundWork
from imports_app.engine.servers.mirror import ensure_polls, poll_server
from imports_app.models import ServerPoll


class ServerPoller(BackgroundWork[int]):
    """Context manager that polls due servers, each in a thread of its own."""

    thread: ClassVar[str] = "mirror"
    failure: ClassVar[str] = "A connected server was not polled"

    def due(self) -> Iterable[int]:
        """Return the keys of the servers to poll."""
        ensure_polls()
        return ServerPoll.objects.due(timezone.now()).values_list("pk", flat=True)

    def work(self, key: int) -> None:
        """Poll a server."""
        poll_server(key)
