"""The whole server in one command."""

from __future__ import annotations

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from config.commands import ProductCommand
from config.supervisor import Program, supervise


class Command(ProductCommand):
    """Runs web processes and background workers until SIGTERM."""

    help = "Run the web server and the background workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--bind", default=settings.BIND, metavar="HOST:PORT")
        parser.add_argument(
            "--workers", type=int, default=os.cpu_count() or 1, help="web processes"
        )
        parser.add_argument(
            "--importers", type=int, default=1, help="background workers"
        )
        parser.add_argument("--no-web", action="store_true")
        parser.add_argument("--no-worker", action="store_true")

    def handle(
        self,
        *,
        bind: str,
        workers: int,
        importers: int,
        no_web: bool,
        no_worker: bool,
        **options: Any,
    ) -> None:
        """Start everything and look after it."""
        if workers < 1 or importers < 1:
            msg = "--workers and --importers must be at least 1."
            raise CommandError(msg)
        environment = {**os.environ, "BIND": bind}
        programs = []
        if not no_web:
            programs.append(
                Program("web", _web_arguments(*_parse(bind), workers), environment)
            )
        if not no_worker:
            arguments = (sys.executable, str(settings.BASE_DIR / "manage.py"), "worker")
            programs += [
                Program(f"worker {number}", arguments, environment)
                for number in range(1, importers + 1)
            ]
        if not programs:
            msg = "--no-web and --no-worker together leave nothing to run."
            raise CommandError(msg)
        supervise(programs)


def _parse(bind: str) -> tuple[str, int]:
    """Return host and port, if they can be listened on."""
    host, _colon, port = bind.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        msg = f"--bind must look like 127.0.0.1:3000; it is {bind!r}."
        raise CommandError(msg)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            msg = f"Can't listen on {bind}: {error.strerror}. Choose another --bind."
            raise CommandError(msg) from error
    return host, int(port)


def _web_arguments(host: str, port: int, workers: int) -> tuple[str, ...]:
    """Return granian's command line.

    A few blocking threads keep a slow page, such as a login, from holding up the rest
    of its process; more would only wait for the interpreter.
    """
    return (
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", "4"),
        *("--respawn-failed-workers", "--working-dir", str(settings.BASE_DIR)),
        *("--log-level", "warning", "config.wsgi:application"),
    )
