"""Untrusted ZIP archives: read as streams within limits, never unpacked to disk.

All metadata of an archive is checked before any entry is read (importers.md 7).
"""

from __future__ import annotations

import os
import re
import stat
import struct
import sys
import zipfile
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Self

from config.units import format_bytes
from imports_app.errors import SourceError
from imports_app.sources.entry_table import Entry, EntryTable
from imports_app.sources.limits import ArchiveLimits
from imports_app.sources.zip_directory import (
    LOCAL_HEADER,
    Directory,
    DirectoryRecord,
    find_directory,
    read_records,
    record_at,
)
from imports_app.sources.zip_entries import entry_stream

_ENCRYPTED_FLAG: Final = 0x1
_UTF8_FLAG: Final = 0x800
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Supported methods. Others can't be unpacked in bounded memory."""
_RATIO_COUNTS_FROM: Final = 10_000_000
"""Unpacked bytes below which the compression ratio is not checked."""
_ROOT_FILES: Final = frozenset(
    {
        *("users.csv", "channels.csv", "users.xlsx", "channels.xlsx"),
        *("users.json", "org_users.json", "channels.json"),
    }
)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_LONGEST_NAME: Final = 1024
"""Bytes."""
_MOST_DIRECTORY_BYTES: Final = 64_000_000
_MOST_NAME_BYTES: Final = 64_000_000
"""Maximum memory of all names in bytes; one rare letter widens a whole name."""
_UNIX: Final = 3

_DAMAGE: Final = (zipfile.BadZipFile, ValueError, IndexError, struct.error)
"""Errors that damaged bytes raise while reading."""


