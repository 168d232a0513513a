"""Files on their way in: under names of ours, whole or not at all."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from config.errors import TooLargeError
from imports_app.errors import StorageFullError
from imports_app.models import ImportOperation

_HEAD: Final = 64

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is whole, but belongs to nobody yet."""

    path: Path
    size: int
    digest: str
    """SHA-256 in hex."""
    head: bytes
    """The first bytes."""


def uploads_folder() -> Path:
    """Return where uploaded files lie."""
    return Path(settings.DATA_DIR) / "uploads"


def upload_path(operation: ImportOperation) -> Path:
    """Return where the operation's file lies; nothing of the name is from outside."""
    return uploads_folder() / operation.public_id


def receive(content: Iterable[bytes], limit: int) -> Received:
    """Write a stream into a file.

    Raises:
        TooLargeError: There are more bytes than the limit.
        StorageFullError: They can't be stored.
    """
    folder = uploads_folder()
    digest = hashlib.sha256()
    size = 0
    head = b""
    path = None
    try:
        with _storing():
            folder.mkdir(mode=0o700, exist_ok=True)
            file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed below
                dir=folder, prefix="incoming-", delete=False
            )
        path = Path(file.name)
        with file:
            for chunk in content:
                size += len(chunk)
                if size > limit:
                    raise TooLargeError(_too_large(limit))
                digest.update(chunk)
                head += chunk[: _HEAD - len(head)]
                with _storing():
                    file.write(chunk)
            with _storing():
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        if path is not None:
            with suppress(OSError):
                path.unlink()
        raise
    return Received(path, size, digest.hexdigest(), head)


@contextmanager
def _storing() -> Iterator[None]:
    """Tell a full disk from a source that breaks off."""
    try:
        yield
    except OSError as error:
        logger.exception("A file can't be stored")
        raise StorageFullError from error


def _too_large(limit: int) -> str:
    return f"The file has more than {limit} bytes, the most that this server takes."
