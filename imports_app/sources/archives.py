"""Archives from strangers: read by handle, never unpacked, within limits.

Everything that an archive says of itself is checked before anything of it is read
(importers.md 7).
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
"""The others unpack without bounds: a few bytes could fill the memory."""
_RATIO_COUNTS_FROM: Final = 10_000_000
"""Bytes unpacked; a small archive that packs well is no bomb."""
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
"""Bytes of memory that all names may take; one rare letter widens a whole name."""
_UNIX: Final = 3

_DAMAGE: Final = (zipfile.BadZipFile, ValueError, IndexError, struct.error)
"""What reading raises at bytes that it does not expect."""


class Archive:
    """A ZIP archive that has passed every check; a context manager."""

    def __init__(self, path: Path, limits: ArchiveLimits) -> None:
        """Open the archive and check it.

        Raises:
            SourceError: It is none, is damaged, encrypted, or over a limit.
        """
        with _readable(path.name):
            self._open_checked(path.open("rb"), limits)

    @classmethod
    def of_file(cls, file: BinaryIO, name: str, limits: ArchiveLimits) -> Self:
        """Check an archive in an open file, which the archive closes.

        Raises:
            SourceError: It is none, is damaged, encrypted, or over a limit.
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
                    "importer-file-empty", "The file is empty: export it again."
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
        """How large all entries together are."""
        return self.entries.total_size

    def root_files(self, names: Collection[str]) -> set[str]:
        """Return which of these names, in lower case, are at the top."""
        lowered = (entry.name.lower() for entry in self.entries)
        return {name for name in lowered if name in names}

    @contextmanager
    def read(self, entry: Entry) -> Iterator[BinaryIO]:
        """Open an entry as a stream, for as long as the block lasts.

        Raises:
            SourceError: The entry is damaged, also found out in the middle of it.
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
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is no archive, for as long as the block lasts.

    Raises:
        SourceError: It can't be read.
    """
    with _readable(path.name), path.open("rb") as stream:
        yield stream


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn whatever goes wrong while reading into a sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise SourceError(
            "importer-file-missing",
            "The uploaded file is gone from the server's storage: upload it again.",
        ) from error
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
        RuntimeError,
    ) as error:
        raise SourceError(
            "importer-zip-damaged",
            f"The archive is damaged at {name!r}: pack it, or export it, again.",
        ) from error
    except OSError as error:
        raise SourceError(
            "importer-file-unreadable",
            f"The uploaded file can't be read: {error.strerror}. Upload it again.",
        ) from error


def _refuse_as_zip(file: BinaryIO) -> None:
    """Say whether the file is a broken archive, or none at all."""
    file.seek(0)
    if file.read(4) in (b"PK\x03\x04", b"PK\x05\x06"):
        raise SourceError(
            "importer-zip-damaged",
            "The archive is cut off or damaged: upload it again, or pack it anew.",
        )
    raise SourceError(
        "importer-not-a-zip",
        "The file is not a ZIP archive: choose the archive that was exported.",
    )


def _check_directory(directory: Directory, limits: ArchiveLimits) -> None:
    """Refuse a directory by what the end record says of it."""
    if directory.count > limits.entries:
        raise _too_many(directory.count, limits)
    if directory.size > _MOST_DIRECTORY_BYTES:
        raise _DIRECTORY_TOO_LARGE


