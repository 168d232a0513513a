"""Free disk space: the reserve, and a little for recording that the disk is full."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from config.files.disk import has_room
from imports_app.errors import StorageFullError

_BYTES: Final = 2_000_000


def _path() -> Path:
    return Path(settings.DATA_DIR) / "reserve"


def check_room() -> None:
    """Check that an import leaves `DISK_RESERVE_BYTES` free.

    A small archive can unpack to millions of records.

    Raises:
        StorageFullError: Less is free, or the disk does not say.
    """
    try:
        is_free = has_room()
    except OSError as error:
        raise StorageFullError from error
    if not is_free:
        raise StorageFullError


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
