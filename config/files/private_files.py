"""File permissions: only the server's user can read its files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

UMASK: Final = 0o077
"""Removes all permissions of group and others."""


def keep_private(folder: Path) -> None:
    """Make new files of this process private and restrict access to its folder.

    The settings call it in every process. It also protects readable files that earlier
    releases left in the folder.

    Args:
        folder: DATA_DIR. A folder of another user is not changed.
    """
    os.umask(UMASK)
    if folder.exists() and folder.stat().st_uid == os.geteuid():
        folder.chmod(folder.stat().st_mode & ~UMASK & 0o7777)
