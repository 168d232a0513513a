"""Base class of the formats, and the result of an export."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from config.errors import DomainError
from imports_app.exporters.losses import Loss, Losses
from imports_app.exporters.parts import Limits, Part, PartWriter
from imports_app.exporters.records import ExportedFile, ExportedUser, Workspace

_CHUNK: Final = 256 * 1024
_SMALL: Final = 2**31 - 1
"""Maximum bytes of a file without ZIP64."""


class FileMode(StrEnum):
    """How an export contains the files of messages."""

    NONE = "none"
    LINKS = "links"
    """URLs of this server, which expire."""
    CONTENT = "content"


class ExportRefusedError(DomainError):
    """The format can't contain the workspace with these options."""

    code: ClassVar[str] = "error-export-refused"


@dataclass(frozen=True, slots=True)
class RoomCount:
    """Room of an export with the number of its exported messages."""

    id: str
    name: str
    messages: int


@dataclass(slots=True)
class Export:
    """Result of an export."""

    parts: list[Part] = field(default_factory=list)
    rooms: list[RoomCount] = field(default_factory=list)
    users: int = 0
    losses: dict[Loss, int] = field(default_factory=dict)

    @property
    def messages(self) -> int:
        """Number of messages in all archives."""
        return sum(part.messages for part in self.parts)


class Exporter(ABC):
    """Writer of one format.

    Args:
        folder: An empty folder, which gets the archives.
        workspace: The selected part of the workspace.
        limits: Maximum size of an archive.
        files: How to include files.

    Raises:
        ExportRefusedError: The format can't include files in this way.
    """

    key: ClassVar[str]
    """Name of the format in commands."""
    file_modes: ClassVar[tuple[FileMode, ...]] = tuple(FileMode)
    """Ways in which the format can include files."""
    options: ClassVar[frozenset[str]] = frozenset()
    """Names of the format's own arguments."""

    def __init__(
        self,
        folder: Path,
        workspace: Workspace,
        limits: Limits,
        *,
        files: FileMode = FileMode.NONE,
    ) -> None:
        if files not in self.file_modes:
            modes = ", ".join(self.file_modes)
            msg = (
                f"The format {self.key} can't include files as {files}. Use one of:"
                f" {modes}."
            )
            raise ExportRefusedError(msg)
        self.files = files
        self.workspace = workspace
        self.limits = limits
        self.losses = Losses()
        self.result = Export()
        self.folder = folder
        self.watch: Callable[[], None] = lambda: None
        """Called with each piece of an archive."""
        self._part: PartWriter | None = None

    def export(self) -> Export:
        """Write all archives and return what they contain."""
        self.write()
        if self._part is not None:
            self.end_part()
        self.result.losses = self.losses.by_loss()
        return self.result

    @abstractmethod
    def write(self) -> None:
        """Write users, rooms and messages."""

    @abstractmethod
    def complete_part(self, part: PartWriter) -> None:
        """Add the files that an archive needs besides its messages."""

    def users(self) -> Iterator[ExportedUser]:
        """Yield the users, and count those whose account was deleted."""
        for user in self.workspace.users():
            self.losses.count(Loss.DELETED_USERS, user.was_deleted)
            yield user

    def copy(self, file: ExportedFile, name: str) -> bool:
        """Add the content of a file to the archive that is being written.

        Args:
            file: The file.
            name: Name in the archive.

        Returns:
            Whether this server has the content.

        Raises:
            OSError: The storage is unavailable, or the disk is full.
        """
        if not file.is_stored:
            return False
        try:
            content = self.workspace.open(file)
        except FileNotFoundError:
            return False
        with content:
            self.part.write(
                name,
                iter(partial(content.read, _CHUNK), b""),
                is_large=file.size is None or file.size > _SMALL,
            )
        return True

    def name_of_part(self, number: int) -> str:
        """Return the name of an archive."""
        return f"part-{number:03d}.zip"

    @property
    def part(self) -> PartWriter:
        """The archive that is being written."""
        if self._part is None:
            name = self.name_of_part(len(self.result.parts) + 1)
            self._part = PartWriter(self.folder / name, self.watch)
        return self._part

    def end_part(self) -> None:
        """Finish the archive."""
        self.complete_part(self.part)
        self.result.parts.append(self.part.close())
        self._part = None

    def end_full_part(self) -> None:
        """Finish the archive if it has reached the limits."""
        if self.part.is_full(self.limits):
            self.end_part()
