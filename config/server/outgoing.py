"""Unsent bytes of a connection, to detect slow clients.

The web server accepts parts of a response without a limit, and keeps them in memory
until the client has read them. The kernel reports the unsent bytes in its own buffer. A
stream stops when they grow, before the memory of the web server grows. Linux only.
"""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import socket
import stat
import sys
import termios
from contextlib import suppress
from typing import ClassVar, Final

from config.server.sockets import OPEN_FILES

_MOST_PENDING: Final = 256 * 1024
_FEW_PENDING: Final = 64 * 1024
_LONGEST_WAIT_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.05


class Outgoing:
    """The outgoing bytes of one connection."""

    _known: ClassVar[dict[str, tuple[int, int]]] = {}
    """Descriptor and inode of each connection by the client's address and port, from
    the last search."""

    def __init__(self, peer: str) -> None:
        self._peer = peer
        self._descriptor, self._inode = self._find(peer)

    @property
    def pending(self) -> int:
        """Bytes that the client has not confirmed; 0 if unknown."""
        number = array.array("i", [0])
        try:
            if os.fstat(self._descriptor).st_ino != self._inode:
                return 0  # the connection is closed
            fcntl.ioctl(self._descriptor, termios.TIOCOUTQ, number)
        except OSError:
            return 0
        return number[0]

    def is_stuck(self) -> bool:
        """Return whether the client reads too slowly for a stream."""
        return self.pending > _MOST_PENDING

    async def drained(self) -> bool:
        """Wait until the client has received most bytes; return whether it has."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LONGEST_WAIT_SECONDS
        await asyncio.sleep(0)  # meanwhile, the web server writes to the socket
        while self.pending > _FEW_PENDING:
            if loop.time() > deadline:
                return False
            await asyncio.sleep(_PAUSE_SECONDS)
        return True

    @classmethod
    def _find(cls, peer: str) -> tuple[int, int]:
        """Return descriptor and inode of a connection; -1 if it can't be found.

        One search caches all connections, so that many streams that begin together need
        few searches.
        """
        found = cls._known.pop(peer, None)
        if found is None or not _is_open(*found):
            cls._known = _connections()
            found = cls._known.pop(peer, (-1, -1))
        return found


def _is_open(descriptor: int, inode: int) -> bool:
    try:
        return os.fstat(descriptor).st_ino == inode
    except OSError:
        return False


def _connections() -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    if sys.platform != "linux":
        return found
    for entry in list(OPEN_FILES.iterdir()):
        with suppress(OSError, ValueError):
            descriptor = int(entry.name)
            status = os.fstat(descriptor)
            if stat.S_ISSOCK(status.st_mode):
                found[_peer_of(descriptor)] = descriptor, status.st_ino
    return found


def _peer_of(descriptor: int) -> str:
    """Return the address and port of the other side, as the web server writes them."""
    with socket.socket(fileno=os.dup(descriptor)) as connection:
        name = connection.getpeername()
    if not isinstance(name, tuple):
        raise ValueError
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
