"""Hostile import files, named by their attack and created on demand."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.security.crafted_zip import (
    Part,
    crafted,
    deflated,
    end_record_64,
    large_directory,
)

UNSAFE = "importer-zip-unsafe-name"
DAMAGED = "importer-zip-damaged"
BOMB = "importer-zip-bomb"
TOO_MANY = "importer-zip-too-many-entries"
TOO_LARGE = "importer-zip-too-large"
USERS = b"ann,ann@example.org,Ann\n"
MESSAGE = {"type": "message", "user": "U1", "text": "hello", "ts": "1600000000.000100"}
UNIX = 3 << 8


@dataclass(frozen=True)
class Hostile:
    """A hostile file."""

    name: str
    code: str
    """The code that the import fails with; empty if its records fail or are read."""
    make: Callable[[], bytes]
    importer: str = "csv"


def csv(*parts: Part, **end: Any) -> bytes:
    """Return a CSV archive with one honest file before the parts."""
    return crafted(Part(b"users.csv", USERS), *parts, **end)


def named(name: str, written: bytes, code: str = UNSAFE, **part: object) -> Hostile:
    """Return an archive with an entry of this name."""
    made = Part(written, **part)  # type: ignore[arg-type] # fields of a part
    return Hostile(name, code, lambda: csv(made))


def lie(name: str, code: str = DAMAGED, **part: object) -> Hostile:
    """Return an archive with an entry whose headers are inconsistent."""
    return named(name, b"general/1.csv", code, content=b"x" * 200, **part)


def slack(users: bytes = b"[]", day: bytes = b"[]") -> bytes:
    """Return a Slack archive."""
    channels = b'[{"id": "C1", "name": "general", "members": ["U1"]}]'
    return crafted(
        Part(b"users.json", users),
        Part(b"channels.json", channels),
        Part(b"general/2020-01-01.json", day),
    )


def json_day(name: str, day: bytes | Callable[[], bytes]) -> Hostile:
    """Return a Slack archive with this day; the rest of it is honest."""
    made = day if callable(day) else lambda: day
    return Hostile(name, "", lambda: slack(day=made()), "slack")


def json_users(name: str, users: bytes | Callable[[], bytes]) -> Hostile:
    """Return a Slack archive with these users; the rest of it is honest."""
    made = users if callable(users) else lambda: users
    return Hostile(name, "", lambda: slack(users=made()), "slack")


def rows(name: str, content: bytes | Callable[[], bytes], file: bytes) -> Hostile:
    """Return a CSV archive with this file."""
    made = content if callable(content) else lambda: content
    return Hostile(name, "", lambda: csv(Part(file, made())))


def same_bytes_many_times() -> bytes:
    """Return an archive with one packed entry that a thousand records name."""
    content = bytes(10_000_000)
    parts = [Part(b"0.csv", content)]
    local = {"offset": 0, "packed": len(deflated(content)), "size": len(content)}
    digest = zlib.crc32(content)
    parts += [
        Part(f"{number}.csv".encode(), central={**local, "crc": digest})
        for number in range(1, 1000)
    ]
    return crafted(*parts)


def quoted_headers() -> bytes:
    """Return an archive whose entries contain the headers of the following ones."""
    kernel = deflated(bytes(1_000_000))
    digest = zlib.crc32(bytes(1_000_000))
    count, body = 200, kernel
    records: list[tuple[bytes, int, int, int]] = []
    for number in reversed(range(count)):
        name = f"{number:04}.csv".encode()
        header = struct.pack(
            "<4s5H3L2H",
            *(b"PK\x03\x04", 20, 0, 8, 0, 33, digest, len(body), 1_000_000),
            *(len(name), 0),
        )
        records.append((name, len(body), len(header) + len(name) + len(body), number))
        quote = header + name
        block = struct.pack("<BHH", 0, len(quote), len(quote) ^ 0xFFFF)
        body = block + quote + body
    total = len(body) - 5
    directory = b""
    for name, packed, length, _number in reversed(records):
        directory += struct.pack(
            "<4s6H3L5H2L",
            *(b"PK\x01\x02", 20, 20, 0, 8, 0, 33, digest, packed, 1_000_000),
            *(len(name), 0, 0, 0, 0, 0, total - length),
        )
        directory += name
    content = body[5:]
    return (
        content
        + directory
        + struct.pack(
            "<4s4H2LH",
            *(b"PK\x05\x06", 0, 0, count, count, len(directory), len(content), 0),
        )
    )


def headers_in_an_extra_field() -> bytes:
    """Return an archive whose second entry lies in the first one's extra field."""
    inner = Part(b"b.csv", b"b" * 30, method=0)
    alone = crafted(inner)
    header = alone[: alone.index(b"PK\x01\x02")]
    extra = struct.pack("<2H", 0xCAFE, len(header)) + header
    outer = Part(b"a.csv", b"a" * 30, method=0, local_extra=extra)
    record = Part(
        b"b.csv", b"b" * 30, method=0, packed=b"", central={"offset": 39, "packed": 30}
    )
    return crafted(outer, record)


