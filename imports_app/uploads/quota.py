"""Upload quota of each user: bytes and number of files.

The upload folder is counted each time, so the quota is always correct. The folder has
one file for each import that is younger than `RETENTION_DAYS`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from accounts.models import User
from config.db.bulk import in_chunks
from config.server.bodies import uploads_folder
from imports_app.errors import UploadQuotaError
from imports_app.models import ImportOperation


def check_quota(user: User | None, *, size: int = 0, path: Path | None = None) -> None:
    """Check that a file does not exceed the user's upload quota.

    Args:
        user: The uploader; `None` for the server itself, which has no quota.
        size: The file's size in bytes, if known.
        path: The file, if already stored: hard links are counted once.

    Raises:
        UploadQuotaError: The quota would be exceeded.
    """
    most_files = settings.UPLOAD_QUOTA_FILES
    most_bytes = settings.UPLOAD_QUOTA_BYTES
    if user is None or not (most_files or most_bytes):
        return
    kept = list(_kept_files(user))
    if most_files and len(kept) >= most_files:
        raise UploadQuotaError.of_files(len(kept), most_files)
    sizes = {found.st_ino: found.st_size for found in kept}
    used = sum(sizes.values())
    if path is not None and path.stat().st_ino in sizes:
        size = 0
    if most_bytes and used + size > most_bytes:
        raise UploadQuotaError.of_bytes(used, size, most_bytes)


def _kept_files(user: User) -> Iterator[os.stat_result]:
    """Yield the status of each stored file of the user's operations."""
    try:
        names = os.listdir(uploads_folder())
    except (FileNotFoundError, NotADirectoryError):
        return
    own = ImportOperation.objects.filter(user=user)
    for chunk in in_chunks(names):
        found = own.filter(public_id__in=chunk)
        for name in found.values_list("public_id", flat=True):
            try:
                yield (uploads_folder() / name).stat()
            except FileNotFoundError:  # removed by a worker in the meantime
                continue
