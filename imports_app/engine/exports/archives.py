"""Archives of exports on disk, or in the storage that all machines share."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from django.conf import settings
from django.core.files import File

from config.db.ids import PUBLIC_ID_LENGTH
from imports_app.models import WorkspaceExport
from imports_app.uploads.shared import shared_files
from imports_app.uploads.storage import sharing

_FOLDER: Final = "exports"
_NAME: Final = re.compile(rf"([0-9A-Za-z]{{{PUBLIC_ID_LENGTH}}})-([0-9]+)")
_CHUNK: Final = 1024 * 1024


def folder_of(export_id: str, attempt: int) -> Path:
    """Return the folder of an attempt to write an export.

    Args:
        export_id: Public ID of the export.
        attempt: Number of the attempt.
    """
    return _root() / _name(export_id, attempt)


def publish(export_id: str, attempt: int) -> None:
    """Copy the archives to the shared storage, if there is one.

    Raises:
        StorageUnavailableError: They can't be stored.
    """
    shared = shared_files()
    if shared is None:
        return
    folder = folder_of(export_id, attempt)
    for path in sorted(folder.iterdir()):
        with sharing(), path.open("rb") as file:
            shared.save(_shared_name(export_id, attempt, path.name), File(file))
    shutil.rmtree(folder)


def read_archive(export: WorkspaceExport, name: str) -> Iterator[bytes]:
    """Yield the content of an archive.

    Raises:
        FileNotFoundError: The archive does not exist.
        StorageUnavailableError: The shared storage is unavailable.
    """
    shared = shared_files()
    if shared is None:
        with (folder_of(export.public_id, export.attempt) / name).open("rb") as file:
            while piece := file.read(_CHUNK):
                yield piece
        return
    with sharing():
        yield from shared.chunks(_shared_name(export.public_id, export.attempt, name))


@contextmanager
def local_archive(
    export: WorkspaceExport, name: str, watch: Callable[[], None]
) -> Iterator[Path]:
    """Return an archive as a file, which is a copy if the storage is shared.

    Args:
        export: The export.
        name: Name of the archive.
        watch: Called with each piece that is copied.

    Raises:
        FileNotFoundError: The archive does not exist.
        StorageUnavailableError: The shared storage is unavailable.
    """
    folder = folder_of(export.public_id, export.attempt)
    if shared_files() is None:
        yield folder / name
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder) as copy:
        for piece in read_archive(export, name):
            watch()
            copy.write(piece)
        copy.flush()
        yield Path(copy.name)


def delete_archives(export_id: str, attempt: int) -> None:
    """Delete the archives of an attempt, if there are any.

    Raises:
        OSError: The shared storage is unavailable.
    """
    shutil.rmtree(folder_of(export_id, attempt), ignore_errors=True)
    shared = shared_files()
    if shared is not None:
        folder = f"{_FOLDER}/{_name(export_id, attempt)}"
        for name in shared.files_in(folder):
            shared.delete(f"{folder}/{name}")


def delete_all_archives(export: WorkspaceExport) -> None:
    """Delete the archives of all attempts.

    Raises:
        OSError: The shared storage is unavailable.
    """
    for attempt in range(1, export.attempt + 1):
        delete_archives(export.public_id, attempt)


def delete_stray_folders() -> int:
    """Delete the folders of this machine that belong to no export.

    Returns:
        The number of deleted folders.
    """
    try:
        found = [_NAME.fullmatch(path.name) for path in _root().iterdir()]
    except FileNotFoundError:
        return 0
    attempts = {(one[1], int(one[2])) for one in found if one}
    rows = WorkspaceExport.objects.of_ids({public_id for public_id, _ in attempts})
    kept = {
        (row.public_id, row.attempt)
        for row in rows
        if row.is_active or row.has_archives
    }
    strays = attempts - kept
    for export_id, attempt in strays:
        delete_archives(export_id, attempt)
    return len(strays)


def _root() -> Path:
    return Path(settings.DATA_DIR) / _FOLDER


def _name(export_id: str, attempt: int) -> str:
    return f"{export_id}-{attempt}"


def _shared_name(export_id: str, attempt: int, name: str) -> str:
    return f"{_FOLDER}/{_name(export_id, attempt)}/{name}"
