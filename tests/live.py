"""The real server in real processes."""

from __future__ import annotations

import os
import secrets
import select
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.migrated import KEY, copy_migrated

ROOT: Final = Path(__file__).parents[1]

DEADLINE_SECONDS: Final = 120
"""After which something is broken, however busy the machine is."""
_PORTS: Final = range(20_000, 32_000)
"""Below those that systems give to connections that go out, so that none takes a port
between the choice and the start of the server."""


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, or fail."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        # Let other processes run before looking again.
        select.select([], [], [], 0.1)


def free_port() -> int:
    """Return a free port, most likely another one on each call."""
    while True:
        # Not with `random`, whose seed is the same in each process of a test run.
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def environment_of(data: Path, port: int, **variables: str) -> dict[str, str]:
    """Return the environment of a server that stores all data in one folder.

    Args:
        data: The folder.
        port: The port to listen on.
        variables: Settings that differ from the defaults.
    """
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "BIND"}}
    return {
        **kept,
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/db.sqlite3",
        "BIND": f"127.0.0.1:{port}",
        "SECRET_KEY": KEY,
        **variables,
    }


def manage(*arguments: str) -> list[str]:
    """Return the command line of a management command."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def is_ready(url: str) -> bool:
    """Return whether a server responds at a URL, with any status."""
    try:
        with urllib.request.urlopen(f"{url}/healthz"):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@contextmanager
def running_server(
    data: Path, port: int, *options: str, demo: bool = False, **variables: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server as a context manager; yield its first process.

    An existing database in the folder is used.
    """
    environment = environment_of(data, port, **variables)
    if not (data / "db.sqlite3").exists():
        copy_migrated(data / "db.sqlite3")
        if demo:
            subprocess.run(
                manage("seed_demo"),
                env=environment,
                check=True,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
            )
    url = f"http://127.0.0.1:{port}"
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(
            manage("serve", *options),
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(lambda: is_ready(url) or process.poll() is not None)
            assert process.poll() is None, (data / "log").read_text()
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(DEADLINE_SECONDS)
