"""Files that the server writes are for its user alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

UMASK: Final = 0o077
"""Takes every right from the group and from others."""


def keep_private(folder: Path) -> None:
    """Let this process create private files, and close its folder to others.

    The settings call it, and so every process. Whatever an earlier release left
    readable in the folder can't be reached any more.

    Args:
        folder: DATA_DIR; another user's is left alone.
    """
    os.umask(UMASK)
    if folder.exists() and folder.stat().st_uid == os.geteuid():
        folder.chmod(folder.stat().st_mode & ~UMASK & 0o7777)
