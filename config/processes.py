"""Names of processes, to detect that a process has ended."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_process() -> str:
    """Return a name of this process that is unique, also after a restart."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_start_of(pid)}"


def has_ended(owner: str) -> bool:
    """Return whether a process of this machine has ended."""
    host, _colon, rest = owner.partition(":")
    pid, _colon, start = rest.partition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    return _start_of(int(pid)) != start


def _start_of(pid: int) -> str:
    """Return the start time of a process in kernel ticks; empty if it has ended.

    Zombie processes count as ended.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self").exists() else "unknown"
    return "" if fields[0] == "Z" else fields[19]