class Archive:
    """ZIP archive that has passed all checks; a context manager."""

    def __init__(self, path: Path, limits: ArchiveLimits) -> None:
        """Open the archive and check it.

        Raises:
            SourceError: It is not an archive, is damaged, encrypted, or too large.
        """
        with _readable(path.name):
            self._open_checked(path.open("rb"), limits)

    @classmethod
    def from_file(cls, file: BinaryIO, name: str, limits: ArchiveLimits) -> Self:
        """Check an archive in an open file, which is closed with the archive.

        Raises:
            SourceError: It is not an archive, is damaged, encrypted, or too large.
        """
        archive = cls.__new__(cls)
        with _readable(name):
            archive._open_checked(file, limits)
        return archive

    def _open_checked(self, file: BinaryIO, limits: ArchiveLimits) -> None:
        self.entries = EntryTable()
        self._file = file
        try:
            if file.seek(0, os.SEEK_END) == 0:
                raise SourceError(
                    "importer-file-empty", "The file is empty. Export it again."
                )
            self._read_directory(limits)
        except _DAMAGE:
            with file:
                _refuse_as_zip(file)
        except BaseException:
            file.close()
            raise
        self.top_folder = _top_folder(self.entries)
        if self.top_folder is not None:
            self.entries.cut_names(len(self.top_folder) + 1)

    def _read_directory(self, limits: ArchiveLimits) -> None:
        directory = find_directory(self._file)
        _check_directory(directory, limits)
        check = _Check(directory, limits)
        for record in read_records(self._file, directory):
            name = check.add(record)
            if _is_content(name):
                self.entries.add(name, record.size, record.place)
        self._shift = directory.shift
        self._bounds = check.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    @property
    def unpacked_bytes(self) -> int:
        """Unpacked bytes of all entries."""
        return self.entries.total_size

    def root_files(self, names: Collection[str]) -> set[str]:
        """Return which of these lower-case names are at the top."""
        lowered = (entry.name.lower() for entry in self.entries)
        return {name for name in lowered if name in names}

    @contextmanager
    def read(self, entry: Entry) -> Iterator[BinaryIO]:
        """Open an entry as a stream, as a context manager.

        Raises:
            SourceError: The entry is damaged; may be raised while reading.
        """
        with _readable(entry.name), self._open(entry) as stream:
            yield stream

    def _open(self, entry: Entry) -> BinaryIO:
        handle = self._file.fileno()
        try:
            record = record_at(handle, entry.place, self._shift)
            following = bisect_right(self._bounds, record.offset)
            return entry_stream(handle, record, self._bounds[following])
        except _DAMAGE as error:
            raise zipfile.BadZipFile from error


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is not an archive, as a context manager.

    Raises:
        SourceError: The file can't be read.
    """
    with _readable(path.name), path.open("rb") as stream:
        yield stream


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Convert errors while reading to a `SourceError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise SourceError(
            "importer-file-missing",
            "The uploaded file is missing in the server's storage. Upload it again.",
        ) from error
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
        RuntimeError,
    ) as error:
        raise SourceError(
            "importer-zip-damaged",
            f"The archive is damaged at {name!r}. Export it or pack it again.",
        ) from error
    except OSError as error:
        raise SourceError(
            "importer-file-unreadable",
            f"The uploaded file can't be read: {error.strerror}. Upload it again.",
        ) from error


def _refuse_as_zip(file: BinaryIO) -> None:
    """Refuse a file that is a damaged archive or not an archive."""
    file.seek(0)
    if file.read(4) in (b"PK\x03\x04", b"PK\x05\x06"):
        raise SourceError(
            "importer-zip-damaged",
            "The archive is incomplete or damaged. Upload it again, or pack it again.",
        )
    raise SourceError(
        "importer-not-a-zip",
        "The file is not a ZIP archive. Upload the exported archive.",
    )


def _check_directory(directory: Directory, limits: ArchiveLimits) -> None:
    """Refuse a directory that exceeds a limit according to the end record."""
    if directory.count > limits.entries:
        raise _too_many(directory.count, limits)
    if directory.size > _MOST_DIRECTORY_BYTES:
        raise _DIRECTORY_TOO_LARGE


class _Check:
    """Checks of an archive's entries, one after another."""

    def __init__(self, directory: Directory, limits: ArchiveLimits) -> None:
        self._directory = directory
        self._limits = limits
        self._unpacked = self._packed = self._name_bytes = 0
        # Hashes instead of names, to save memory.
        self._names: set[int] = set()
        self._starts = array("Q")
        self._ends = array("Q")

    def add(self, record: DirectoryRecord) -> str:
        """Check an entry and return its name."""
        if len(self._starts) == self._limits.entries:
            raise _too_many(self._limits.entries + 1, self._limits)
        self._starts.append(record.offset)
        self._ends.append(
            record.offset + LOCAL_HEADER.size + len(record.name) + record.packed
        )
        name = _name_of(record)
        if not name.endswith("/"):
            self._check_name(name, record)
            self._check_content(name, record)
        return name

    def _check_name(self, name: str, record: DirectoryRecord) -> None:
        if record.made_by >> 8 == _UNIX:
            kind = stat.S_IFMT(record.attributes >> 16)
            if kind not in (0, stat.S_IFREG):
                raise SourceError(
                    "importer-zip-unsafe-name",
                    f"{name!r} is a link or a device, not a file. Pack the archive"
                    " again without it.",
                )
        key = hash(name)
        if key in self._names:
            raise SourceError(
                "importer-zip-damaged",
                f"The archive has the file {name!r} more than once. Pack it again.",
            )
        self._names.add(key)
        self._name_bytes += sys.getsizeof(name)
        if self._name_bytes > _MOST_NAME_BYTES:
            raise _DIRECTORY_TOO_LARGE

    def _check_content(self, name: str, record: DirectoryRecord) -> None:
        if record.flags & _ENCRYPTED_FLAG:
            raise SourceError(
                "importer-zip-encrypted",
                f"{name!r} is encrypted. Pack the archive without a password.",
            )
        if record.method not in _METHODS:
            raise SourceError(
                "importer-zip-damaged",
                f"{name!r} has an unsupported compression method. Pack it again.",
            )
        if record.size > self._limits.entry_bytes:
            raise SourceError(
                "importer-zip-too-large",
                f"{name!r} is {format_bytes(record.size)} when unpacked, but the limit"
                f" is {format_bytes(self._limits.entry_bytes)}. Split the file, or ask"
                " the administrator to raise ARCHIVE_MAX_ENTRY_BYTES.",
            )
        self._unpacked += record.size
        self._packed += record.packed

    def finish(self) -> array[int]:
        """Check all entries together; return their offsets and the end."""
        limits = self._limits
        if self._unpacked > limits.unpacked_bytes:
            raise SourceError(
                "importer-zip-too-large",
                f"The archive is {format_bytes(self._unpacked)} when unpacked, but the"
                f" limit is {format_bytes(limits.unpacked_bytes)}. Split it, or ask"
                " the administrator to raise ARCHIVE_MAX_BYTES.",
            )
        if self._unpacked > _RATIO_COUNTS_FROM and self._unpacked > (
            limits.ratio * max(self._packed, 1)
        ):
            raise SourceError(
                "importer-zip-bomb",
                f"The archive is more than {limits.ratio} times as large when unpacked,"
                " which is suspicious. Check where the file is from.",
            )
        self._refuse_overlaps()
        return array("Q", [*sorted(self._starts), self._directory.start])

    def _refuse_overlaps(self) -> None:
        """Refuse overlapping entries, whose bytes would be unpacked several times."""
        order = sorted(range(len(self._starts)), key=self._starts.__getitem__)
        free_from = self._directory.shift
        for index in order:
            if self._starts[index] < free_from:
                raise SourceError(
                    "importer-zip-bomb",
                    "Files in the archive overlap, which is suspicious. Check where the"
                    " archive is from.",
                )
            free_from = self._ends[index]
        if free_from > self._directory.start:
            raise zipfile.BadZipFile


