"""What the web server's own options don't reach: the sockets it listens on."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

STUCK_SECONDS: Final = 30
"""How long a client may not accept anything of its answer."""
_OPEN: Final = Path("/proc/self/fd")


def end_stuck_connections() -> None:
    """Have the kernel end connections whose clients stopped reading.

    Connections inherit the option from the socket that they were accepted on
    (tcp(7), TCP_USER_TIMEOUT). Elsewhere than on Linux nothing happens.
    """
    if not _OPEN.exists():
        return
    for entry in list(_OPEN.iterdir()):
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
