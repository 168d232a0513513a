"""Worker processes on the test database."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from accounts.models import User
from imports_app.models import ImportOperation
from imports_app.selection.rules import EVERYTHING
from imports_app.services.runs import start_preparing, start_run
from imports_app.services.uploading.uploads import upload_file
from imports_app.transitions import Actor
from tests.live import ROOT, manage, wait_for


def database_url() -> str:
    """Return the URL of the test database."""
    given: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    user = quote(given["USER"])
    secret = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    place = f"{given['HOST']}:{given['PORT'] or 5432}"
    return f"postgres://{user}{secret}@{place}/{given['NAME']}"


def environment() -> dict[str, str]:
    """Return a worker's environment."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": "only for this test",
    }


def start_worker(**extra: str) -> subprocess.Popen[bytes]:
    """Start a worker process."""
    return subprocess.Popen(
        manage("worker"),
        cwd=ROOT,
        env={**environment(), **extra},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def worker(**extra: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker, as a context manager."""
    process = start_worker(**extra)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class ForkedWorker:
    """Worker process that was forked by another process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)

    def has_ended(self, *, within: float = 0) -> bool:
        """Tell whether it ended, or ends within these seconds."""
        return bool(select.select([self._descriptor], [], [], within)[0])

    def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        if not self.has_ended():
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
        select.select([self._descriptor], [], [])
        os.close(self._descriptor)


@contextmanager
def forking_workers() -> Iterator[Callable[[], ForkedWorker]]:
    """Yield a function that starts a worker quickly."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.forking"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        start, started = process.stdin, process.stdout

        def fork() -> ForkedWorker:
            start.write("\n")
            return ForkedWorker(int(started.readline()))

        yield fork


def upload(path: Path, initiator: User, importer: str = "csv") -> ImportOperation:
    """Upload an archive and stage it."""
    operation = upload_file(
        actor=Actor(initiator),
        importer_key=importer,
        file_name=path.name,
        content_type="application/zip",
        content=[path.read_bytes()],
        limit=path.stat().st_size,
    )
    start_preparing(operation=operation, actor=Actor(initiator))
    return operation


def start_everything(operation: ImportOperation, initiator: User) -> None:
    """Start the run of all staged records."""
    operation.refresh_from_db()
    start_run(operation=operation, selection=EVERYTHING, actor=Actor(initiator))


def wait_until(operation: ImportOperation, *statuses: str) -> None:
    """Wait until the operation has one of these statuses."""

    def stands() -> bool:
        operation.refresh_from_db()
        return operation.status in statuses

    wait_for(stands)
