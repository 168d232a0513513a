"""The real server, as `manage.py serve` starts it, on its own core."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Final

from config.server.supervisor import ending_with_this_process
from tests.live import ROOT, free_port

_START_SECONDS: Final = 60


@contextmanager
def serving(environment: Mapping[str, str], *, processes: int = 1) -> Iterator[int]:
    """Run the server and yield its port.

    One web process has a core of its own; several ones share all cores.
    """
    port = free_port()
    with pinned(first=True) if processes == 1 else nullcontext():
        process = subprocess.Popen(
            [
                *(sys.executable, "manage.py", "serve", "--no-worker"),
                *("--workers", str(processes), "--bind", f"127.0.0.1:{port}"),
            ],
            cwd=ROOT,
            env={**os.environ, **environment, "LOG_LEVEL": "ERROR"},
            preexec_fn=ending_with_this_process(),
        )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def pinned(*, first: bool) -> Iterator[None]:
    """Pin the process to the first or last core, if supported."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores) if first else max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server listens.

    Raises:
        ConnectionError: It ended, or it takes too long.
    """
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    msg = "The server does not start; it said why above"
    raise ConnectionError(msg)
