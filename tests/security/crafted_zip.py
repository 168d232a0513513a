"""Builder of ZIP archives with arbitrary values in all headers."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field


@dataclass
class Part:
    """One entry; `local` and `central` replace fields of its two headers."""

    name: bytes
    content: bytes = b"x"
    method: int = 8
    packed: bytes | None = None
    """The stored bytes, if they are not the packed content."""
    extra: bytes = b""
    local_extra: bytes = b""
    local: dict[str, int] = field(default_factory=dict)
    central: dict[str, int] = field(default_factory=dict)
    local_name: bytes | None = None


def deflated(content: bytes) -> bytes:
    """Return the compressed content."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def crafted(
    *parts: Part,
    before: bytes = b"",
    after: bytes = b"",
    comment: bytes = b"",
    **end: int,
) -> bytes:
    """Return an archive; `end` replaces fields of the end record."""
    data, records = bytearray(before), bytearray()
    for part in parts:
        packed = part.packed
        if packed is None:
            packed = part.content if part.method == 0 else deflated(part.content)
        values = {
            "flags": 0x800,
            "method": part.method,
            "crc": zlib.crc32(part.content),
            "packed": len(packed),
            "size": len(part.content),
            "offset": len(data) - len(before),
            "made_by": 20,
            "attributes": 0,
            "disk": 0,
        }
        name = part.name if part.local_name is None else part.local_name
        local = {**values, **part.local}
        data += struct.pack(
            "<4s5H3L2H",
            *(b"PK\x03\x04", 20, local["flags"], local["method"], 0, 33, local["crc"]),
            *(local["packed"], local["size"], len(name), len(part.local_extra)),
        )
        data += name + part.local_extra + packed
        there = {**values, **part.central}
        records += struct.pack(
            "<4s6H3L5H2L",
            *(b"PK\x01\x02", there["made_by"], 20, there["flags"], there["method"]),
            *(0, 33, there["crc"], there["packed"], there["size"], len(part.name)),
            *(len(part.extra), 0, there["disk"], 0, there["attributes"]),
            there["offset"],
        )
        records += part.name + part.extra
    start = len(data) - len(before)
    number = len(parts)
    return (
        bytes(data + records)
        + end_record(number, len(records), start, comment=comment, **end)
        + after
    )


def end_record(
    number: int, length: int, start: int, *, comment: bytes = b"", **lies: int
) -> bytes:
    """Return an end record."""
    end = {"count": number, "size": length, "offset": start, "disk": 0, **lies}
    count = min(end["count"], 0xFFFF)
    return (
        struct.pack(
            "<4s4H2LH",
            *(b"PK\x05\x06", end["disk"], end["disk"], count, count, end["size"]),
            *(end["offset"], len(comment)),
        )
        + comment
    )


def end_record_64(
    number: int, length: int, start: int, plain: int = 0xFFFFFFFF, short: int = 0xFFFF
) -> bytes:
    """Return the end records of ZIP64; the plain one refers to them."""
    large = struct.pack(
        "<4sQ2H2L4Q",
        *(b"PK\x06\x06", 44, 45, 45, 0, 0, number, number, length, start),
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + length, 1)
    return large + locator + end_record(short, plain, plain)


def large_directory(count: int, declared: int, *, name_length: int = 6) -> bytes:
    """Return an archive whose directory has so many records, all of one entry."""
    entry = crafted(Part(b"a" * name_length))
    start = entry.index(b"PK\x01\x02")
    records = entry[start : start + 46 + name_length] * count
    return entry[:start] + records + end_record(declared, len(records), start)
