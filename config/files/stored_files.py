"""Storage and delivery of files and avatars that imports downloaded."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.http import FileResponse, Http404

from config.db.ids import new_public_id

_PICTURES: Final = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
_HEAD: Final = 16
_SEALED: Final = "sandbox; default-src 'none'"
"""Content security policy that prevents the file from running or loading anything."""


def imported_files() -> Storage:
    """Return the storage of downloaded files (FILE_STORAGE)."""
    return storages["imported"]


@contextmanager
def storage_errors() -> Iterator[None]:
    """Convert all errors to `OSError`: each storage class raises its own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(errno.EIO, f"{type(error).__name__}: {error}") from error


def keeps_content(storage: Storage) -> bool:
    """Return whether a storage returns stored content unchanged.

    The test content is deleted.

    Raises:
        OSError: The storage is unavailable.
    """
    content = b"probe"
    with storage_errors():
        name = storage.save(f"probe-{new_public_id()}", ContentFile(content))
        with storage.open(name) as file:
            is_intact: bool = file.read() == content
        storage.delete(name)
    return is_intact


def picture_type(head: bytes) -> str | None:
    """Return the media type of an image by its first bytes, or `None`."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    kinds = (kind for mark, kind in _PICTURES.items() if head.startswith(mark))
    return next(kinds, None)


def answer_file(stored_name: str, shown_name: str) -> FileResponse:
    """Return a file as a download, never as an inline page.

    Raises:
        Http404: The file is not in the storage.
    """
    return _sealed(
        FileResponse(
            _opened(stored_name),
            as_attachment=True,
            filename=shown_name or "file",
            content_type="application/octet-stream",
        )
    )


def answer_picture(stored_name: str) -> FileResponse:
    """Return an image for display on a page.

    Raises:
        Http404: The file is not in the storage or not an image.
    """
    file = _opened(stored_name)
    kind = picture_type(file.read(_HEAD))
    if kind is None:
        file.close()
        raise Http404
    file.seek(0)
    return _sealed(FileResponse(file, content_type=kind))


def _opened(stored_name: str) -> File[bytes]:
    if not stored_name:
        raise Http404
    try:
        return imported_files().open(stored_name)
    except OSError as error:
        raise Http404 from error


def _sealed(response: FileResponse) -> FileResponse:
    response.headers["Content-Security-Policy"] = _SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
