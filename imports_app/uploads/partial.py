"""Files of uploads that are received in parts.

They stay in the folder of uploads on the machine that received their first part, also
if the complete uploads go to a shared storage. A part is written under an exclusive
lock, which the operating system releases when the process ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from config.db.ids import new_public_id
from config.server.bodies import uploads_folder
from imports_app.models import PartialUpload
from imports_app.uploads.errors import (
    UploadChecksumError,
    UploadElsewhereError,
    UploadLockedError,
    UploadNotFoundError,
    UploadTooLongError,
)
from imports_app.uploads.incoming import HEAD, Received, check_free_space, storing
from imports_app.uploads.shared import shared_files

_CHUNK: Final = 1024 * 1024


def partial_path(upload: PartialUpload) -> Path:
    """Return the path of the received bytes, without any user input in it."""
    return uploads_folder() / f"partial-{upload.public_id}"


def create_file(upload: PartialUpload) -> None:
    """Create the empty file.

    Raises:
        StorageFullError: It can't be created.
    """
    path = partial_path(upload)
    with storing():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def delete_file(upload: PartialUpload) -> None:
    """Delete the received bytes, if they are on this machine."""
    partial_path(upload).unlink(missing_ok=True)


@contextmanager
def locked_file(upload: PartialUpload) -> Iterator[BinaryIO]:
    """Open the file for one writer, as a context manager.

    Raises:
        UploadLockedError: Another request is writing a part.
        UploadElsewhereError: The file is on another machine.
        UploadNotFoundError: The file was deleted.
    """
    with _opened(upload, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UploadLockedError from None
        yield file


@contextmanager
def _opened(upload: PartialUpload, mode: str) -> Iterator[BinaryIO]:
    try:
        file = partial_path(upload).open(mode)
    except FileNotFoundError:
        raise _missing() from None
    with file:
        yield file  # type: ignore[misc] # the modes are binary


def _missing() -> UploadElsewhereError | UploadNotFoundError:
    """Return the error for a file that this machine does not have.

    Only servers with a shared storage may have several machines.
    """
    return UploadNotFoundError() if shared_files() is None else UploadElsewhereError()


def write_part(
    file: BinaryIO,
    upload: PartialUpload,
    chunks: Iterable[bytes],
    checksum: tuple[str, bytes] | None,
) -> int:
    """Write a part after the received bytes, completely or not at all.

    Args:
        file: The locked file.
        upload: The upload.
        chunks: The part.
        checksum: Algorithm and digest of the part, if the client sent a checksum.

    Returns:
        The number of bytes.

    Raises:
        UploadTooLongError: The part goes beyond the size of the file.
        UploadChecksumError: The checksum does not match.
        StorageFullError: The disk has no space for it.
    """
    if file.seek(0, os.SEEK_END) < upload.offset:
        raise UploadNotFoundError
    algorithm, expected = checksum or ("sha256", b"")
    digest = hashlib.new(algorithm)
    written = 0
    try:
        file.seek(upload.offset)
        file.truncate()
        for chunk in chunks:
            written += len(chunk)
            if upload.offset + written > upload.size:
                raise UploadTooLongError
            if checksum is not None:
                digest.update(chunk)
            with storing():
                check_free_space(len(chunk))
                file.write(chunk)
        if checksum is not None and digest.digest() != expected:
            raise UploadChecksumError
        with storing():
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        file.truncate(upload.offset)
        raise
    return written


def complete_file(upload: PartialUpload) -> Received:
    """Return the complete file under another name; the caller owns it.

    The whole file is read for its digest. The received bytes stay, so that the import
    can be restarted after an error.

    Raises:
        UploadElsewhereError: The file is on another machine.
        UploadNotFoundError: The file was deleted, or is incomplete.
        StorageFullError: The file can't be linked or copied.
    """
    digest = hashlib.sha256()
    with _opened(upload, "rb") as file:
        head = file.read(HEAD)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        if file.tell() != upload.size:
            raise UploadNotFoundError
    path = uploads_folder() / f"incoming-{new_public_id()}"
    with storing():
        try:
            os.link(partial_path(upload), path)
        except OSError:  # not every file system supports hard links
            check_free_space(upload.size)
            shutil.copyfile(partial_path(upload), path)
    return Received(path, upload.size, digest.hexdigest(), head)
