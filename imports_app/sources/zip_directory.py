"""Central directory of a ZIP archive, read as a stream within limits.

`zipfile` creates an object of about 500 bytes for each record before their number can
be checked, and ignores the totals in the end record. This module checks the end record
first, and keeps only a few numbers per record until the entry is read.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple
from zipfile import BadZipFile

LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")
_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR_64: Final = struct.Struct("<4sLQL")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_RECORD: Final = struct.Struct("<4s6H3L5H2L")
_EXTRA: Final = struct.Struct("<2H")
_LONGEST_COMMENT: Final = 65_535
_SHORT_MAX: Final = 0xFFFF
_LONG_MAX: Final = 0xFFFFFFFF
"""Placeholder for numbers that are stored in the ZIP64 field."""
_ZIP64: Final = 1
"""Type of the ZIP64 extra field."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Location of the central directory, according to the end record."""

    start: int
    """Offset in the file, in bytes."""
    size: int
    """Bytes."""
    count: int
    """Records."""
    is_zip64: bool
    shift: int
    """Bytes before the archive in the file; not included in the offsets of entries."""

    def declares(self, count: int) -> bool:
        """Return whether the end record matches the number of records found.

        Without ZIP64, writers truncate larger numbers to 16 bits.
        """
        return self.count == (count if self.is_zip64 else count & _SHORT_MAX)


class DirectoryRecord(NamedTuple):
    """Record of the central directory."""

    place: int
    """Offset of the record in the file."""
    made_by: int
    flags: int
    method: int
    digest: int
    """CRC-32 of the unpacked bytes."""
    packed: int
    size: int
    """Unpacked bytes."""
    name: bytes
    attributes: int
    offset: int
    """Offset of the local header in the file."""


def find_directory(file: BinaryIO) -> Directory:
    """Find and check the end record.

    Raises:
        BadZipFile: There is no end record, or it is inconsistent.
    """
    length = file.seek(0, 2)
    tail_start = max(0, length - _END.size - _LONGEST_COMMENT)
    file.seek(tail_start)
    tail = file.read(_END.size + _LONGEST_COMMENT)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise BadZipFile
    _, *disks, here, count, size, offset, _comment = _END.unpack_from(tail, found)
    end = tail_start + found
    is_zip64 = False
    if (large := _read_zip64(file, end)) is not None:
        is_zip64 = True
        end, large_here, *values = large
        plain = zip((count, size, offset), values, strict=True)
        if any(here not in (_SHORT_MAX, _LONG_MAX, real) for here, real in plain):
            raise BadZipFile
        here, (count, size, offset) = large_here, values
    start = end - size
    if any(disks) or here != count or start < 0 or start < offset:
        raise BadZipFile
    return Directory(start, size, count, is_zip64, start - offset)


def _read_zip64(file: BinaryIO, end: int) -> tuple[int, ...] | None:
    """Return the ZIP64 end record: its offset, both counts, size and start."""
    place = end - _LOCATOR_64.size - _END_64.size
    if place < 0:
        return None
    file.seek(place)
    both = file.read(_LOCATOR_64.size + _END_64.size)
    if not both.startswith(b"PK\x06\x07", _END_64.size):
        return None
    mark, _size, _by, _needed, *disks, here, count, size, offset = _END_64.unpack_from(
        both
    )
    if mark != b"PK\x06\x06" or any(disks):
        raise BadZipFile
    return place, here, count, size, offset


def read_records(file: BinaryIO, directory: Directory) -> Iterator[DirectoryRecord]:
    """Yield the records one at a time.

    Raises:
        BadZipFile: The directory is damaged, or does not match the end record.
    """
    file.seek(directory.start)
    place, end = directory.start, directory.start + directory.size
    count = 0
    while place < end:
        head = file.read(_RECORD.size)
        more = _length_after(head)
        record = _parse(place, head, file.read(more), directory.shift)
        place += _RECORD.size + more
        count += 1
        yield record
    if place != end or not directory.declares(count):
        raise BadZipFile


def _length_after(head: bytes) -> int:
    """Return how many bytes of a record follow its fixed part."""
    if len(head) != _RECORD.size or not head.startswith(b"PK\x01\x02"):
        raise BadZipFile
    name, extra, comment = struct.unpack_from("<3H", head, 28)
    return int(name + extra + comment)


def record_at(handle: int, place: int, shift: int) -> DirectoryRecord:
    """Read the record at an offset in a file.

    Raises:
        BadZipFile: There is no record.
    """
    head = os.pread(handle, _RECORD.size, place)
    rest = os.pread(handle, _length_after(head), place + _RECORD.size)
    return _parse(place, head, rest, shift)


def _parse(place: int, head: bytes, rest: bytes, shift: int) -> DirectoryRecord:
    """Parse a record.

    Args:
        place: Its offset in the file.
        head: Its fixed part.
        rest: Its name, extra fields and comment.
        shift: Bytes before the archive in the file.

    Raises:
        BadZipFile: The record is damaged.
    """
    if len(rest) < _length_after(head):
        raise BadZipFile
    _mark, made_by, _needed, flags, method, _time, _date, *more = _RECORD.unpack(head)
    digest, packed, size, name_length, extra_length, _comment, *more = more
    disk, _internal, attributes, offset = more
    name = rest[:name_length]
    if _LONG_MAX in (packed, size, offset):
        extra = rest[name_length : name_length + extra_length]
        size, packed, offset = _large_numbers(extra, size, packed, offset)
    if disk not in (0, _SHORT_MAX):
        raise BadZipFile
    return DirectoryRecord(
        *(place, made_by, flags, method, digest, packed, size),
        *(name, attributes, offset + shift),
    )


def _large_numbers(extra: bytes, *numbers: int) -> Iterator[int]:
    """Yield the numbers, with placeholders replaced from the ZIP64 field."""
    field = _zip64_field(extra)
    for number in numbers:
        if number != _LONG_MAX:
            yield number
        elif len(field) < 8:
            raise BadZipFile
        else:
            yield int.from_bytes(field[:8], "little")
            field = field[8:]


def _zip64_field(extra: bytes) -> bytes:
    while len(extra) >= _EXTRA.size:
        kind, length = _EXTRA.unpack_from(extra)
        if kind == _ZIP64:
            return extra[_EXTRA.size : _EXTRA.size + length]
        extra = extra[_EXTRA.size + length :]
    return b""
