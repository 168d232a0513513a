"""Free space in `DATA_DIR`, of which a part stays free."""

from __future__ import annotations

import shutil

from django.conf import settings


def has_room(size: int = 0) -> bool:
    """Tell whether so many bytes more leave `DISK_RESERVE_BYTES` free.

    Raises:
        OSError: The disk does not say.
    """
    free = shutil.disk_usage(settings.DATA_DIR).free
    return free - settings.DISK_RESERVE_BYTES >= size
