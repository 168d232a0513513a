"""Free disk space: the reserve, and a file whose space is used if the disk is full."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from config.files.disk import has_free_space
from imports_app.errors import StorageFullError

_BYTES: Final = 2_000_000


def _path() -> Path:
    return Path(settings.DATA_DIR) / "reserve"


def check_free_space() -> None:
    """Check that an import leaves `DISK_RESERVE_BYTES` free.

    A small archive can unpack to millions of records.

    Raises:
        StorageFullError: Less space is free, or the free space can't be determined.
    """
    try:
        is_free = has_free_space()
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
