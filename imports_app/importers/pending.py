"""Importers that download pending files and avatars (importers.md 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from imports_app.importers.base import ImportContext, Importer
from imports_app.records import Kind, SourceItem


class _Pending(Importer):
    """Importer without a file: the engine knows the pending downloads."""

    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield nothing."""
        return iter(())


class PendingFilesImporter(_Pending):
    """Downloads the files of messages."""

    key: ClassVar[str] = "pending-files"
    name: ClassVar[str] = "Pending Files"
    fetches: ClassVar[Kind | None] = Kind.FILE


class PendingAvatarsImporter(_Pending):
    """Downloads the avatars of users."""

    key: ClassVar[str] = "pending-avatars"
    name: ClassVar[str] = "Pending Avatars"
    fetches: ClassVar[Kind | None] = Kind.AVATAR
