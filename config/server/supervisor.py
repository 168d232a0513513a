"""Process supervisor: restarts child processes and stops them with itself."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

logger = logging.getLogger(__name__)

_GRACE_SECONDS: Final = 20
_POLL_SECONDS: Final = 0.25
_FIRST_DELAY_SECONDS: Final = 0.5
_LONGEST_DELAY_SECONDS: Final = 30.0
_STEADY_SECONDS: Final = 60
"""A child that ran this long is restarted without a longer delay."""
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True)
class Program:
    """A command line with a name for the log."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]


class _Child:
    """A supervised program and its descendants.

    It runs in a session of its own. Ctrl+C therefore reaches only the supervisor, and
    remaining descendants can be killed as a group.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._delay = 0.0
        self._start_at = 0.0
        self._started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def check(self) -> None:
        """Start the program if it is due, and schedule a restart if it has ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._start_at:
                self._start(now)
            return
        status = self.process.poll()
        if status is None:
            return
        _kill_group(self.process)
        self.process = None
        if now - self._started_at >= _STEADY_SECONDS:
            self._delay = 0.0
        self._delay = min(
            self._delay * 2 or _FIRST_DELAY_SECONDS, _LONGEST_DELAY_SECONDS
        )
        self._start_at = now + self._delay
        logger.error(
            "%s exited with status %s; restarting in %.1f s",
            self._program.name,
            status,
            self._delay,
        )

    def _start(self, now: float) -> None:
        self._started_at = now
        self.process = subprocess.Popen(  # noqa: S603 - our own command lines
            self._program.arguments,
            env=dict(self._program.environment),
            start_new_session=True,
            preexec_fn=ending_with_this_process(),
        )
        logger.info("%s started, process ID %d", self._program.name, self.process.pid)


def supervise(programs: Sequence[Program]) -> None:
    """Run the programs until SIGTERM, SIGINT or SIGHUP, then stop all of them."""
    stopping = threading.Event()

    def stop(number: int, frame: Any) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    children = [_Child(program) for program in programs]
    try:
        while not stopping.is_set():
            for child in children:
                child.check()
            stopping.wait(_POLL_SECONDS)
    finally:
        _stop_all([child.process for child in children if child.process])


def _stop_all(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        try:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.warning("Process %d did not stop in time; killing it", process.pid)
        _kill_group(process)
        process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a program's remaining descendants, which would still serve requests."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def ending_with_this_process() -> Callable[[], None] | None:
    """Return a function for the child that ends the child with this process."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    supervisor = os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:  # the supervisor died before prctl
            os._exit(1)

    return ask_kernel