class _Check:
    """Everything that is checked of an archive's entries, one after another."""

    def __init__(self, directory: Directory, limits: ArchiveLimits) -> None:
        self._directory = directory
        self._limits = limits
        self._unpacked = self._packed = self._name_bytes = 0
        # Numbers instead of names: a name in another case would be another string.
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
                    f"{name!r} is a link or a device, not a file: pack the archive"
                    " again without it.",
                )
        key = hash(name)
        if key in self._names:
            raise SourceError(
                "importer-zip-damaged",
                f"The archive has more than one file {name!r}: pack it again.",
            )
        self._names.add(key)
        self._name_bytes += sys.getsizeof(name)
        if self._name_bytes > _MOST_NAME_BYTES:
            raise _DIRECTORY_TOO_LARGE

    def _check_content(self, name: str, record: DirectoryRecord) -> None:
        if record.flags & _ENCRYPTED_FLAG:
            raise SourceError(
                "importer-zip-encrypted",
                f"{name!r} is encrypted: pack the archive without a password.",
            )
        if record.method not in _METHODS:
            raise SourceError(
                "importer-zip-damaged",
                f"{name!r} is packed by a method that the server does not read: pack"
                " the archive again, as an ordinary ZIP.",
            )
        if record.size > self._limits.entry_bytes:
            raise SourceError(
                "importer-zip-too-large",
                f"{name!r} has {record.size} bytes unpacked, and the server takes"
                f" {self._limits.entry_bytes}: split it, or raise"
                " ARCHIVE_MAX_ENTRY_BYTES.",
            )
        self._unpacked += record.size
        self._packed += record.packed

    def finish(self) -> array[int]:
        """Check all entries together; return where each begins, and the end."""
        limits = self._limits
        if self._unpacked > limits.unpacked_bytes:
            raise SourceError(
                "importer-zip-too-large",
                f"The archive has {self._unpacked} bytes unpacked, and the server takes"
                f" {limits.unpacked_bytes}: split it, or raise ARCHIVE_MAX_BYTES.",
            )
        if self._unpacked > _RATIO_COUNTS_FROM and self._unpacked > (
            limits.ratio * max(self._packed, 1)
        ):
            raise SourceError(
                "importer-zip-bomb",
                f"The archive grows more than {limits.ratio} times when it is unpacked,"
                " which no export does: check where it is from.",
            )
        self._refuse_overlaps()
        return array("Q", [*sorted(self._starts), self._directory.start])

    def _refuse_overlaps(self) -> None:
        """Refuse entries that share bytes, so that a few would unpack many times."""
        order = sorted(range(len(self._starts)), key=self._starts.__getitem__)
        free_from = self._directory.shift
        for index in order:
            if self._starts[index] < free_from:
                raise SourceError(
                    "importer-zip-bomb",
                    "Files in the archive share the same bytes, which no export does:"
                    " check where it is from.",
                )
            free_from = self._ends[index]
        if free_from > self._directory.start:
            raise zipfile.BadZipFile


def _too_many(count: int, limits: ArchiveLimits) -> SourceError:
    return SourceError(
        "importer-zip-too-many-entries",
        f"The archive holds {count} files or more, and the server takes"
        f" {limits.entries}: split it, or raise ARCHIVE_MAX_ENTRIES.",
    )


_DIRECTORY_TOO_LARGE: Final = SourceError(
    "importer-zip-too-many-entries",
    "The names of the files in the archive are too long together: split it.",
)


def _name_of(record: DirectoryRecord) -> str:
    """Return an entry's name, read as people meant it.

    Raises:
        SourceError: It points out of the archive, or can't be a name.
    """
    if len(record.name) > _LONGEST_NAME:
        raise SourceError(
            "importer-zip-unsafe-name",
            f"A name in the archive has more than {_LONGEST_NAME} bytes: shorten it.",
        )
    try:
        name = record.name.decode()
    except UnicodeDecodeError:
        if record.flags & _UTF8_FLAG:
            raise
        name = record.name.decode("cp437")  # the old character set indeed
    name = name.replace("\\", "/")
    if (
        name.startswith("/")
        or "\0" in name
        or _DRIVE.match(name)
        or (("../" in name or name.endswith("..")) and ".." in name.split("/"))
    ):
        raise SourceError(
            "importer-zip-unsafe-name",
            f"The archive holds {name!r}, which points out of it: pack it again.",
        )
    return name


def _is_content(name: str) -> bool:
    """Tell whether an entry is more than what a Mac adds, and no folder of Windows."""
    return "__MACOSX" not in name and name.rpartition("/")[2] not in ("", ".DS_Store")


def _top_folder(entries: EntryTable) -> str | None:
    """Return the one folder that holds everything, at least one file directly."""
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
    """Tell whether the file begins as archives do.

    Raises:
        SourceError: It can't be read.
    """
    with opened_file(path) as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
