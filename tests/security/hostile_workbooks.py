"""Hostile Excel workbooks, named by their attack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.security.crafted_zip import Part, crafted
from tests.security.hostile_files import Hostile

_TOO_LARGE: Final = "importer-workbook-too-large"
_DAMAGED: Final = "importer-workbook-damaged"
_MAIN: Final = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE: Final = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = b"http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
_SHEET: Final = b"xl/worksheets/sheet1.xml"
_STYLES: Final = b"xl/styles.xml"
_STRINGS: Final = b"xl/sharedStrings.xml"
_USERS: Final = (
    b'<row r="1"><c t="str"><v>ann</v></c><c t="str"><v>ann@example.org</v></c></row>'
)


def _xml(tag: bytes, content: bytes) -> bytes:
    return b"<%s %s>%s</%s>" % (tag, _MAIN, content, tag)


def _sheet(rows: bytes, after: bytes = b"") -> bytes:
    return _xml(b"worksheet", b"<sheetData>%s</sheetData>%s" % (rows, after))


def workbook(*others: Part) -> bytes:
    """Return a workbook of one honest sheet, some of whose parts are others."""
    types = b"".join(
        b'<Override PartName="/%s" ContentType="%s%s+xml"/>' % (name, _TYPE, kind)
        for name, kind in (
            (b"xl/workbook.xml", b"sheet.main"),
            (_SHEET, b"worksheet"),
            (_STYLES, b"styles"),
            (_STRINGS, b"sharedStrings"),
        )
    )
    links = (
        b'<Relationships xmlns="%s/relationships">'
        b'<Relationship Id="r1" Type="%s/%s" Target="%s"/></Relationships>'
    )
    parts = {
        b"[Content_Types].xml": b'<Types xmlns="%s/content-types">%s</Types>'
        % (_PACKAGE, types),
        b"_rels/.rels": links
        % (_PACKAGE, _OFFICE, b"officeDocument", b"xl/workbook.xml"),
        b"xl/workbook.xml": _xml(
            b"workbook",
            b'<sheets><sheet xmlns:r="%s" name="users" sheetId="1" r:id="r1"/></sheets>'
            % _OFFICE,
        ),
        b"xl/_rels/workbook.xml.rels": links
        % (_PACKAGE, _OFFICE, b"worksheet", b"worksheets/sheet1.xml"),
        _STYLES: _xml(b"styleSheet", b""),
        _STRINGS: _xml(b"sst", b""),
        _SHEET: _sheet(_USERS),
    }
    changed = {part.name: part for part in others}
    honest = [
        Part(name, content) for name, content in parts.items() if name not in changed
    ]
    return crafted(*honest, *others)


def _book(name: str, part: bytes, content: Callable[[], bytes], code: str) -> Hostile:
    return Hostile(
        f"workbook: {name}",
        code,
        # Stored, so that it is no bomb by its ratio alone.
        lambda: workbook(Part(part, content(), 0)),
    )


WORKBOOKS: Final = [
    Hostile("workbook: honest", "", workbook),
    _book(
        "entities",
        _SHEET,
        lambda: b'<!DOCTYPE x [<!ENTITY a "b">]>' + _sheet(_USERS),
        _TOO_LARGE,
    ),
    _book(
        "entities that grow",
        b"xl/workbook.xml",
        lambda: (
            b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "%s">]><x>&b;</x>' % (b"&a;" * 9)
        ),
        _TOO_LARGE,
    ),
    _book(
        "a file of the server",
        _STRINGS,
        lambda: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        _TOO_LARGE,
    ),
    _book("a row of millions", _SHEET, lambda: _sheet(b"<c/>" * 3_000_000), _TOO_LARGE),
    _book(
        "a row without end",
        _SHEET,
        lambda: _sheet(b"<row>%s</row>" % (b"<c/>" * 3_000_000)),
        _TOO_LARGE,
    ),
    _book(
        "a row far away",
        _SHEET,
        lambda: _sheet(b'<row r="999999999999"><c><v>1</v></c></row>'),
        "importer-nothing-found",
    ),
    _book(
        "cells far away",
        _SHEET,
        lambda: _sheet(b'<row><c r="XFD1"><v>1</v></c></row>' * 10_000),
        "importer-nothing-found",
    ),
    _book(
        "a column that is none",
        _SHEET,
        lambda: _sheet(b'<row><c r="ZZZZ1"><v>1</v></c></row>'),
        _DAMAGED,
    ),
    _book(
        "formats by the million",
        _STYLES,
        lambda: _xml(b"styleSheet", b"<cellXfs>%s</cellXfs>" % (b"<xf/>" * 1_000_000)),
        _TOO_LARGE,
    ),
    _book(
        "merged cells by the million",
        _SHEET,
        lambda: _sheet(
            _USERS, b"<mergeCells>%s</mergeCells>" % (b'<m ref="A1"/>' * 1_000_000)
        ),
        _TOO_LARGE,
    ),
    _book(
        "texts by the million",
        _STRINGS,
        lambda: _xml(b"sst", b"<si/>" * 1_000_000),
        _TOO_LARGE,
    ),
    _book(
        "a text of 5 MB",
        _STRINGS,
        lambda: _xml(b"sst", b"<si><t>%s</t></si>" % (b"x" * 5_000_000)),
        _TOO_LARGE,
    ),
    _book(
        "an attribute of 5 MB",
        _SHEET,
        lambda: _sheet(b'<row r="%s"/>' % (b"1" * 5_000_000)),
        _TOO_LARGE,
    ),
    _book("depth", _SHEET, lambda: _sheet(b"<a>" * 100_000), _TOO_LARGE),
    _book(
        "a text that is not there",
        _SHEET,
        lambda: _sheet(b'<row><c t="s"><v>99999</v></c></row>'),
        _DAMAGED,
    ),
    _book("UTF-16", _SHEET, lambda: _sheet(_USERS).decode().encode("utf-16"), ""),
    Hostile("workbook: part twice", "importer-zip-damaged", lambda: _doubled()),
    Hostile(
        "workbook: a bomb as a sheet",
        "importer-zip-bomb",
        lambda: workbook(Part(_SHEET, _sheet(b"<row/>" * 5_000_000))),
    ),
    Hostile(
        "workbook: in an archive, itself an archive",
        "",
        lambda: crafted(
            Part(b"users.csv", b"ann,ann@example.org,Ann\n"),
            Part(b"general/1.xlsx", crafted(Part(b"general/1.xlsx", workbook()))),
        ),
    ),
]


def _doubled() -> bytes:
    sheet = Part(_SHEET, _sheet(_USERS))
    return workbook(sheet, sheet)
