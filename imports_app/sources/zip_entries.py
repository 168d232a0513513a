"""Content of a ZIP entry, as a stream with size and checksum checks."""

from __future__ import annotations

import io
import os
import zlib
from typing import Any, Final
from zipfile import ZIP_DEFLATED, BadZipFile

from imports_app.sources.zip_directory import LOCAL_HEADER, DirectoryRecord

_CHUNK: Final = 64 * 1024


def entry_stream(handle: int, record: DirectoryRecord, end: int) -> io.BufferedReader:
    """Open an entry's unpacked bytes; several entries can be read concurrently.

    Args:
        handle: The archive's file.
        record: The entry's directory record.
        end: Offset of the next entry, or of the directory.

    Raises:
        BadZipFile: The local header does not match the record, or the entry overlaps
            the next one.
    """
    header = os.pread(handle, LOCAL_HEADER.size, record.offset)
    if len(header) != LOCAL_HEADER.size:
        raise BadZipFile
    mark, _needed, flags, method, *_others, name_length, extra_length = (
        LOCAL_HEADER.unpack(header)
    )
    name = os.pread(handle, name_length, record.offset + LOCAL_HEADER.size)
    start = record.offset + LOCAL_HEADER.size + name_length + extra_length
    is_same = method == record.method and name == record.name and not flags & 1
    if mark != b"PK\x03\x04" or not is_same or start + record.packed > end:
        raise BadZipFile
    return io.BufferedReader(_Unpacked(handle, record, start), _CHUNK)


class _Unpacked(io.RawIOBase):
    """Stream that unpacks on demand, and checks size and CRC-32 at the end."""

    def __init__(self, handle: int, record: DirectoryRecord, start: int) -> None:
        self._handle = handle
        self._record = record
        self._place = start
        self._end = start + record.packed
        self._size = self._digest = 0
        self._pending = b""
        self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._next(len(buffer))
        self._size += len(content)
        self._digest = zlib.crc32(content, self._digest)
        record = self._record
        if self._size > record.size or (
            not content and (self._size, self._digest) != (record.size, record.digest)
        ):
            raise BadZipFile
        buffer[: len(content)] = content
        return len(content)

    def _next(self, most: int) -> bytes:
        if self._record.method != ZIP_DEFLATED:
            return self._packed(most)
        while not self._unpacker.eof:
            packed = self._pending or self._packed(_CHUNK)
            content = self._unpacker.decompress(packed, most)
            self._pending = self._unpacker.unconsumed_tail
            if content:
                return content
            if not packed:
                raise BadZipFile  # incomplete
        if self._unpacker.unused_data or self._place < self._end:
            raise BadZipFile  # larger than its record says
        return b""

    def _packed(self, most: int) -> bytes:
        """Return the next packed bytes."""
        wanted = min(most, self._end - self._place)
        packed = os.pread(self._handle, wanted, self._place)
        if len(packed) < wanted:
            raise BadZipFile
        self._place += wanted
        return packed
