"""Second server of this product, whose imports are mirrored."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imports_app.demo import SEED_TOKEN, SEED_USER_ID
from tests.live import free_port, running_server


@dataclass(frozen=True)
class Source:
    """Running server with the demo's data."""

    port: int
    user_id: str = SEED_USER_ID
    token: str = SEED_TOKEN

    @property
    def host(self) -> str:
        """The host with its port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://{self.host}"

    def begin_import(self) -> str:
        """Begin an operation and return its ID."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/import.new",
            data=b"{}",
            headers={
                "X-User-Id": self.user_id,
                "X-Auth-Token": self.token,
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request) as response:
            body: dict[str, Any] = json.load(response)
        key: str = body["operation"]["_id"]
        return key


@contextmanager
def demo_source(folder: Path) -> Iterator[Source]:
    """Run a server without a worker."""
    port = free_port()
    with running_server(folder, port, "--no-worker", demo=True):
        yield Source(port)
