"""Free disk space in `DATA_DIR` beyond the reserve."""

from __future__ import annotations

import shutil

from django.conf import settings


def has_free_space(size: int = 0) -> bool:
    """Return whether `DISK_RESERVE_BYTES` are still free after writing `size` bytes.

    Raises:
        OSError: The free space can't be determined.
    """
    free = shutil.disk_usage(settings.DATA_DIR).free
    return free - settings.DISK_RESERVE_BYTES >= size
