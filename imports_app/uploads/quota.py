"""Upload quota of each user: bytes and number of files.

The stored files are counted each time, so the quota is always correct. There is one
file for each import that is younger than `RETENTION_DAYS`. An unfinished upload counts
with the size of the whole file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from config.db.bulk import in_chunks
from config.server.bodies import uploads_folder
from imports_app.errors import UploadQuotaError
from imports_app.models import ImportOperation, PartialUpload
from imports_app.uploads.shared import SharedFiles, shared_files
from imports_app.uploads.storage import sharing


def check_quota(
    user: User | None, *, size: int = 0, path: Path | None = None, without: str = ""
) -> None:
    """Check that a file does not exceed the user's upload quota.

    Args:
        user: The uploader; `None` for the server itself, which has no quota.
        size: The file's size in bytes, if known.
        path: The file, if already received: hard links are counted once.
        without: Public ID of the operation that gets the file, which is not counted.

    Raises:
        UploadQuotaError: The quota would be exceeded.
        StorageUnavailableError: The shared storage is unavailable.
    """
    most_files = settings.UPLOAD_QUOTA_FILES
    most_bytes = settings.UPLOAD_QUOTA_BYTES
    if user is None or not (most_files or most_bytes):
        return
    own = ImportOperation.objects.filter(user=user).exclude(public_id=without)
    shared = shared_files()
    kept = list(_files_in_folder(own) if shared is None else _shared(own, shared))
    unfinished = PartialUpload.objects.unfinished().filter(user=user)
    kept += unfinished.values_list("public_id", "size")
    if most_files and len(kept) >= most_files:
        raise UploadQuotaError.of_files(len(kept), most_files)
    sizes = dict(kept)
    used = sum(sizes.values())
    if path is not None and path.stat().st_ino in sizes:
        size = 0
    if most_bytes and used + size > most_bytes:
        raise UploadQuotaError.of_bytes(used, size, most_bytes)


def _files_in_folder(
    own: QuerySet[ImportOperation],
) -> Iterator[tuple[int | str, int]]:
    """Yield identity and size of each of these operations' files."""
    try:
        names = os.listdir(uploads_folder())
    except (FileNotFoundError, NotADirectoryError):
        return
    for chunk in in_chunks(names):
        found = own.filter(public_id__in=chunk)
        for name in found.values_list("public_id", flat=True):
            try:
                found_file = (uploads_folder() / name).stat()
            except FileNotFoundError:  # removed by a worker in the meantime
                continue
            yield found_file.st_ino, found_file.st_size


def _shared(
    own: QuerySet[ImportOperation], shared: SharedFiles
) -> Iterator[tuple[int | str, int]]:
    """Yield name and size of each of these operations' files."""
    with sharing():
        names = shared.files_in()
    for chunk in in_chunks(names):
        found = own.filter(public_id__in=chunk)
        for name, size in found.values_list("public_id", "file_size"):
            yield name, size or 0
