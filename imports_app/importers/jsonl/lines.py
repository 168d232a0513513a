"""Lines of a JSONL export (docs/export.schema.json), read within limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import orjson

from imports_app.errors import SourceError
from imports_app.sources.archives import Archive, looks_like_zip, open_file
from imports_app.sources.json_streams import excerpt_of, number_of
from imports_app.sources.limits import ArchiveLimits

FORMAT: Final = "import-server-export"
VERSION: Final = 1
LINES: Final = re.compile(r"export-[0-9]{5,9}\.jsonl")
"""Names of the files of lines in an archive."""
_LONGEST: Final = 16_000_000
"""Bytes of a line: enough for a room of 300,000 members."""
_MOST_VALUES: Final = 350_000
"""Values of a line: an empty list has two bytes there, but 56 in memory."""
_LONGEST_HEADER: Final = 64 * 1024
_EXCERPT: Final = 200


class Line(NamedTuple):
    """Line of a file."""

    file: str
    number: int
    """From 1."""
    size: int
    """Bytes."""
    document: dict[str, Any] | None
    """The object; `None` if the line is not a valid object."""
    excerpt: str = ""
    """Beginning of a line that is not valid."""


class ExportFile:
    """Archive, or single file of lines.

    Args:
        path: The file.
        archive: The opened archive; `None` for a file of lines.
    """

    def __init__(self, path: Path, archive: Archive | None) -> None:
        self._path = path
        self._archive = archive
        self._entries = []
        self.contents: set[str] = set()
        """Names of the other files in the archive."""
        self.size = path.stat().st_size if archive is None else 0
        """Bytes of all lines."""
        if archive is not None:
            for entry in archive.entries:
                if LINES.fullmatch(entry.name):
                    self._entries.append(entry)
                    self.size += entry.size
                else:
                    self.contents.add(entry.name)
            self._entries.sort(key=lambda entry: entry.name)
        if archive is not None and not self._entries:
            raise _NOT_OURS
        self.workspace = self._read_header()

    def lines(self) -> Iterator[Line]:
        """Yield the lines after the header, without empty ones.

        Raises:
            SourceError: The archive is damaged.
        """
        if self._archive is None:
            with open_file(self._path) as stream:
                yield from _lines_of(self._path.name, stream)
            return
        for entry in self._entries:
            with self._archive.read(entry) as stream:
                yield from _lines_of(entry.name, stream)

    def _read_header(self) -> str:
        """Check the first line; return the ID of the workspace.

        Raises:
            SourceError: It is not the header of an export, or of a newer release.
        """
        if self._archive is None:
            with open_file(self._path) as stream:
                header = parse_header(stream)
        else:
            with self._archive.read(self._entries[0]) as stream:
                header = parse_header(stream)
        if header is None:
            raise _NOT_OURS
        if number_of(header.get("version")) != VERSION:
            raise SourceError(
                "importer-newer-format",
                f"The version of the export is {excerpt_of(header.get('version'))}, and"
                f" this server reads version {VERSION}. Update this server, or export"
                " with the same release.",
            )
        workspace = header.get("workspace")
        return workspace if isinstance(workspace, str) else ""


@contextmanager
def open_export(path: Path | None, limits: ArchiveLimits) -> Iterator[ExportFile]:
    """Open an export.

    Raises:
        SourceError: There is no file, or it is not an export.
    """
    if path is None:
        raise SourceError(
            "importer-file-missing", "The import has no file. Upload one."
        )
    if looks_like_zip(path):
        with Archive(path, limits) as archive:
            yield ExportFile(path, archive)
    else:
        yield ExportFile(path, None)


def parse_header(stream: BinaryIO) -> dict[str, Any] | None:
    """Return the header at the beginning of an export; `None` for other files."""
    header = _parse(stream.readline(_LONGEST_HEADER))
    is_header = header is not None and header.get("format") == FORMAT
    return header if is_header else None


def _lines_of(file: str, stream: BinaryIO) -> Iterator[Line]:
    number = 0
    while content := stream.readline(_LONGEST):
        number += 1
        size = len(content)
        document = None
        if size == _LONGEST and not content.endswith(b"\n"):
            size += _skip_line(stream)
        else:
            document = _parse(content)
        if document is not None and document.get("kind") == "header":
            continue
        if document is not None:
            yield Line(file, number, size, document)
        elif content.strip():
            excerpt = content[:_EXCERPT].decode("utf-8", "replace")
            yield Line(file, number, size, None, excerpt)


def _skip_line(stream: BinaryIO) -> int:
    """Read the rest of a line; return its number of bytes."""
    size = 0
    while rest := stream.readline(_LONGEST_HEADER):
        size += len(rest)
        if rest.endswith(b"\n"):
            break
    return size


def _parse(line: bytes) -> dict[str, Any] | None:
    if line.count(b",") > _MOST_VALUES or line.count(b"[") > _MOST_VALUES:
        return None
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


_NOT_OURS: Final = SourceError(
    "importer-wrong-archive",
    "The file is not an export of an import server: its first line is not a header."
    " Upload an archive of manage.py export --format jsonl, or use another importer.",
)
