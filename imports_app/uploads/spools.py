"""Spools: storage of an operation's messages between reading and the run.

A spool is a file, of which each part is a section. In the shared storage, each part is
a separate file, because storages can't read sections.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import BinaryIO, Final

from django.core.files.base import ContentFile

from imports_app.models import ImportOperation
from imports_app.uploads.incoming import storing
from imports_app.uploads.shared import SharedFiles, shared_files
from imports_app.uploads.storage import spool_path

_SHARED_NAME: Final = "{folder}/{offset}"


class Spool(ABC):
    """New spool of an operation, written part by part."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes written so far: the offset of the next part."""

    @abstractmethod
    def append(self, content: bytes) -> None:
        """Write the next part.

        Raises:
            StorageFullError: The disk has no space for it.
            OSError: The shared storage is unavailable; the step can be repeated.
        """

    @abstractmethod
    def finish(self) -> None:
        """Write everything to the disk.

        Raises:
            StorageFullError: The disk has no space for it.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


class _FileSpool(Spool):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: BinaryIO | None = None

    def append(self, content: bytes) -> None:
        with storing():
            if self._file is None:
                self._file = self._opened()
            self._file.write(content)
        self.size += len(content)

    def _opened(self) -> BinaryIO:
        """Open an empty file that only this user can read."""
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        return os.fdopen(os.open(self._path, flags, 0o600), "wb")

    def finish(self) -> None:
        if self._file is not None:
            with storing():
                self._file.flush()
                os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _SharedSpool(Spool):
    def __init__(self, shared: SharedFiles, folder: str) -> None:
        super().__init__()
        self._shared = shared
        self._folder = folder

    def append(self, content: bytes) -> None:
        name = _SHARED_NAME.format(folder=self._folder, offset=self.size)
        self._shared.save(name, ContentFile(content))
        self.size += len(content)

    def finish(self) -> None:
        """Do nothing: each part was stored completely."""

    def close(self) -> None:
        """Do nothing: no file is open."""


def new_spool(operation: ImportOperation) -> Spool:
    """Return an empty spool, which replaces the operation's spool."""
    path = spool_path(operation)
    shared = shared_files()
    return _FileSpool(path) if shared is None else _SharedSpool(shared, path.name)


def read_spool(operation: ImportOperation, offset: int, size: int) -> bytes:
    """Return a part's content.

    Raises:
        FileNotFoundError: The part is missing.
        OSError: The part can't be read.
    """
    path = spool_path(operation)
    shared = shared_files()
    if shared is not None:
        return shared.read(_SHARED_NAME.format(folder=path.name, offset=offset))
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)


def delete_spool(operation: ImportOperation) -> None:
    """Delete the operation's spool, if there is one.

    Raises:
        OSError: The shared storage is unavailable.
    """
    path = spool_path(operation)
    shared = shared_files()
    if shared is None:
        path.unlink(missing_ok=True)
        return
    for name in shared.files_in(path.name):
        shared.delete(f"{path.name}/{name}")
