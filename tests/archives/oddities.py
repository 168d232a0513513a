"""Irregular content of real archives that is imported or fails alone."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from unicodedata import normalize

from tests.archives.expectation import Expectation, Failure, MessageFacts

_ROOM = "odd"
_STRAY = 'the "big" one'
_TIME = 1_500_000_000_000
_FORMED = "k\u00fchl"
_OTHER_FORMS = {"ODD": _ROOM, " odd ": _ROOM, normalize("NFD", _FORMED): _FORMED}
"""Folders that differ from their rooms' names."""


@dataclass(frozen=True)
class _File:
    """File in the irregular room, with the expected messages."""

    name: str
    content: bytes
    said: tuple[MessageFacts, ...] = ()
    failures: tuple[tuple[int, str], ...] = ()
    """Lines and codes."""


def add_oddities(
    archive: zipfile.ZipFile, people: list[str], expectation: Expectation
) -> None:
    """Write the irregular files and add their content to the expectation."""
    author = people[0]
    expectation.rooms |= {_ROOM: "c", "東京": "p", _FORMED: "p"}
    expectation.members |= {_ROOM: [author], "東京": [], _FORMED: [author]}
    for file in _files(author):
        name = f"{_ROOM}/{file.name}"
        archive.writestr(_info(name), file.content)
        for said in file.said:
            expectation.expect_message(_ROOM, said, is_kept=True)
        expectation.failures += [
            Failure(name, line, code) for line, code in file.failures
        ]
    _add_folders(archive, author, expectation)


def _files(author: str) -> list[_File]:
    def row(number: int, text: str) -> str:
        return f"{author},{_TIME + number},{text}"

    def said(number: int, text: str) -> MessageFacts:
        return MessageFacts(author, _TIME + number, text)

    return [
        _File("bom.csv", f"\ufeff{row(1, 'marked')}\n".encode(), (said(1, "marked"),)),
        _File(
            "ends.csv",
            f"{row(2, 'one')}\r\n{row(3, 'two')}\n{row(4, 'three')}\r".encode(),
            (said(2, "one"), said(3, "two"), said(4, "three")),
        ),
        _File("old.csv", row(5, "café").encode("cp1252"), (said(5, "café"),)),
        _File("wide.csv", row(6, "wide ü").encode("utf-16"), (said(6, "wide ü"),)),
        _File(
            "quotes.csv",
            f'"{author}", "{_TIME + 7}", "a, ""b""\nand c"\n\n'.encode()
            + f"{row(8, _STRAY)}\n{row(9, '=1+1')}\n".encode()
            + f"{row(10, ' kept blank')}\n".encode(),
            (
                said(7, 'a, "b"\nand c'),
                said(8, _STRAY),
                said(9, "=1+1"),
                said(10, " kept blank"),
            ),
        ),
        _File(
            "twice.csv",
            f"{row(11, 'again')}\n{row(11, 'again')}\n".encode(),
            (said(11, "again"), said(11, "again")),
        ),
        _File(
            "times.csv",
            f"{author},1500000001,seconds\n{author},2017-07-14T02:40:02Z,iso\n"
            f"{author},yesterday,never\n{author},,empty time\n".encode(),
            (
                MessageFacts(author, 1_500_000_001_000, "seconds"),
                MessageFacts(author, 1_500_000_002_000, "iso"),
            ),
            (
                (3, "importer-message-invalid-timestamp"),
                (4, "importer-message-invalid-timestamp"),
            ),
        ),
        _File(
            "bad.csv",
            f"{author},{_TIME},nul \0 here\nalone\n{row(12, 'fine')}\n"
            f"{author},{_TIME},{'x' * 1_000_001}\nstranger,{_TIME},who\n".encode(),
            (said(12, "fine"),),
            (
                (1, "importer-row-nul"),
                (2, "importer-row-too-short"),
                (4, "importer-row-too-long"),
                (5, "importer-message-unknown-user"),
            ),
        ),
        _File(
            "uneven.csv",
            f"{row(13, 'more,columns')}\n{author},{_TIME + 14}\n".encode(),
            (said(14, ""),),
            ((1, "importer-message-extra-columns"),),
        ),
        _File("empty.csv", b""),
        *_spreadsheets(author),
    ]


def _spreadsheets(author: str) -> list[_File]:
    """Return files in the formats of spreadsheets."""
    told = [
        MessageFacts(author, _TIME + number * 1000, text)
        for number, text in enumerate(
            [
                "one; two",
                "tabs, wide \u00fc",
                "another order",
                "basic",
                "no zone",
                "day",
            ],
            start=20,
        )
    ]
    semicolons, tabs, order, basic, without_zone, day = told
    return [
        _File(
            "semicolons.csv",
            f'{author};{semicolons.sent_at};"{semicolons.text}"\r\n'.encode(),
            (semicolons,),
        ),
        _File(
            "unicode.txt",
            f"{author}\t{tabs.sent_at}\t{tabs.text}\r\n".encode("utf-16"),
            (tabs,),
        ),
        _File(
            "order.csv",
            b"Message,Sent At,Id,User\n"
            + f'"{order.text}",{order.sent_at},7,{author}\n'.encode(),
            (order,),
        ),
        _File(
            "spelled.csv",
            f"{author},20170714T024023Z,{basic.text}\n"
            f"{author},2017-07-14 02:40:24,{without_zone.text}\n"
            f"{author},14.07.2017 02:40:25,{day.text}\n"
            f"{author},1.5E+12,shortened\n".encode(),
            (basic, without_zone, day),
            ((4, "importer-message-invalid-timestamp"),),
        ),
    ]


def _add_folders(
    archive: zipfile.ZipFile, author: str, expectation: Expectation
) -> None:
    archive.writestr(_info("__MACOSX/odd/._bom.csv"), b"\0\0")
    archive.writestr(_info("odd/.DS_Store"), b"\0\0")
    for number, (folder, room) in enumerate(_OTHER_FORMS.items(), start=30):
        said = MessageFacts(author, _TIME + number, f"in {room}")
        row = f"{author},{said.sent_at},{said.text}\n"
        archive.writestr(_info(f"{folder}/form.csv"), row.encode())
        expectation.expect_message(room, said, is_kept=True)
    archive.writestr(_info("odd/photo.png"), b"\x89PNG\r\n\x1a\n")
    archive.writestr(_info("unlisted/a.csv"), f"{author},{_TIME},lost\n".encode())
    expectation.failures.append(
        Failure("unlisted/a.csv", 1, "importer-message-unknown-room")
    )
    archive.writestr(
        _info("DirectMessages/odd.csv"),
        f"{author},partner,{_TIME},psst\n{author},,{_TIME},whom\n"
        f"{author},{author},{_TIME},note to self\n".encode(),
    )
    expectation.failures.append(
        Failure("DirectMessages/odd.csv", 2, "importer-message-missing-recipient")
    )
    expectation.users.append("partner")
    for room, members, text in (
        (f"partner/{author}", [author, "partner"], "psst"),
        (f"{author}/{author}", [author], "note to self"),
    ):
        expectation.rooms[room] = "d"
        expectation.members[room] = members
        said = MessageFacts(author, _TIME, text)
        expectation.expect_message(room, said, is_kept=True)
    archive.writestr(
        _info("contacts.csv"),
        b"id,name,emails,phones,manager,city\n1,Cora,c@example.org,,ann,Rome\n,,,,,\n",
    )


def _info(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (2020, 9, 13, 12, 26, 40))
