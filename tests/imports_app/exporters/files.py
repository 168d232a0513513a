"""Files of workspaces in memory."""

from __future__ import annotations

from hashlib import blake2b, sha256
from io import BytesIO
from typing import BinaryIO

from imports_app.exporters.records import ExportedFile

CONTENTS: dict[str, bytes] = {}
"""Content by ID of the file; any test may add files of its own."""


def stored(name: str, content: bytes) -> ExportedFile:
    """Return a file with this content."""
    file = ExportedFile(
        id="F" + blake2b(name.encode() + content, digest_size=8).hexdigest().upper(),
        name=name,
        size=len(content),
        digest=sha256(content).hexdigest(),
        source_id=name,
        is_stored=True,
    )
    CONTENTS[file.id] = content
    return file


class MemoryFiles:
    """Part of a workspace that has the contents of files."""

    def open(self, file: ExportedFile) -> BinaryIO:
        if file.id not in CONTENTS:
            raise FileNotFoundError(file.name)
        return BytesIO(CONTENTS[file.id])

    def link(self, file: ExportedFile) -> str:
        return f"https://import.example/{file.id}"
