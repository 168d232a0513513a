"""Archive for another import server, with one JSON object per line."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import orjson

from imports_app.exporters.base import Exporter, FileMode, RoomCount
from imports_app.exporters.jsonl.documents import Documents, header
from imports_app.exporters.losses import Loss
from imports_app.exporters.parts import Limits, PartWriter
from imports_app.exporters.records import ExportedFile, Workspace

_FILES: Final = "files"
_LARGEST: Final = 1_000_000
"""Bytes of lines after which another file begins."""
_CHUNK: Final = 256 * 1024


class JsonlExporter(Exporter):
    """Writer of `export.zip`: files of lines, and the content of attached files.

    The files `export-00001.jsonl` and so on are one sequence of lines, so that memory
    use is constant. Content is stored once, under its SHA-256.

    Args:
        folder: An empty folder, which gets the archive.
        workspace: What to write.
        limits: Not used: the importer reads archives of any size.
        files: How to include files.
    """

    key: ClassVar[str] = "jsonl"

    def __init__(
        self,
        folder: Path,
        workspace: Workspace,
        limits: Limits,
        *,
        files: FileMode = FileMode.NONE,
    ) -> None:
        super().__init__(folder, workspace, limits, files=files)
        self._documents = Documents(self.losses, self._attach)
        self._lines: list[bytes] = []
        self._size = 0
        self._messages = 0
        """Number of messages in lines that are not written yet."""
        self._number = 0
        self._written: set[bytes] = set()
        """Digests of content in the archive."""

    def name_of_part(self, number: int) -> str:
        """Return the name of the archive."""
        return "export.zip"

    def complete_part(self, part: PartWriter) -> None:
        """Do nothing, because all lines are written."""

    def write(self) -> None:
        """Write a header, users, rooms, and the messages of each room."""
        self._add(header(self.workspace.id))
        for user in self.users():
            self._add(self._documents.user(user))
            self.result.users += 1
        for room in self.workspace.rooms():
            self._add(self._documents.room(room))
        for room in self.workspace.rooms():
            key = next(iter(room.import_ids), room.id)
            number = 0
            for message in self.workspace.messages(room):
                document = self._documents.message(message, key)
                if document is not None:
                    number += 1
                    self._messages += 1
                    self._add(document)
            self.result.rooms.append(RoomCount(room.id, room.name, number))
        self._write_lines()

    def _add(self, document: dict[str, Any]) -> None:
        line = orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _LARGEST:
            self._write_lines()

    def _write_lines(self) -> None:
        if self._lines:
            self._number += 1
            name = f"export-{self._number:05d}.jsonl"
            self.part.write(name, [b"".join(self._lines)], messages=self._messages)
        self._lines, self._size, self._messages = [], 0, 0

    def _attach(self, file: ExportedFile) -> dict[str, Any]:
        """Write the content of a file; return the properties that locate it."""
        if file.url:
            return {"url": file.url, "isLink": True}
        if file.is_stored and self.files is FileMode.LINKS:
            return {"url": self.workspace.link(file)}
        if self.files is FileMode.CONTENT and (digest := self._digest_of(file)):
            entry = f"{_FILES}/{digest}"
            key = bytes.fromhex(digest)
            if key in self._written or self.copy(file, entry):
                self._written.add(key)
                return {"entry": entry}
        self.losses.count(Loss.FILES if file.source_id else Loss.AVATARS)
        return {}

    def _digest_of(self, file: ExportedFile) -> str:
        """Return the SHA-256 of the content; empty if this server does not have it."""
        if file.digest or not file.is_stored:
            return file.digest
        digest = hashlib.sha256()
        try:
            with self.workspace.open(file) as content:
                for chunk in iter(partial(content.read, _CHUNK), b""):
                    digest.update(chunk)
        except FileNotFoundError:
            return ""
        return digest.hexdigest()
