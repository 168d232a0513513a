"""The server in separate processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.live import DEADLINE_SECONDS, free_port, running_server, wait_for


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    with running_server(tmp_path, port, "--workers", "1") as running:
        yield running


def status_of(port: int, path: str) -> int:
    """Return the status of a GET request; 0 without a listener."""
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/{path}", timeout=5
        ) as got:
            return int(got.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def children_of(pid: int) -> set[int]:
    """Return the process's children."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in text.split()}


def descendants_of(pid: int) -> set[int]:
    """Return all descendants of the process."""
    found = children_of(pid)
    for child in children_of(pid):
        found |= descendants_of(child)
    return found


def is_alive(pid: int) -> bool:
    """Return whether the process is running."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except FileNotFoundError:
        return False


def test_serves_recovers_and_stops_cleanly(
    server: subprocess.Popen[bytes], port: int
) -> None:
    wait_for(lambda: status_of(port, "readyz") == 200)
    assert status_of(port, "healthz") == 200
    assert status_of(port, "api/v1/getLatestImportOperations") == 401
    assert status_of(port, "static/unfold/css/styles.css") == 200

    first = children_of(server.pid)
    assert len(first) == 2  # web and worker
    first_generation = descendants_of(server.pid)
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(children_of(server.pid) - first) == 2)
    assert not any(map(is_alive, first_generation))
    wait_for(lambda: status_of(port, "readyz") == 200)

    second_generation = descendants_of(server.pid)
    server.terminate()
    assert server.wait(DEADLINE_SECONDS) == 0
    assert not any(map(is_alive, second_generation))


def test_a_killed_supervisor_leaves_no_processes(
    server: subprocess.Popen[bytes], port: int
) -> None:
    wait_for(lambda: status_of(port, "healthz") == 200)
    descendants = descendants_of(server.pid)

    server.kill()
    server.wait()

    wait_for(lambda: not any(map(is_alive, descendants)))
    wait_for(lambda: status_of(port, "healthz") == 0)


def test_reports_a_port_in_use(port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(CommandError, match="Address already in use"):
            call_command("serve", bind=f"127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bind": "3000"}, "--bind must look like"),
        ({"bind": "127.0.0.1:http"}, "--bind must look like"),
        ({"bind": "127.0.0.1:99999"}, "--bind must look like"),
        ({"no_web": True, "no_worker": True}, "can't be used together"),
        ({"workers": 0}, "at least 1"),
    ],
)
def test_rejects_invalid_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("serve", **options)
