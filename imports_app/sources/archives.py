"""Archives from strangers: read by handle, never unpacked, within limits.

Everything that an archive says of itself is checked before anything of it is read
(importers.md 7).
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self, cast

from imports_app.errors import SourceError
from imports_app.importers.base import Limits

_ENCRYPTED_FLAG: Final = 0x1
_UTF8_FLAG: Final = 0x800
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others unpack without bounds: a few bytes could fill the memory."""
_RATIO_COUNTS_FROM: Final = 10_000_000
"""Bytes unpacked; a small archive that packs well is no bomb."""
_ROOT_FILES: Final = frozenset(
    {"users.csv", "channels.csv", "users.json", "org_users.json", "channels.json"}
)
_DRIVE: Final = re.compile(r"[A-Za-z]:")


_DAMAGE: Final = (zipfile.BadZipFile, ValueError, IndexError, struct.error)
"""What the library raises at bytes that it does not expect."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive."""

    name: str
    """With `/` between its parts, and without the one folder that holds everything."""
    size: int
    """Bytes, unpacked."""
    info: zipfile.ZipInfo


class Archive:
    """A ZIP archive that has passed every check; a context manager."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Open the archive and check it.

        Raises:
            SourceError: It is none, is damaged, encrypted, or over a limit.
        """
        with _readable(path.name):
            if path.stat().st_size == 0:
                raise SourceError(
                    "importer-file-empty", "The file is empty: export it again."
                )
            try:
                self._zip = zipfile.ZipFile(path)
            except _DAMAGE:
                _refuse_as_zip(path)
        infos = [i for i in self._zip.infolist() if i.filename and not i.is_dir()]
        try:
            _check(infos, limits)
            self.entries = [
                Entry(name, info.file_size, info)
                for info in infos
                if _is_content(name := _name_of(info))
            ]
        except SourceError:
            self._zip.close()
            raise
        self.top_folder = _top_folder(self.entries)
        if self.top_folder is not None:
            cut = len(self.top_folder) + 1
            self.entries = [
                Entry(entry.name[cut:], entry.size, entry.info)
                for entry in self.entries
            ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._zip.close()

    @property
    def unpacked_bytes(self) -> int:
        """How large all entries together are."""
        return sum(entry.size for entry in self.entries)

    @contextmanager
    def read(self, entry: Entry) -> Iterator[BinaryIO]:
        """Open an entry as a stream, for as long as the block lasts.

        Raises:
            SourceError: The entry is damaged, also found out in the middle of it.
        """
        with _readable(entry.name), self._open(entry) as stream:
            yield stream

    def _open(self, entry: Entry) -> BinaryIO:
        try:
            return cast("BinaryIO", self._zip.open(entry.info))
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


def _refuse_as_zip(path: Path) -> None:
    """Say whether the file is a broken archive, or none at all."""
    with path.open("rb") as file:
        if file.read(4) in (b"PK\x03\x04", b"PK\x05\x06"):
            raise SourceError(
                "importer-zip-damaged",
                "The archive is cut off or damaged: upload it again, or pack it anew.",
            )
    raise SourceError(
        "importer-not-a-zip",
        "The file is not a ZIP archive: choose the archive that was exported.",
    )


def _check(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(infos) > limits.entries:
        raise SourceError(
            "importer-zip-too-many-entries",
            f"The archive holds {len(infos)} files, and the server takes"
            f" {limits.entries}: split it, or raise ARCHIVE_MAX_ENTRIES.",
        )
    unpacked = packed = 0
    for info in infos:
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise SourceError(
                "importer-zip-encrypted",
                f"{info.filename!r} is encrypted: pack the archive without a password.",
            )
        if info.compress_type not in _METHODS:
            raise SourceError(
                "importer-zip-damaged",
                f"{info.filename!r} is packed by a method that the server does not"
                " read: pack the archive again, as an ordinary ZIP.",
            )
        if info.file_size > limits.entry_bytes:
            raise SourceError(
                "importer-zip-too-large",
                f"{info.filename!r} has {info.file_size} bytes unpacked, and the server"
                f" takes {limits.entry_bytes}: split it, or raise"
                " ARCHIVE_MAX_ENTRY_BYTES.",
            )
        unpacked += info.file_size
        packed += info.compress_size
    if unpacked > limits.unpacked_bytes:
        raise SourceError(
            "importer-zip-too-large",
            f"The archive has {unpacked} bytes unpacked, and the server takes"
            f" {limits.unpacked_bytes}: split it, or raise ARCHIVE_MAX_BYTES.",
        )
    if unpacked > _RATIO_COUNTS_FROM and unpacked > limits.ratio * max(packed, 1):
        raise SourceError(
            "importer-zip-bomb",
            f"The archive grows more than {limits.ratio} times when it is unpacked,"
            " which no export does: check where it is from.",
        )


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return an entry's name, read as people meant it.

    Raises:
        SourceError: It points out of the archive.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        # ASCII is the same either way, and a name that is not made anew is no memory.
        with suppress(UnicodeError):  # or it is the old character set indeed
            if not name.isascii():
                name = name.encode("cp437").decode()
    name = name.partition("\0")[0].replace("\\", "/")
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        raise SourceError(
            "importer-zip-unsafe-name",
            f"The archive holds {name!r}, which points out of it: pack it again.",
        )
    return name


def _is_content(name: str) -> bool:
    """Tell whether an entry is more than what a Mac adds, and no folder of Windows."""
    return "__MACOSX" not in name and name.rpartition("/")[2] not in ("", ".DS_Store")


def _top_folder(entries: list[Entry]) -> str | None:
    """Return the one folder that holds everything, at least one file directly."""
    tops = {entry.name.partition("/")[0] for entry in entries}
    holds_files = any(entry.name.count("/") == 1 for entry in entries)
    is_one = len(tops) == 1 and all("/" in entry.name for entry in entries)
    has_folders = any(entry.name.count("/") > 1 for entry in entries)
    is_root = _ROOT_FILES & {entry.name.partition("/")[2].lower() for entry in entries}
    return tops.pop() if is_one and holds_files and (has_folders or is_root) else None


def looks_like_zip(path: Path) -> bool:
    """Tell whether the file begins as archives do.

    Raises:
        SourceError: It can't be read.
    """
    with opened_file(path) as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
