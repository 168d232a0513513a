"""The central directory of a ZIP archive, read as a stream and within bounds.

`zipfile` builds an object of about 500 bytes for each record before anybody can look at
their number, and ignores what the end record says. Here the end record is checked
first, and a record is a few numbers until somebody reads the entry.
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
"""Stands for a number that only the ZIP64 field has room for."""
_ZIP64: Final = 1
"""The type of the extra field with the large numbers."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the central directory is, as the end record says."""

    start: int
    """Bytes from the beginning of the file."""
    size: int
    """Bytes."""
    count: int
    """Records."""
    is_zip64: bool
    shift: int
    """Bytes before the archive in the file; the offsets of entries ignore them."""

    def declares(self, count: int) -> bool:
        """Tell whether the end record agrees with the number of records found.

        Without ZIP64, writers cut larger numbers to 16 bits.
        """
        return self.count == (count if self.is_zip64 else count & _SHORT_MAX)


class DirectoryRecord(NamedTuple):
    """A record of the central directory."""

    place: int
    """Where the record is in the file."""
    made_by: int
    flags: int
    method: int
    digest: int
    """CRC-32 of the unpacked bytes."""
    packed: int
    size: int
    """Bytes, unpacked."""
    name: bytes
    attributes: int
    offset: int
    """Where the local header is in the file."""


def find_directory(file: BinaryIO) -> Directory:
    """Return what the end record says, if that can be true.

    Raises:
        BadZipFile: There is no end record, or it contradicts itself or the file.
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
    """Return the end record of ZIP64: its place, both counts, size and offset."""
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
    """Yield the records, without holding more than one.

    Raises:
        BadZipFile: The directory is damaged, or has another size or number of records
            than the end record says.
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
    """Return the record at a place in a file.

    Raises:
        BadZipFile: There is none.
    """
    head = os.pread(handle, _RECORD.size, place)
    rest = os.pread(handle, _length_after(head), place + _RECORD.size)
    return _parse(place, head, rest, shift)


def _parse(place: int, head: bytes, rest: bytes, shift: int) -> DirectoryRecord:
    """Return a record.

    Args:
        place: Where it is in the file.
        head: Its fixed part.
        rest: Its name, extra fields and comment.
        shift: Bytes before the archive in the file.

    Raises:
        BadZipFile: It is damaged.
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
    """Yield numbers, those without room in the record from the ZIP64 field."""
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
