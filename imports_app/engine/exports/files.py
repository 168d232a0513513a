"""Files of messages and avatars for exports."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, BinaryIO, Final, cast

from config.files.stored_files import imported_files, storage_errors
from imports_app.engine.downloads.pending import shown_address
from imports_app.exporters.records import ExportedFile
from imports_app.models import FileState

FILE_COLUMNS: Final = (
    *("pk", "message_import_id", "source_id", "name", "content_type", "size", "url"),
    *("state", "stored_name", "digest"),
)
_AVATAR: Final = "avatar"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceFile(ExportedFile):
    """File with its place in the database and in the storage."""

    key: int
    """Key of the message's file, or of the user."""
    stored_name: str = ""
    is_avatar: bool = False


Link = Callable[[WorkspaceFile], str]
"""Function that returns the URL of a stored file."""


def message_file(room: str, row: tuple[Any, ...]) -> WorkspaceFile:
    """Return a file of a message.

    Args:
        room: ID of the room.
        row: Values of `FILE_COLUMNS`.
    """
    key, message, source_id, name, kind, size, url, state, stored_name, digest = row
    is_stored = state == FileState.STORED
    return WorkspaceFile(
        id=_file_id("F", room, message, source_id),
        name=name,
        content_type=kind,
        size=size,
        digest=digest if is_stored else "",
        source_id=source_id,
        url=shown_address(url) if state == FileState.LINK else "",
        is_stored=is_stored,
        key=key,
        stored_name=stored_name if is_stored else "",
    )


def avatar_file(key: int, public_id: str, stored_name: str) -> WorkspaceFile | None:
    """Return the avatar of a user, or `None`."""
    if not stored_name:
        return None
    return WorkspaceFile(
        id=_file_id("A", public_id),
        name=_AVATAR,
        is_stored=True,
        key=key,
        stored_name=stored_name,
        is_avatar=True,
    )


def open_content(file: ExportedFile) -> BinaryIO:
    """Open the content of a file.

    Raises:
        OSError: The storage does not have the content, or is unavailable.
    """
    if not isinstance(file, WorkspaceFile) or not file.is_stored:
        raise FileNotFoundError(file.name)
    with storage_errors():
        return cast(BinaryIO, imported_files().open(file.stored_name))


def _file_id(prefix: str, *parts: str) -> str:
    """Return 17 letters and digits that belong to these texts alone."""
    digest = blake2b("\0".join(parts).encode(), digest_size=10).digest()
    return f"{prefix}{b32encode(digest).decode()}"
