"""Files of operations: uploads under generated names, and prepared messages.

They stay in the folder `uploads` of `DATA_DIR`, or in the storage that all machines
share (`uploads.shared`).
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from django.core.files import File

from config.db.ids import new_public_id
from config.errors import TooLargeError
from config.server.bodies import uploads_folder
from imports_app.errors import (
    FileGoneError,
    SourceError,
    StorageUnavailableError,
)
from imports_app.models import ImportOperation
from imports_app.uploads.incoming import (
    HEAD,
    Received,
    check_free_space,
    receive,
    storing,
)
from imports_app.uploads.shared import shared_files

SPOOL_SUFFIX: Final = ".spool"

logger = logging.getLogger(__name__)


def upload_path(operation: ImportOperation) -> Path:
    """Return the path of the operation's file, without any user input in it.

    With a shared storage, the file is not there: use `local_file`.
    """
    return uploads_folder() / operation.public_id


def spool_path(operation: ImportOperation) -> Path:
    """Return the path of the operation's messages between reading and the run."""
    return uploads_folder() / f"{operation.public_id}{SPOOL_SUFFIX}"


def owner_of(name: str) -> str:
    """Return the public ID of the operation that a file of the folder belongs to."""
    return name.removesuffix(SPOOL_SUFFIX)


def share_file(received: Received, public_id: str) -> None:
    """Copy a file to the shared storage, if there is one.

    This may take minutes: call it before the transaction in which the operation gets
    the file. `place_file` ends this transaction.

    Raises:
        StorageUnavailableError: The file can't be stored.
    """
    shared = shared_files()
    if shared is not None:
        with sharing(), received.path.open("rb") as file:
            shared.save(public_id, File(file))


def withdraw_file(public_id: str) -> None:
    """Delete a shared file that no operation got."""
    shared = shared_files()
    if shared is not None:
        with suppress(OSError):  # the workers delete it a day later
            shared.delete(public_id)


def place_file(received: Received, operation: ImportOperation) -> None:
    """Move a file to its operation, unless it was already placed or shared.

    Raises:
        OSError: The file can't be moved.
    """
    if shared_files() is None and received.path.exists():
        received.path.replace(upload_path(operation))


def is_stored(operation: ImportOperation) -> bool:
    """Return whether the operation's file is complete and still stored."""
    if not operation.file_digest:
        return False
    shared = shared_files()
    if shared is None:
        return upload_path(operation).is_file()
    try:
        return shared.exists(operation.public_id)
    except OSError:
        logger.exception("The shared storage is unavailable")
        return False


@contextmanager
def local_file(operation: ImportOperation) -> Iterator[Path]:
    """Yield the path of the operation's file, or of a copy of the shared file.

    The copy is deleted afterwards. If the file is missing, the path does not exist.

    Raises:
        OSError: The shared storage is unavailable.
        StorageFullError: The disk has no space for the copy.
        SourceError: The shared file is not the one that was uploaded.
    """
    path = upload_path(operation)
    if shared_files() is None:
        yield path
        return
    try:
        received = _copy_shared(operation)
    except FileNotFoundError:
        yield path
        return
    try:
        yield received.path
    finally:
        received.path.unlink(missing_ok=True)


def _copy_shared(operation: ImportOperation) -> Received:
    shared = shared_files()
    if shared is None:
        raise FileNotFoundError
    size = operation.file_size or 0
    with storing():
        check_free_space(size)
    try:
        received = receive(shared.chunks(operation.public_id), size)
    except TooLargeError as error:
        raise _file_changed() from error
    if received.digest != operation.file_digest:
        received.path.unlink()
        raise _file_changed()
    return received


def _file_changed() -> SourceError:
    return SourceError(
        "importer-file-unreadable",
        "The uploaded file has changed in the server's storage. Upload it again.",
    )


def has_file(operation: ImportOperation) -> bool:
    """Return whether the operation's file is still stored, as far as is known."""
    if not operation.file_digest:
        return False
    shared = shared_files()
    if shared is None:
        return upload_path(operation).is_file()
    with suppress(StorageUnavailableError), sharing():
        return shared.exists(operation.public_id)
    return False


def link_file(operation: ImportOperation) -> Received:
    """Link or copy an operation's file under another name.

    Raises:
        FileGoneError: The file was already deleted, or has changed.
        StorageFullError: The file can't be copied.
        StorageUnavailableError: The shared storage is unavailable.
    """
    if not operation.file_digest:
        raise FileGoneError
    if shared_files() is None:
        return _link(operation)
    try:
        with sharing():
            return _copy_shared(operation)
    except (FileNotFoundError, SourceError) as error:
        raise FileGoneError from error


def _link(operation: ImportOperation) -> Received:
    own = upload_path(operation)
    if not own.is_file():
        raise FileGoneError
    borrowed = own.with_name(f"incoming-{new_public_id()}")
    with storing():
        try:
            os.link(own, borrowed)
        except OSError:  # not every file system supports hard links
            check_free_space(operation.file_size or 0)
            shutil.copyfile(own, borrowed)
    with borrowed.open("rb") as file:
        head = file.read(HEAD)
    size = operation.file_size or 0
    return Received(borrowed, size, operation.file_digest, head)


@contextmanager
def sharing() -> Iterator[None]:
    """Convert errors of the shared storage to `StorageUnavailableError`."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        logger.exception("The shared storage is unavailable")
        raise StorageUnavailableError from error
