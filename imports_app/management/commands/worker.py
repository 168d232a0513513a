"""One background worker process."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command

from config.commands import ProductCommand
from imports_app.heartbeat import Heartbeat


class Command(ProductCommand):
    """Works on the queue of TASK_BACKEND until it is told to stop."""

    help = "Run one background worker; `serve` starts these by itself."

    def handle(self, **options: Any) -> None:
        """Work until SIGTERM."""
        with Heartbeat():
            if settings.TASK_BACKEND == "rq":
                call_command("rqworker")
            else:
                call_command("db_worker", reload=False, startup_delay=False)
