"""Command that runs the whole server."""

from __future__ import annotations

import os
import resource
import socket
import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError

from config.commands import ProductCommand
from config.server.supervisor import Program, supervise

_HEADER_SECONDS: Final = 10
"""Maximum seconds for receiving the headers of a request."""
_CONNECTIONS: Final = 8192
"""Maximum connections of one web process."""
_OTHER_FILES: Final = 256
"""File descriptors of a web process in addition to its connections."""


class Command(ProductCommand):
    """Run web processes and background workers until SIGTERM."""

    help = "Run the web server and the workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--bind",
            default=settings.BIND,
            metavar="HOST:PORT",
            help="address to listen on (default: %(default)s)",
        )
        parser.add_argument(
            "--workers",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="number of web processes, which answer requests (default: number of"
            " processor cores)",
        )
        parser.add_argument(
            "--importers",
            type=int,
            default=1,
            metavar="N",
            help="number of workers, which run imports (default: %(default)s)",
        )
        parser.add_argument("--no-web", action="store_true", help="start only workers")
        parser.add_argument(
            "--no-worker", action="store_true", help="start only web processes"
        )

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
        """Start and supervise all processes."""
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
            msg = "--no-web and --no-worker can't be used together."
            raise CommandError(msg)
        supervise(programs)


def _parse(bind: str) -> tuple[str, int]:
    """Return host and port after checking that the port is free."""
    host, _colon, port = bind.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        msg = f"--bind must look like 127.0.0.1:3000, not {bind!r}."
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

    A connection needs a file descriptor and a few kilobytes, but no thread. So the
    limit is high, and connections without a request within the time limit are closed.
    """
    connections = min(_CONNECTIONS, _raise_open_files() - _OTHER_FILES)
    return (
        *(sys.executable, "-m", "granian", "--interface", "rsgi"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(workers), "--http", "1", "--no-ws"),
        *("--http1-header-read-timeout", str(_HEADER_SECONDS * 1000)),
        *("--backpressure", str(connections)),
        *("--respawn-failed-workers", "--working-dir", str(settings.BASE_DIR)),
        *("--log-level", "warning", "config.rsgi:application"),
    )


def _raise_open_files() -> int:
    """Raise the limit of open files to the hard limit and return it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else _CONNECTIONS + _OTHER_FILES
