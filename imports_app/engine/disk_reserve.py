"""A little room on the disk, kept for saying that there is no other."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

_BYTES: Final = 2_000_000


def _path() -> Path:
    return Path(settings.DATA_DIR) / "reserve"


def keep_reserve() -> None:
    """Take the room, unless it is taken or there is none."""
    path = _path()
    with suppress(OSError):
        if not path.exists():
            path.write_bytes(bytes(_BYTES))


def release_reserve() -> None:
    """Give the room to whoever writes next."""
    with suppress(OSError):
        _path().unlink(missing_ok=True)
