"""API client for browser tests: the one of the documentation."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import httpx

from docs.clients.import_client import ImportApiError, ImportClient
from tests.browser.servers import PASSWORD, Server
from tests.live import DEADLINE_SECONDS


def fail_to_log_in(server: Server, person: str) -> None:
    """Cause a failed login."""
    with suppress(ImportApiError):
        Api(server, person, password="wrong")


class Api:
    """Client that is logged in as one user."""

    def __init__(
        self, server: Server, person: str = "importer", password: str = PASSWORD
    ) -> None:
        # No connection stays open, so that there is nothing to close.
        http = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0))
        self._client = ImportClient.login(server.url, person, password, http=http)

    def upload(self, path: Path) -> str:
        """Upload a CSV archive and return the operation's ID."""
        return self._client.upload(path, importer="csv")["_id"]

    def stage(self, path: Path) -> str:
        """Upload and read a file; return the operation's ID."""
        operation = self.upload(path)
        self._client.read_data(timeout=DEADLINE_SECONDS)
        return operation

    def run(self, path: Path) -> str:
        """Import everything in a file; return the operation's ID."""
        operation = self.stage(path)
        self.start()
        self.wait_until(operation, "importer_done")
        return operation

    def start(self) -> None:
        """Start importing everything in the current operation."""
        self._client.start()

    def wait_until(self, operation: str, status: str) -> None:
        """Wait until an operation has reached a status."""
        self._client.wait(
            operation,
            until=lambda found: found["status"] == status,
            timeout=DEADLINE_SECONDS,
        )
