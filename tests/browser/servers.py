"""Servers with demo data and their own databases."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.live import ROOT, environment_of, free_port, manage, running_server

PASSWORD = "import-demo"
_CREATE = "from tests.browser.demo_data import create_imports; create_imports()"


@dataclass(frozen=True)
class Server:
    """A running server with web processes and a worker."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]

    def manage(self, *arguments: str) -> str:
        """Run a management command on its database and return the output."""
        return run(self.data, *arguments)


def run(data: Path, *arguments: str, may_fail: bool = False) -> str:
    """Run a management command on the database in a folder."""
    done = subprocess.run(
        manage(*arguments),
        env=environment_of(data, 3000),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert may_fail or done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def prepare_demo(data: Path) -> None:
    """Create demo data and imports in every state."""
    run(data, "shell", "-v0", "-c", _CREATE)


@contextmanager
def demo_server(prepared: Path, data: Path, *options: str) -> Iterator[Server]:
    """Serve a copy of a prepared folder until the end of the block.

    Its callers ask until something is done, as often as a slow machine makes them.
    """
    shutil.copytree(prepared, data, dirs_exist_ok=True)
    port = free_port()
    arguments = ("--workers", "1", *options)
    with running_server(data, port, *arguments, RATE_LIMIT="off") as process:
        yield Server(f"http://127.0.0.1:{port}", data, process)
