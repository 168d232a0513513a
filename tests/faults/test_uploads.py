"""Incomplete uploads to the real server."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path

from imports_app.demo import SEED_TOKEN, SEED_USER_ID
from tests.live import free_port, running_server, wait_for

HEADERS = {"X-User-Id": SEED_USER_ID, "X-Auth-Token": SEED_TOKEN}


def test_incomplete_upload_is_removed(tmp_path: Path) -> None:
    port = free_port()
    with running_server(tmp_path, port, "--workers", "1", demo=True):
        before = current_operation(port)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            lines = [
                "PUT /api/v1/importOperations/file?importerKey=csv&fileName=x.zip"
                " HTTP/1.1",
                f"Host: localhost:{port}",
                *(f"{name}: {value}" for name, value in HEADERS.items()),
                "Content-Length: 3000000",
            ]
            head = "\r\n".join(lines) + "\r\n\r\n"
            connection.sendall(head.encode() + bytes(1_500_000))
        wait_for(lambda: (tmp_path / "uploads").exists() and not stored(tmp_path))

        assert current_operation(port) == before


def current_operation(port: int) -> object:
    """Return the last operation."""
    url = f"http://127.0.0.1:{port}/api/v1/getCurrentImportOperation"
    request = urllib.request.Request(url, headers=HEADERS)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["operation"]


def stored(data: Path) -> list[Path]:
    """Return the files that are stored."""
    return list((data / "uploads").glob("*"))