def _too_many(count: int, limits: ArchiveLimits) -> SourceError:
    return SourceError(
        "importer-zip-too-many-entries",
        f"The archive has at least {count:,} files. The limit is {limits.entries:,}."
        " Split the archive, or ask the administrator to raise ARCHIVE_MAX_ENTRIES.",
    )


_DIRECTORY_TOO_LARGE: Final = SourceError(
    "importer-zip-too-many-entries",
    "The file names in the archive are too long in total. Split the archive.",
)


def _name_of(record: DirectoryRecord) -> str:
    """Return an entry's normalized name.

    Raises:
        SourceError: The name is not valid, or points outside of the archive.
    """
    if len(record.name) > _LONGEST_NAME:
        raise SourceError(
            "importer-zip-unsafe-name",
            f"A file name in the archive is longer than {_LONGEST_NAME:,} bytes."
            " Shorten it.",
        )
    try:
        name = record.name.decode()
    except UnicodeDecodeError:
        if record.flags & _UTF8_FLAG:
            raise
        name = record.name.decode("cp437")  # the original encoding of ZIP
    name = name.replace("\\", "/")
    if (
        name.startswith("/")
        or "\0" in name
        or _DRIVE.match(name)
        or (("../" in name or name.endswith("..")) and ".." in name.split("/"))
    ):
        raise SourceError(
            "importer-zip-unsafe-name",
            f"The name {name!r} points outside of the archive. Pack it again.",
        )
    return name


def _is_content(name: str) -> bool:
    """Return whether an entry is a file, and not metadata of macOS."""
    return "__MACOSX" not in name and name.rpartition("/")[2] not in ("", ".DS_Store")


def _top_folder(entries: EntryTable) -> str | None:
    """Return the folder that contains all files, at least one of them directly."""
    if (first := next(iter(entries), None)) is None:
        return None
    top, slash, _rest = first.name.partition("/")
    start = top + slash
    holds_files = has_folders = is_root = False
    for entry in entries:
        if not slash or not entry.name.startswith(start):
            return None
        rest = entry.name[len(start) :]
        has_folders = has_folders or "/" in rest
        holds_files = holds_files or "/" not in rest
        is_root = is_root or rest.lower() in _ROOT_FILES
    return top if holds_files and (has_folders or is_root) else None


def looks_like_zip(path: Path) -> bool:
    """Return whether the file begins like a ZIP archive.

    Raises:
        SourceError: The file can't be read.
    """
    with open_file(path) as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
