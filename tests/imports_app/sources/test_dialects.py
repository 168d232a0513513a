"""Tables in the dialects and encodings that spreadsheets write."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports_app.sources.csv_rows import BadRow, read_rows
from imports_app.sources.dialects import SAMPLE_BYTES, Dialect, detect_dialect

PEOPLE = [
    ["username", "email", "name"],
    ["j\u00fcrgen", "juergen@example.org", "J\u00fcrgen M\u00fcller"],
    ["bo", "bo@example.org", "Ek, Bo; called \u201eBo\u201c"],
    ["ann", "ann@example.org", "Ann\nLee"],
]
ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "mac_roman",
]


def written(
    rows: list[list[str]], *, delimiter: str, encoding: str, ends: str, quoting: Any
) -> bytes:
    file = io.StringIO()
    csv.writer(
        file, delimiter=delimiter, lineterminator=ends, quoting=quoting
    ).writerows(rows)
    return file.getvalue().encode(encoding)


def read_all(data: bytes) -> tuple[list[Any], dict[str, int]]:
    guesses: dict[str, int] = {}

    def guess(code: str, message: str, line: int) -> None:
        guesses.setdefault(code, line)

    rows = list(read_rows(io.BytesIO(data), guess))
    assert not [row for row in rows if isinstance(row, BadRow)]
    return [row.cells for row in rows], guesses


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_any_dialect_in_any_encoding_gives_the_same_rows(
    encoding: str, delimiter: str, ends: str, quoting: Any
) -> None:
    # Python's writer encloses no line feed if lines end in carriage returns.
    people = PEOPLE[:3] if (ends, quoting) == ("\r", csv.QUOTE_MINIMAL) else PEOPLE
    data = written(
        people, delimiter=delimiter, encoding=encoding, ends=ends, quoting=quoting
    )

    rows, guesses = read_all(data)

    assert rows == people
    assert ("importer-delimiter" in guesses) == (delimiter != ",")
    assert ("importer-encoding" in guesses) == (encoding in ("cp1252", "mac_roman"))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("hello hello don\u2019t", "cp1252"),
        ("I\u2019m late", "cp1252"),
        ("they\u2019ll see", "cp1252"),
        ("we\u2019ve seen", "cp1252"),
        ("don\u2019t", "mac_roman"),
        ("D\u00edas y l\u00edneas de M\u00e9xico", "mac_roman"),
    ],
)
def test_an_apostrophe_of_windows_1252_is_no_letter_of_mac_roman(
    text: str, encoding: str
) -> None:
    rows = [["user.0", "user.0@harbour.example", text], ["user.1", "b@x.org", "hello"]]
    data = written(
        rows, delimiter=";", encoding=encoding, ends="\n", quoting=csv.QUOTE_ALL
    )

    assert read_all(data)[0] == rows


CELL = st.text(
    st.characters(
        codec="utf-8", exclude_characters="\0\r\n'", exclude_categories=["Cs"]
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip() and "\x85" not in text)


@given(
    rows=st.lists(
        st.lists(CELL, min_size=3, max_size=3), min_size=4, max_size=12
    ).filter(lambda rows: not rows[0][0].startswith("sep=")),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8-sig", "utf-16"]),
)
def test_given_delimiter_is_not_a_guess(
    rows: list[list[str]], delimiter: str, ends: str, encoding: str
) -> None:
    content = written(
        rows, delimiter=delimiter, encoding="utf-8", ends=ends, quoting=csv.QUOTE_ALL
    ).decode()

    read, guesses = read_all(f"sep={delimiter}{ends}{content}".encode(encoding))

    assert read == rows
    assert guesses == {}


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "a,b", "a,b;c\nd,e\n", "ann,1600000000000,hi; there | you\n" * 30),
        '"a;b";"c,d",e\n"x","y;z"\n',
    ],
)
def test_plain_files_are_detected_fast(text: str) -> None:
    assert detect_dialect(text.encode()) == Dialect()


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("number", [2, 20_000])
def test_delimiters_in_quoted_cells_do_not_count(delimiter: str, number: int) -> None:
    other = ";" if delimiter == "," else ","
    members = other.join(f"user{n}" for n in range(number))
    row = delimiter.join(["big", "user0", "private", f'"{members}"'])
    sample = f"{row}\n{row}\n".encode()[:SAMPLE_BYTES]

    assert detect_dialect(sample).delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("ann;ann@example.org;Lee, Ann\nbo;bo@example.org;Ek, Bo\n", (";", '"')),
        ("'ann','ann@example.org'\n'bo','bo@example.org'\n", (",", "'")),
        ("ann\tann@example.org\nbo\tb;o@example.org\n", ("\t", '"')),
        ('news;ann;public;"bo;cid"\nlab;bo;private;"ann"\n', (";", '"')),
    ],
)
def test_ambiguous_delimiter_is_chosen_by_the_columns(
    text: str, dialect: tuple[str, str]
) -> None:
    found = detect_dialect(text.encode())

    assert (found.delimiter, found.quote) == dialect


@pytest.mark.parametrize(
    "text",
    [
        "ann,sch\u00f6ne Gr\u00fc\u00dfe\n" * 3,
        "jos\u00e9,Jos\u00e9 Pe\u00f1a\n",
        "fx,Fran\u00e7ois \u201cQ\u201d \u2013 \u20ac\njm,J\u00fcrgen M\u00fcller\n",
        "ann,don\u2019t worry\u2026\n",
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_windows_and_mac_encodings_are_distinguished(text: str, encoding: str) -> None:
    found = detect_dialect(text.encode(encoding))

    assert found.encoding == encoding
    [(code, message)] = found.guesses
    assert code == "importer-encoding"
    assert {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}[encoding] in message


@given(st.binary(max_size=400))
def test_any_bytes_have_a_dialect(data: bytes) -> None:
    assert isinstance(detect_dialect(data), Dialect)
