"""Excel workbooks contain the same tables as CSV files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from imports_app.errors import SourceError
from imports_app.importers.csv import table_sources
from imports_app.importers.csv.archive import CsvImporter
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    MessageRecord,
    SourceItem,
    UserRecord,
)
from tests.imports_app.importers.reading import check, read

AT = datetime(2020, 9, 13, 12, 26, 40)
AT_MILLISECONDS = 1_600_000_000_000
Rows = list[list[Any]]
USERS: Rows = [
    ["Username", "E-mail", "Name"],
    ["ann", "ann@example.org", "Ann Lee"],
    [1234, "bo@example.org", "Bo Ek"],
]
ROOMS: Rows = [["name", "creator", "type", "members"], ["news", "ann", True, "1234"]]


def workbook(sheets: dict[str, Rows]) -> bytes:
    """Return a workbook with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def records(found: list[SourceItem], kind: type[Any]) -> list[Any]:
    return [one.record for one in found if isinstance(one.record, kind)]


def test_sheets_are_the_tables_and_the_rooms(tmp_path: Path) -> None:
    sheets: dict[str, Rows] = {
        "Users": USERS,
        "Channels": ROOMS,
        "news": [["ann", AT, "hello"], ["1234", 1_600_000_000_001, "hi"], [None]],
        "DirectMessages": [["from", "to", "time", "text"], ["ann", 1234, AT, "psst"]],
    }
    path = write(tmp_path / "team.xlsx", workbook(sheets))

    found, notes = read(CsvImporter, path)

    assert [user.username for user in records(found, UserRecord)] == ["ann", "1234"]
    [news, direct] = records(found, ChannelRecord)
    assert (news.name, news.type, news.members) == ("news", "p", ("1234",))
    assert direct.members == ("1234", "ann")
    messages = records(found, MessageRecord)
    assert [(one.author, one.sent_at, one.text) for one in messages] == [
        ("ann", AT_MILLISECONDS, "hello"),
        ("1234", AT_MILLISECONDS + 1, "hi"),
        ("ann", AT_MILLISECONDS, "psst"),
    ]
    places = [(one.file, one.line) for one in found if one.record in messages]
    assert places == [("sheet news", 1), ("sheet news", 2), ("sheet DirectMessages", 2)]
    assert notes["importer-time-without-zone"]["count"] == 2
    assert check(CsvImporter, path) == set()


@pytest.mark.parametrize(
    ("rows", "kind"), [(USERS, UserRecord), (ROOMS, ChannelRecord)]
)
def test_single_sheet_is_detected_by_its_columns(
    tmp_path: Path, rows: Rows, kind: type[Any]
) -> None:
    path = write(tmp_path / "list.xlsx", workbook({"Sheet1": rows}))

    found, notes = read(CsvImporter, path)

    assert {type(one.record) for one in found} == {kind}
    assert "importer-bare-csv" in notes
    assert check(CsvImporter, path) == {"importer-bare-csv"}


def test_workbooks_in_an_archive_are_its_tables(tmp_path: Path) -> None:
    said: Rows = [["author", "time", "text"], ["ann", AT, "hello"]]
    entries = {
        "users.xlsx": workbook({"Sheet1": USERS}),
        "channels.csv": b"news,ann,private,1234\n",
        "news/2020.xlsx": workbook({"January": said, "February": said}),
        "news/broken.xlsx": b"PK\3\4 no workbook",
    }

    found, notes = read(CsvImporter, zipped(tmp_path / "x.zip", entries))

    assert len(records(found, UserRecord)) == 2
    assert [one.text for one in records(found, MessageRecord)] == ["hello"]
    [bad] = records(found, BadRecord)
    [place] = [one.file for one in found if one.record is bad]
    assert (place, bad.code) == ("news/broken.xlsx", "importer-workbook-damaged")
    assert notes["importer-sheets-unread"]["examples"][0]["file"] == "news/2020.xlsx"
    assert "importer-no-users-csv" not in notes


def test_hidden_sheets_are_reported_and_skipped(tmp_path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    for row in USERS:
        sheet.append(row)
    hidden = book.create_sheet("lookup")
    hidden.sheet_state = "hidden"
    path = write(tmp_path / "list.xlsx", saved(book))

    found, notes = read(CsvImporter, path)

    assert len(found) == 2
    [unread] = notes["importer-files-unread"]["examples"]
    assert unread["file"] == "sheet lookup (hidden)"


def test_cells_without_a_value_are_not_imported(tmp_path: Path) -> None:
    sheets = {
        "users": [*USERS, ["cy", "#N/A", "Cy"], ["dora", "=A2", "Dora"]],
        "channels": ROOMS,
    }
    path = write(tmp_path / "team.xlsx", workbook(sheets))

    found, notes = read(CsvImporter, path)

    [bad] = records(found, BadRecord)
    assert (bad.code, bad.cells[0]) == ("importer-cell-error", "cy")
    assert notes["importer-formulas-not-calculated"]["message"].startswith(
        "Formulas without a stored result: 1."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (True, "true"),
        (" two\nlines ", " two\nlines "),
        ("a_x000D_\nb", "a\nb"),
        (datetime(2020, 1, 2, 3, 4, 5, 678000), "2020-01-02T03:04:05.678000"),
        (datetime(2020, 1, 2, tzinfo=UTC).date(), "2020-01-02T00:00:00"),
    ],
)
def test_values_are_converted_to_csv_texts(
    tmp_path: Path, value: object, text: str
) -> None:
    rows: Rows = [*USERS, ["cy", "cy@example.org", value]]
    path = write(tmp_path / "list.xlsx", workbook({"users": rows}))

    found, _notes = read(CsvImporter, path)

    assert records(found, UserRecord)[-1].name == text.strip()


def without_dimension(content: bytes) -> bytes:
    """Return a workbook with wrong sheet dimensions, as some programs write it."""
    return replaced(
        content,
        "xl/worksheets/sheet1.xml",
        lambda sheet: sheet.replace(b'ref="A1:C3"', b'ref="A1"'),
    )


def replaced(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    stream = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.namelist():
            part = source.read(entry)
            archive.writestr(entry, change(part) if entry == name else part)
    return stream.getvalue()


def test_wrong_sheet_dimension_loses_no_row(tmp_path: Path) -> None:
    content = without_dimension(workbook({"users": USERS}))
    path = write(tmp_path / "list.xlsx", content)

    found, _notes = read(CsvImporter, path)

    assert len(records(found, UserRecord)) == 2


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("garbage", [b"", b"<", b"<a/>", b"\0" * 100, b"<a>&b;</a>"])
def test_damaged_workbook_is_refused_or_read_completely(
    tmp_path: Path, part: str, garbage: bytes
) -> None:
    content = replaced(workbook({"users": USERS}), part, lambda _old: garbage)
    path = write(tmp_path / "list.xlsx", content)

    try:
        found, _notes = read(CsvImporter, path)
    except SourceError as error:
        code = str(error.code)
    else:
        assert len(records(found, UserRecord)) == 2
        return

    assert code in {
        "importer-workbook-damaged",
        "importer-workbook-too-large",
        "importer-nothing-found",
        "importer-columns-unknown",
    }


def test_archive_with_too_many_workbooks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_sources, "_MOST_WORKBOOKS", 2)
    entries = {f"news/{number}.xlsx": b"" for number in range(3)}

    with pytest.raises(SourceError, match="more than 2 workbooks"):
        read(CsvImporter, zipped(tmp_path / "x.zip", entries))
