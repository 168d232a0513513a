"""Downloads of the archives of exports."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

from django.utils import timezone

from imports_app.engine.exports.archives import read_archive
from imports_app.engine.exports.errors import ExportNotStoredError
from imports_app.engine.exports.writing import MANIFEST
from imports_app.models import WorkspaceExport
from imports_app.services.outgoing.exports import (
    ExportForbiddenError,
    may_export,
    record_export_download,
)
from imports_app.transitions import Actor

_STORED = 0o100600 << 16


@dataclass(frozen=True, slots=True)
class Download:
    """Content of a download."""

    name: str
    size: int | None
    """Bytes, if they are known before."""
    content: Iterator[bytes]


def download_export(
    *, export: WorkspaceExport, part: str = "", actor: Actor
) -> Download:
    """Return an archive of an export.

    Args:
        export: The export.
        part: Name of one of its archives. Without it, the only archive is returned, or
            else one ZIP archive that contains all of them and their list.
        actor: Who downloads it.

    Raises:
        ExportForbiddenError: The actor may not read all rooms and users.
        ExportNotStoredError: The archive is not on this server.
    """
    if actor.user is None or not may_export(actor.user):
        raise ExportForbiddenError
    manifest: dict[str, Any] = export.manifest or {}
    if not export.has_archives or export.expires_at <= timezone.now():
        raise ExportNotStoredError
    sizes = {one["file"]: one["bytes"] for one in manifest["archives"]}
    name = part or (next(iter(sizes)) if len(sizes) == 1 else "")
    if name and name not in sizes:
        raise ExportNotStoredError(
            f"The export has no archive {name!r}. Use one of: {', '.join(sizes)}."
        )
    record_export_download(export, name or "all archives", by=actor.author)
    if name:
        content = _opened(export, name)
        return Download(f"{export.public_id}-{name}", sizes[name], content)
    names = [*sizes, MANIFEST]
    content = _packed(export, names)
    return Download(f"{export.public_id}.zip", None, content)


def _opened(export: WorkspaceExport, name: str) -> Iterator[bytes]:
    """Return the content of an archive, of which the first piece is already read.

    Raises:
        ExportNotStoredError: The archive was deleted.
    """
    pieces = read_archive(export, name)
    try:
        first = next(pieces, b"")
    except FileNotFoundError as error:
        raise ExportNotStoredError from error
    return _chained(first, pieces)


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


class _Buffer:
    """File that a ZIP archive is written to, and that is read piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the pieces are in memory."""

    def take(self) -> bytes:
        """Return what was written since the last call."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content


def _packed(export: WorkspaceExport, names: list[str]) -> Iterator[bytes]:
    """Yield a ZIP archive of archives, without compressing them again."""
    buffer = _Buffer()
    with zipfile.ZipFile(cast(IO[bytes], buffer), "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr = _STORED
            with archive.open(info, "w", force_zip64=True) as file:
                for piece in read_archive(export, name):
                    file.write(piece)
                    yield buffer.take()
    yield buffer.take()
