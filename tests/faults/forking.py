"""Process that forks workers, in milliseconds instead of a second or more.

Run as `python -m tests.faults.forking`: each line that it reads starts a worker, whose
process id it writes.
"""

from __future__ import annotations

import os
import signal
import sys

import django
from django.core.management import call_command


def main() -> None:
    """Start workers until the input ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    import imports_app.management.commands.worker  # noqa: F401 - workers share it

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel waits for the dead
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            _work()
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _work() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    try:
        call_command("worker")
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
