"""API client for browser tests."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from tests.browser.servers import PASSWORD, Server
from tests.live import wait_for

EVERYTHING = {
    "users": {"all": True},
    "channels": {"all": True, "list": ["__directMessages__"]},
}


def fail_to_log_in(server: Server, person: str) -> None:
    """Cause a failed login."""
    try:
        Api(server, person, password="wrong")
    except urllib.error.HTTPError as error:
        error.close()


class Api:
    """Client that is logged in as one user."""

    def __init__(
        self, server: Server, person: str = "importer", password: str = PASSWORD
    ) -> None:
        self._base = f"{server.url}/api/v1"
        self._headers = {"Content-Type": "application/json"}
        login = {"user": person, "password": password}
        data = self.call("POST", "login", orjson.dumps(login))["data"]
        self._headers["X-User-Id"] = data["userId"]
        self._headers["X-Auth-Token"] = data["authToken"]

    def call(self, method: str, path: str, body: bytes | None = None) -> Any:
        """Call an endpoint and return the response."""
        request = urllib.request.Request(
            f"{self._base}/{path}", data=body, method=method, headers=self._headers
        )
        with urllib.request.urlopen(request) as response:
            return orjson.loads(response.read())

    def upload(self, path: Path, importer: str = "csv") -> str:
        """Upload a file and return the operation's ID."""
        query = urlencode({"importerKey": importer, "fileName": path.name})
        self.call("PUT", f"importOperations/file?{query}", path.read_bytes())
        return str(self.call("GET", "getCurrentImportOperation")["operation"]["_id"])

    def stage(self, path: Path, importer: str = "csv") -> str:
        """Upload and read a file; return the operation's ID."""
        operation = self.upload(path, importer)
        self.call("GET", "getImportFileData")
        self.wait_until(operation, "importer_user_selection")
        return operation

    def run(self, path: Path, importer: str = "csv") -> str:
        """Import everything in a file; return the operation's ID."""
        operation = self.stage(path, importer)
        self.start()
        self.wait_until(operation, "importer_done")
        return operation

    def start(self) -> None:
        """Start importing everything in the current operation."""
        self.call("POST", "startImport", orjson.dumps({"input": EVERYTHING}))

    def wait_until(self, operation: str, status: str) -> None:
        """Wait until an operation has reached a status."""

        def has_reached() -> bool:
            response = self.call("GET", f"importOperations/{operation}")
            return bool(response["operation"]["status"] == status)

        wait_for(has_reached)
