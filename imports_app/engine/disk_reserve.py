"""Reserved disk space for recording that the disk is full."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

_BYTES: Final = 2_000_000


def _path() -> Path:
    return Path(settings.DATA_DIR) / "reserve"


def keep_reserve() -> None:
    """Reserve the space, unless it is already reserved or the disk is full."""
    path = _path()
    with suppress(OSError):
        if not path.exists():
            path.write_bytes(bytes(_BYTES))


def release_reserve() -> None:
    """Release the space for the next writes."""
    with suppress(OSError):
        _path().unlink(missing_ok=True)