def zip64(*, count: int = 1, length: int = 0, start: int = 0, **plain: int) -> bytes:
    """Return an archive whose ZIP64 end record is off by these numbers."""
    whole = csv()
    begin, end = whole.index(b"PK\x01\x02"), whole.rindex(b"PK\x05\x06")
    large = end_record_64(count, end - begin + length, begin + start, **plain)
    return whole[:end] + large


def nested() -> bytes:
    """Return an archive in an archive in an archive."""
    inner = csv()
    for _level in range(5):
        inner = csv(Part(b"general/inner.zip", inner, method=0))
    return inner


def cut(content: bytes, size: int) -> bytes:
    """Return all but the last bytes."""
    return content[:-size]


def with_zip_library(method: int) -> bytes:
    """Return an archive packed by another method."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("users.csv", USERS)
    return file.getvalue()


def day_of(**fields: object) -> bytes:
    """Return a day with one message."""
    return json.dumps([{**MESSAGE, **fields}]).encode()


def raw_text(text: bytes) -> bytes:
    """Return a day whose message has this text, as it is."""
    return b'[{"type":"message","user":"U1","ts":"1600000000","text":"' + text + b'"}]'


SYMLINK = {"made_by": UNIX, "attributes": 0o120777 << 16}
DEVICE = {"made_by": UNIX, "attributes": 0o060666 << 16}
MISSING = {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF, "offset": 0xFFFFFFFF}

DIRECTORIES = [
    Hostile("2,000,001 declared files", TOO_MANY, lambda: zip64(count=2_000_001)),
    Hostile(
        "1,000,000 records declared as 65,535",
        DAMAGED,
        lambda: large_directory(1_000_000, 65_535),
    ),
    Hostile(
        "100,000 records declared as 1", DAMAGED, lambda: large_directory(10**5, 1)
    ),
    Hostile(
        "400,000 records declared as 6,784",
        DAMAGED,
        lambda: large_directory(400_000, 400_000 & 0xFFFF),
    ),
    Hostile(
        "directory of 70 MB of names",
        TOO_MANY,
        lambda: large_directory(70_000, 4464, name_length=1000),
    ),
    Hostile("fewer records than declared", DAMAGED, lambda: csv(count=7)),
    Hostile(
        "more records than declared", DAMAGED, lambda: csv(Part(b"b.csv"), count=1)
    ),
    Hostile("no record declared", DAMAGED, lambda: csv(count=0)),
    Hostile("directory larger than the file", DAMAGED, lambda: csv(size=10**9)),
    Hostile("directory cut short", DAMAGED, lambda: csv(size=50)),
    Hostile("directory behind the end", DAMAGED, lambda: csv(offset=10**6)),
    Hostile("directory begins in an entry", DAMAGED, lambda: csv(offset=1)),
    Hostile("directory on another disk", DAMAGED, lambda: csv(disk=3)),
    Hostile("end record without archive", "importer-nothing-found", crafted),
    Hostile("ZIP64 declares 2**63 files", TOO_MANY, lambda: zip64(count=2**63)),
    Hostile("ZIP64 declares too few files", DAMAGED, lambda: zip64(count=0)),
    Hostile("ZIP64 directory of 2**62 bytes", DAMAGED, lambda: zip64(length=2**62)),
    Hostile("ZIP64 directory at 2**62", DAMAGED, lambda: zip64(start=2**62)),
    Hostile("ZIP64 contradicts plain count", DAMAGED, lambda: zip64(short=9)),
    Hostile("ZIP64 contradicts plain size", DAMAGED, lambda: zip64(plain=9)),
    lie("ZIP64 numbers without their field", central=MISSING),
    lie("ZIP64 field too short", central=MISSING, extra=b"\x01\0\x04\0abcd"),
    lie(
        "ZIP64 sizes of 2**60",
        TOO_LARGE,
        central=MISSING,
        extra=struct.pack("<2H3Q", 1, 24, 2**60, 2**60, 0),
    ),
    Hostile("cut off in the end record", DAMAGED, lambda: cut(csv(), 10)),
    Hostile("cut off in the directory", DAMAGED, lambda: cut(csv(), 40)),
    Hostile("cut off in an entry", DAMAGED, lambda: csv()[:50]),
    Hostile(
        "junk before the archive", "", lambda: csv(before=b"PK\x03\x04" + b"j" * 99)
    ),
    Hostile("junk after the archive", "", lambda: csv(after=b"junk" * 99)),
    Hostile("comment of 65,535 bytes", "", lambda: csv(comment=b"c" * 65_535)),
    Hostile(
        "comment with another end record",
        DAMAGED,
        lambda: csv(comment=crafted(count=9, size=10**9)),
    ),
    Hostile("only the signature", DAMAGED, lambda: b"PK\x03\x04"),
    Hostile("zeros instead of an archive", "importer-not-a-zip", lambda: bytes(10**6)),
]

NAMES = [
    named("name that climbs", b"../../evil.csv"),
    named("name that climbs in the middle", b"general/../../evil.csv"),
    named("name that climbs at its end", b"general/.."),
    named("name that climbs by backslashes", b"..\\..\\evil.csv"),
    named("absolute name", b"/etc/cron.d/evil"),
    named("absolute name by backslash", b"\\windows\\evil.csv"),
    named("name with a drive", b"C:/evil.csv"),
    named("name of a network share", b"//server/share/evil.csv"),
    named("name with NUL", b"general/1.csv\0.exe"),
    named("name of 60,000 bytes", b"a" * 60_000),
    named("name that is no UTF-8", b"general/\xff\xfe.csv", DAMAGED),
    named("name with a lone surrogate", b"general/\xed\xa0\x80.csv", DAMAGED),
    named("same name twice", b"users.csv", DAMAGED),
    named("symbolic link", b"general/1.csv", central=SYMLINK),
    named("device file", b"general/1.csv", central=DEVICE),
    named("empty name", b"", ""),
    named("name of 500 folders", b"a/" * 500 + b"1.csv", ""),
    named("name in another case", b"USERS.CSV", ""),
    named("name with line breaks and a bell", b"general/1\r\n\x07.csv", ""),
    named("name that is a device of Windows", b"general/CON.csv", ""),
]

ENTRIES = [
    lie("encrypted", "importer-zip-encrypted", central={"flags": 0x801}),
    lie("encrypted by its local header only", local={"flags": 0x801}),
    lie("strong encryption", "importer-zip-encrypted", central={"flags": 0x841}),
    lie("unknown method", central={"method": 97}),
    lie("method differs in the local header", local={"method": 0}),
    Hostile("packed by bzip2", DAMAGED, lambda: with_zip_library(zipfile.ZIP_BZIP2)),
    Hostile("packed by LZMA", DAMAGED, lambda: with_zip_library(zipfile.ZIP_LZMA)),
    lie("wrong digest", central={"crc": 1}),
    lie("unpacks to more than declared", central={"size": 10}),
    lie("unpacks to less than declared", central={"size": 10_000}),
    lie("declares 4 GB", TOO_LARGE, central={"size": 0xFFFFFFF0}),
    lie("packed size beyond the file", central={"packed": 10**9}),
    lie("packed size cuts it off", central={"packed": 3}),
    lie("begins beyond the file", central={"offset": 10**9}),
    lie("begins in the directory", central={"offset": 100}),
    lie("begins in another entry", BOMB, central={"offset": 5}),
    lie("another name in the local header", local_name=b"general/2.csv"),
    lie("not deflated at all", packed=b"\xff" * 50),
    lie("more follows the packed bytes", packed=deflated(b"x" * 200) + b"hidden"),
    lie("on another disk", central={"disk": 4}),
    Hostile("bomb of 30 MB", BOMB, lambda: csv(Part(b"a.csv", bytes(30_000_000)))),
    Hostile("10 GB from the same bytes", BOMB, same_bytes_many_times),
    Hostile("headers quoted in entries", BOMB, quoted_headers),
    Hostile("headers in an extra field", BOMB, headers_in_an_extra_field),
    Hostile("archives nested five times", "", nested),
]

JSON = [
    json_day("arrays nested 100,000 times", b"[" * 100_000),
    json_day("objects nested 100,000 times", b'[{"a":' + b'{"a":' * 100_000),
    json_day("objects nested 900 times", b'[{"a":' * 450 + b"1" + b"}]" * 450),
    json_day(
        "blocks nested 900 times",
        lambda: day_of(blocks=[1]).replace(
            b"[1]", b'[{"type":"rich_text","elements":' * 450 + b"[]" + b"}]" * 450
        ),
    ),
    json_day(
        "attachments nested 900 times",
        lambda: day_of(attachments=[1]).replace(
            b"[1]", b'[{"attachments":' * 450 + b"[]" + b"}]" * 450
        ),
    ),
    json_day("string of 5 MB", lambda: raw_text(b"a " * 2_500_000)),
    json_day("string of 3 MB of emoji", lambda: raw_text("🎉é".encode() * 500_000)),
    json_day("number of 5,000,000 digits", lambda: b"[" + b"9" * 5_000_000 + b"]"),
    json_day("number of 10,000 digits", b"[" + b"9" * 10_000 + b"]"),
    json_day("numbers without end", day_of(ts=1).replace(b'"ts": 1', b'"ts": 1e999')),
    json_day("NaN and infinities", b"[NaN, Infinity, -Infinity]"),
    json_day("NaN as time", day_of(ts=1).replace(b'"ts": 1', b'"ts": NaN')),
    json_day("time of the year 10^300", day_of(ts="1" + "0" * 300)),
    json_day("time before the beginning", day_of(ts="-99999999999999.0")),
    json_day("time in words", day_of(ts="nan")),
    json_day("lone surrogates", raw_text(rb"\ud800 \udfff")),
    json_day("surrogate as user", day_of(user="\ud800")),
    json_day("NUL in text and user", day_of(text="a\0b", user="U\0001")),
    json_day("invalid UTF-8", raw_text(b"\xff\xfe\xc0\x80")),
    json_day("UTF-16", day_of().decode().encode("utf-16")),
    json_day("two byte order marks", b"\xef\xbb\xbf" * 2 + day_of()),
    json_day("object instead of a list", b'{"a": 1}'),
    json_day("only a string", b'"hello"'),
    json_day("nothing at all", b""),
    json_day("blanks only", lambda: b" " * 3_000_000),
    json_day("60,000 bytes of empty objects", lambda: b"[" + b"{}," * 20_000 + b"{}]"),
    json_day("1 MB in one element", lambda: b"[[" + b'{"":{}},' * 120_000 + b"{}]]"),
    json_day("one element of 3,000,000 lists", lambda: b"[[" + b"[]," * 3_000_000),
    json_day("keys that are all the same", b"[{" + b'"a":1,' * 9999 + b'"a":2}]'),
    json_day("types that do not fit", day_of(user=[], text={}, files="x", reactions=7)),
    json_day("lists of lists as texts", day_of(text=[[[["x"]]]], subtype={}, blocks=5)),
    json_day("rest missing after an element", day_of()[:-1] + b', {"type": "mess'),
    json_users("user without id", b'[{"name": "ann"}]'),
    json_users("user who is a number", b"[5, null, true]"),
    json_users("user with id of 1 MB", lambda: b'[{"id": "%s"}]' % (b"U" * 10**6)),
    json_users("profile that is a list", b'[{"id": "U1", "profile": [1]}]'),
    json_users("users nested deeply", b'[{"id": ' + b"[" * 5000),
]

CSV = [
    rows("cell of 3 MB", lambda: b"a" * 3_000_000, b"general/1.csv"),
    rows("row of 500,000 cells", lambda: b"a," * 500_000, b"general/1.csv"),
    rows("quote that never closes", lambda: b'"a\n' + b"b\n" * 20_000, b"channels.csv"),
    rows("a quote on every line", lambda: b'"a\n' * 20_000, b"channels.csv"),
    rows("500,000 quotes in a row", lambda: b'"' * 500_000, b"channels.csv"),
    rows("a quote after every comma", lambda: b',"' * 400_000, b"channels.csv"),
    rows("blanks before a quote", lambda: b" " * 900_000 + b'"x', b"channels.csv"),
    rows("2,000,000 empty lines", lambda: b"\n" * 2_000_000, b"general/1.csv"),
    rows("NUL bytes", b"a\0b,\0,c\0\n" * 100, b"general/1.csv"),
    rows("only NUL bytes", lambda: bytes(2_000_000), b"general/1.csv"),
    rows("invalid UTF-8", b"ann,1600000000000,\xff\xfe\x80\n", b"general/1.csv"),
    rows("UTF-16 cut in a letter", "ann,1,h\n".encode("utf-16")[:-1], b"general/1.csv"),
    rows("UTF-16 of lone surrogates", b"\xff\xfe" + b"\x00\xd8" * 99, b"general/1.csv"),
    rows("byte order marks only", b"\xef\xbb\xbf" * 1000, b"general/1.csv"),
    rows("carriage returns only", lambda: b"\r" * 1_500_000, b"general/1.csv"),
    rows(
        "times that are no times",
        b"ann,1e999,x\nann,-1,x\nann,NaN,x\n",
        b"general/1.csv",
    ),
    rows("times of 5,000 digits", b"ann," + b"9" * 5000 + b",x\n", b"general/1.csv"),
    rows("formulas for spreadsheets", b"=cmd|' /C calc'!A0,1,x\n", b"general/1.csv"),
    rows("users without anything", b",,\n" * 2000, b"contacts.csv"),
]

FILES = [*DIRECTORIES, *NAMES, *ENTRIES, *JSON, *CSV]
