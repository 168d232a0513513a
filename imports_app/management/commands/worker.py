"""Command that runs a background worker."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.management import call_command
from django_tasks_db.management.commands.db_worker import Worker

from config.commands import ProductCommand
from imports_app.engine.retries import stopping
from imports_app.engine.servers.poller import ServerPoller
from imports_app.health.heartbeat import Heartbeat
from imports_app.notices.sender import NoticeSender

_POLL_SECONDS: Final = 0.25


class _ImportWorker(Worker):
    """Worker for the database queue that stops after the current page of an import."""

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the current task, which ends after its current page."""
        stopping.set()
        super().shutdown(signum, frame)


class Command(ProductCommand):
    """Process the queue of TASK_BACKEND until SIGTERM."""

    help = "Run one worker. `serve` starts workers automatically."

    def handle(self, **options: Any) -> None:
        """Process tasks until SIGTERM."""
        with Heartbeat(), NoticeSender(), ServerPoller():
            if settings.TASK_BACKEND == "rq":
                call_command("rqworker")
                return
            worker = _ImportWorker(
                queue_names=["default"],
                interval=_POLL_SECONDS,
                batch=False,
                backend_name="default",
                startup_delay=False,
                max_tasks=None,
                worker_id=uuid4().hex,
                excluded_queue_names=[],
            )
            worker.configure_signals()
            if hasattr(signal, "SIGHUP"):
                signal.signal(signal.SIGHUP, worker.shutdown)
            worker.run()
