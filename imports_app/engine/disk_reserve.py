"""Room on the disk: what stays free, and a little for saying that there is no other."""

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
    """Take the room, unless it is taken or there is none."""
    path = _path()
    with suppress(OSError):
        if not path.exists():
            path.write_bytes(bytes(_BYTES))


def release_reserve() -> None:
    """Give the room to whoever writes next."""
    with suppress(OSError):
        _path().unlink(missing_ok=True)
