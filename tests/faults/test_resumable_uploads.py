"""Resumable uploads to the real server: lost connections, kills, a tus client."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tusclient.client import TusClient

from imports_app.demo import SEED_TOKEN, SEED_USER_ID
from tests.imports_app.commands.test_serve import descendants_of
from tests.live import free_port, running_server, wait_for

CREDENTIALS = {"X-User-Id": SEED_USER_ID, "X-Auth-Token": SEED_TOKEN}
HEADERS = {**CREDENTIALS, "Tus-Resumable": "1.0.0"}
PART = "application/offset+octet-stream"
SIZE = 6_000_000
UPLOADS = "/api/v1/importOperations/uploads"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def content() -> bytes:
    """A table of users that does not compress and is longer than one part."""
    rows = (f"{secrets.token_hex(20)},{n}@example.org\n" for n in range(1_000_000))
    text = "username,email\n"
    return (text + "".join(next(rows) for _row in range(SIZE // 50))).encode()


class Live:
    """A server at a fixed port, which can be killed and started again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self._running: Any = None
        self.start()

    def start(self) -> None:
        self._running = running_server(
            self.data, self.port, "--workers", "2", demo=True, UPLOAD_IDLE_SECONDS="60"
        )
        self.process = self._running.__enter__()

    def stop(self) -> None:
        self._running.__exit__(None, None, None)

    def kill(self) -> None:
        """Kill all processes at once."""
        pid = self.process.pid
        # Stopped processes start no others, which would outlive the test.
        for how in (signal.SIGSTOP, signal.SIGKILL):
            for one in (pid, *descendants_of(pid)):
                os.kill(one, how)
        self.process.wait()
        self.stop()

    def call(
        self, method: str, path: str, body: bytes | None = None, **headers: Any
    ) -> Any:
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            body,
            {**HEADERS, **named},
            method=method,
        )
        return urllib.request.urlopen(request)

    def create(self, size: int) -> str:
        with self.call("POST", UPLOADS, Upload_Length=size) as answer:
            return str(answer.headers["Location"])

    def offset(self, path: str) -> int:
        with self.call("HEAD", path) as answer:
            return int(answer.headers["Upload-Offset"])

    def append(self, path: str, offset: int, part: bytes) -> None:
        self.call("PATCH", path, part, Upload_Offset=offset, Content_Type=PART).close()

    def digest_of_import(self, path: str) -> str:
        json_type = "application/json"
        with self.call(
            "POST", f"{path}/import", b"{}", Content_Type=json_type
        ) as answer:
            public_id = json.load(answer)["operation"]["_id"]
        content = (self.data / "uploads" / public_id).read_bytes()
        return hashlib.sha256(content).hexdigest()

    def send_half(self, path: str, offset: int, part: bytes) -> socket.socket:
        """Announce a part, and send half of it."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        lines = [
            f"PATCH {path} HTTP/1.1",
            "Host: localhost",
            *(f"{name}: {value}" for name, value in HEADERS.items()),
            f"Content-Type: {PART}",
            f"Upload-Offset: {offset}",
            f"Content-Length: {len(part)}",
        ]
        head = "\r\n".join(lines) + "\r\n\r\n"
        connection.sendall(head.encode() + part[: len(part) // 2])
        return connection


@pytest.fixture(scope="module")
def live(data: Path) -> Iterator[Live]:
    server = Live(data)
    yield server
    server.stop()


def test_what_arrived_before_the_connection_was_lost_is_kept(
    live: Live, content: bytes
) -> None:
    path = live.create(len(content))

    live.send_half(path, 0, content).close()

    wait_for(lambda: live.offset(path) > 0)
    offset = live.offset(path)
    assert offset <= len(content) // 2
    live.append(path, offset, content[offset:])
    assert live.digest_of_import(path) == hashlib.sha256(content).hexdigest()
    assert not list((live.data / "uploads").glob("partial-*"))


def test_a_client_of_the_protocol_uploads_in_parts(live: Live, content: bytes) -> None:
    client = TusClient(f"http://127.0.0.1:{live.port}{UPLOADS}", headers=CREDENTIALS)
    file = io.BytesIO(content)
    uploader = client.uploader(
        file_stream=file,
        chunk_size=1_000_000,
        metadata={"filename": "people.csv"},
        upload_checksum=True,
    )

    uploader.upload(stop_at=2_500_000)
    assert uploader.url is not None
    path = uploader.url.removeprefix(f"http://127.0.0.1:{live.port}")
    assert live.offset(path) == uploader.offset
    resumed = client.uploader(file_stream=file, url=uploader.url, chunk_size=1_000_000)
    resumed.upload()

    assert live.digest_of_import(path) == hashlib.sha256(content).hexdigest()


def test_the_offset_is_exact_after_a_kill(live: Live, content: bytes) -> None:
    path = live.create(len(content))
    first = 1_000_000
    live.append(path, 0, content[:first])
    connection = live.send_half(path, first, content[first:])
    folder = live.data / "uploads"
    wait_for(lambda: bool(list(folder.glob("incoming-*"))))

    live.kill()
    connection.close()
    live.start()

    assert live.offset(path) == first
    live.append(path, first, content[first:])
    assert live.digest_of_import(path) == hashlib.sha256(content).hexdigest()
