"""The tolerant CSV reader: accepted input, and bad lines that fail alone."""

from __future__ import annotations

import csv
import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports_app.sources.csv_rows import LONGEST_LINE, BadRow, read_rows


def rows_of(data: bytes | io.RawIOBase) -> list[list[str] | str]:
    """Return the cells of the rows, and the codes of the bad ones."""
    stream: Any = io.BytesIO(data) if isinstance(data, bytes) else data
    return [
        row.code if isinstance(row, BadRow) else row.cells
        for row in read_rows(stream, lambda *warning: None)
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("a,b\n", [["a", "b"]]),
        ("a,b", [["a", "b"]]),
        ("a,b\n\n  \nc,d\n\n", [["a", "b"], ["c", "d"]]),
        ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
        ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]),
        ("a,b\r\nc,d\ne,f\rg,h", [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]),
        ("\ufeffa,b", [["a", "b"]]),
        ("a, b,c ", [["a", " b", "c "]]),
        ('"a", "b, c" ,d', [["a", "b, c", "d"]]),
        ('"say ""hi""",""', [['say "hi"', ""]]),
        ('"two\nlines",x', [["two\nlines", "x"]]),
        ('"",\n', [["", ""]]),
        ('a,b "x" c', [["a", 'b "x" c']]),
        ('"a"x,b', [['"a"x', "b"]]),
        ('a,"open\nb,c', [["a", '"open'], ["b", "c"]]),
        ('"a \\" b",c', [['"a \\" b"', "c"]]),
        ("# no comment,x", [["# no comment", "x"]]),
        ("a;b", [["a", "b"]]),
        ("a,b,c\nd\n", [["a", "b", "c"], ["d"]]),
        ("a\0,b\nc,d", ["importer-row-nul", ["c", "d"]]),
    ],
)
def test_reads_more_than_the_strict_dialect(text: str, rows: list[Any]) -> None:
    assert rows_of(text.encode()) == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_reads_all_unicode_encodings(encoding: str) -> None:
    text = 'anna,some plain words first\nzoë,"東京, 🎉"\n'

    assert rows_of(text.encode(encoding))[1] == ["zoë", "東京, 🎉"]


def test_single_lines_in_windows_1252_are_reported_once() -> None:
    warnings: list[tuple[str, int]] = []
    data = "é,1\n".encode() + "ü,2\n".encode("cp1252") + "ö,3\n".encode("cp1252")

    rows = list(
        read_rows(
            io.BytesIO(data),
            lambda code, message, line: warnings.append((code, line)),
        )
    )

    assert [row.cells[0] for row in rows] == ["é", "ü", "ö"]
    assert warnings == [("importer-encoding", 2)]


def test_row_has_the_number_of_its_first_line() -> None:
    data = b'a\n\n"b\nb"\nc\n"x,\0\nd\n'

    rows = list(read_rows(io.BytesIO(data), lambda *warning: None))

    assert [(row.line, type(row).__name__) for row in rows] == [
        (1, "Row"),
        (3, "Row"),
        (5, "Row"),
        (6, "BadRow"),
        (7, "Row"),
    ]


class Endless(io.RawIOBase):
    """Stream with a line of a hundred million bytes, followed by a valid line."""

    def __init__(self) -> None:
        self._left = 100_000_000
        self._tail = b"\nfine,row\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._left)
        if size:
            buffer[:size] = b"x" * size
            self._left -= size
            return size
        tail, self._tail = self._tail[: len(buffer)], self._tail[len(buffer) :]
        buffer[: len(tail)] = tail
        return len(tail)


def test_huge_line_fails_alone_in_bounded_memory() -> None:
    tracemalloc.start()
    try:
        rows = rows_of(Endless())
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert rows == ["importer-row-too-long", ["fine", "row"]]
    assert peak < 20_000_000


@pytest.mark.parametrize("odd", [b"\0", b"\xff", b"\xed\xa0\x80"])
def test_overlong_line_is_stored_without_invalid_bytes(odd: bytes) -> None:
    data = odd * (LONGEST_LINE + 2)

    [row] = read_rows(io.BytesIO(data), lambda *warning: None)

    assert isinstance(row, BadRow)
    assert row.code == "importer-row-too-long"
    for cell in row.cells:
        assert "\0" not in cell
        cell.encode()  # holds no lone surrogate


def test_open_quote_does_not_consume_the_file() -> None:
    filler = "x" * 100
    data = 'a,"open\n' + f"b,{filler}\n" * 30_000

    rows = rows_of(data.encode())

    assert len(rows) == 30_001
    assert rows[0] == ["a", '"open']


def test_open_quotes_are_read_in_linear_time() -> None:
    data = '"\n' + f'""{"x" * 80}\n' * 11_000

    assert len(rows_of(data.encode())) == 11_001


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\0\r\ufeff", codec="utf-8")),
            min_size=1,
            max_size=4,
        ),
        max_size=6,
    )
)
def test_reads_rows_of_other_writers(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)

    stream = io.BytesIO(file.getvalue().encode())
    read = list(read_rows(stream, lambda *guess: None, delimiter=",", encoding="utf-8"))
    assert [row.cells for row in read] == rows


@given(st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff"]), st.binary(max_size=300))
def test_never_fails(mark: bytes, data: bytes) -> None:
    rows = rows_of(mark + data)

    assert all(rows)
    assert len(rows) < LONGEST_LINE
