"""Socket options that the web server has no setting for."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

STUCK_SECONDS: Final = 30
"""How long a client may accept no data of a response."""
OPEN_FILES: Final = Path("/proc/self/fd")


def end_stuck_connections() -> None:
    """Make the kernel close connections whose clients stopped reading.

    Connections inherit the option TCP_USER_TIMEOUT from the listening socket (tcp(7)).
    Linux only.
    """
    if not OPEN_FILES.exists():
        return
    for entry in list(OPEN_FILES.iterdir()):
        with suppress(OSError, ValueError):
            _limit(int(entry.name))


def _limit(descriptor: int) -> None:
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return
    with socket.socket(fileno=os.dup(descriptor)) as candidate:
        if candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            candidate.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_SECONDS * 1000
            )
