"""Storage of uploads that all machines share (UPLOAD_STORAGE), such as S3.

Without it, uploads and prepared messages stay in the folder `uploads` of `DATA_DIR`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

from config.files.stored_files import storage_errors

ALIAS: Final = "uploads"
"""Key in `STORAGES`; missing without a shared storage."""


class SharedFiles:
    """Files in a storage; every error of the storage is an `OSError`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def save(self, name: str, content: File[Any]) -> None:
        """Store a file, in place of one with the same name.

        Raises:
            OSError: It can't be stored.
        """
        with storage_errors():
            self._storage.delete(name)
            stored = self._storage.save(name, content)
        if stored != name:
            raise FileExistsError(errno.EEXIST, f"stored as {stored}", name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file's content.

        Raises:
            FileNotFoundError: The file does not exist.
            OSError: It can't be read.
        """
        with storage_errors(), self._storage.open(name) as file:
            yield from file.chunks()

    def read(self, name: str) -> bytes:
        """Return a small file's content.

        Raises:
            FileNotFoundError: The file does not exist.
            OSError: It can't be read.
        """
        return b"".join(self.chunks(name))

    def exists(self, name: str) -> bool:
        """Return whether there is a file of this name.

        Raises:
            OSError: The storage is unavailable.
        """
        with storage_errors():
            return self._storage.exists(name)

    def delete(self, name: str) -> None:
        """Delete a file, if it exists.

        Raises:
            OSError: The storage is unavailable.
        """
        with storage_errors():
            self._storage.delete(name)

    def files_in(self, folder: str = "") -> list[str]:
        """Return the names of the files in a folder.

        Raises:
            OSError: The storage is unavailable.
        """
        return self._list(folder)[1]

    def folders(self) -> list[str]:
        """Return the names of all folders.

        Raises:
            OSError: The storage is unavailable.
        """
        return self._list("")[0]

    def changed_at(self, name: str) -> datetime:
        """Return when a file was stored.

        Raises:
            FileNotFoundError: The file does not exist.
            OSError: The storage is unavailable.
        """
        with storage_errors():
            return self._storage.get_modified_time(name)

    def _list(self, folder: str) -> tuple[list[str], list[str]]:
        try:
            with storage_errors():
                folders, files = self._storage.listdir(folder)
        except FileNotFoundError:
            return [], []
        return folders, [name for name in files if name]


def shared_files() -> SharedFiles | None:
    """Return the files of UPLOAD_STORAGE; `None` if it is not set."""
    return SharedFiles(storages[ALIAS]) if ALIAS in settings.STORAGES else None
