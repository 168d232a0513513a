"""ZIP archives of limited size, which the receiving server reads into memory."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_CHUNK: Final = 1024 * 1024
_MODE: Final = 0o100600 << 16
_RESERVED: Final = frozenset('/\\:*?"<>|')
_LONGEST: Final = 180
"""Maximum bytes of a file's name."""


def safe_name(name: str) -> str:
    """Return a file name that is safe on every operating system."""
    kept = "".join(
        "_" if char in _RESERVED or unicodedata.category(char).startswith("C") else char
        for char in name
    ).strip(" .")
    encoded = kept.encode("utf-8", "ignore")
    if len(encoded) > _LONGEST:
        stem, dot, suffix = kept.rpartition(".")
        ending = f"{dot}{suffix}".encode("utf-8", "ignore")
        if not stem or len(ending) > _LONGEST // 4:
            ending = b""
        encoded = encoded[: _LONGEST - len(ending)] + ending
    return encoded.decode("utf-8", "ignore").strip(" .") or "file"


@dataclass(frozen=True, slots=True)
class Limits:
    """Size after which a new archive begins."""

    messages: int = 20_000
    size: int = 10_000_000
    """Bytes. An archive may exceed it by one file of messages."""


@dataclass(frozen=True, slots=True)
class Part:
    """A finished archive."""

    name: str
    messages: int
    size: int
    """Bytes."""
    digest: str
    """SHA-256, in hex."""


class PartWriter:
    """Writer of one archive. The same content always gives the same bytes.

    Args:
        path: The archive, a new file.
        watch: Called after each piece.
    """

    def __init__(self, path: Path, watch: Callable[[], None] = lambda: None) -> None:
        self.path = path
        self._watch = watch
        self._zip = ZipFile(self.path, "x", ZIP_DEFLATED)
        self.messages = 0

    def write(
        self,
        name: str,
        content: Iterable[bytes],
        *,
        messages: int = 0,
        is_large: bool = False,
    ) -> None:
        """Add a file.

        Args:
            name: Name in the archive.
            content: Its bytes, in pieces.
            messages: Number of messages in it.
            is_large: Whether it may have more than 2 GiB.
        """
        info = ZipInfo(name)
        info.compress_type, info.external_attr = ZIP_DEFLATED, _MODE
        with self._zip.open(info, "w", force_zip64=is_large) as file:
            for piece in content:
                file.write(piece)
                self._watch()
        self.messages += messages

    def is_full(self, limits: Limits, more: int = 0) -> bool:
        """Return whether the next file belongs in another archive.

        Args:
            limits: Maximum size.
            more: Number of messages that are not written yet.
        """
        is_long = self.messages + more >= limits.messages
        return is_long or self._size() >= limits.size

    def _size(self) -> int:
        return self._zip.start_dir  # where the next file begins

    def close(self) -> Part:
        """Finish the archive."""
        self._zip.close()
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while piece := file.read(_CHUNK):
                digest.update(piece)
        return Part(
            self.path.name, self.messages, self.path.stat().st_size, digest.hexdigest()
        )
