"""Properties of tables in any dialect, with columns in any order."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports_app.importers.csv.archive import CsvImporter
from imports_app.records import MessageRecord, UserRecord
from tests.imports_app.importers.reading import pack, read

bounded = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

EUROPEAN: Final = [
    *(
        "hello",
        "thanks",
        "the",
        "harbour",
        "Gr\u00f6\u00dfe",
        "sp\u00e4ter",
        "\u00fcber",
    ),
    *(
        "d\u00e9j\u00e0",
        "gar\u00e7on",
        "ma\u00f1ana",
        "sm\u00f8rrebr\u00f8d",
        "\u00e5ret",
    ),
    *("don\u2019t", "na\u00efve", "caf\u00e9", "5\u202f\u20ac".replace("\u202f", " ")),
]
OTHERS: Final = ["\u6771\u4eac", "\u043f\u0440\u0438\u0432\u0435\u0442", "\U0001f389"]
JOINTS: Final = [" ", " ", " ", ", ", "; ", " | ", ' "', '" ', ": ", "'"]
WIDE: Final = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


class Dialect(NamedTuple):
    """Encoding, delimiter and line endings of a file."""

    delimiter: str
    quoting: Any
    ends: str
    encoding: str

    def written(self, rows: list[list[str]]) -> bytes:
        """Return rows as Python's csv module writes them."""
        file = io.StringIO()
        csv.writer(
            file,
            delimiter=self.delimiter,
            quoting=self.quoting,
            lineterminator=self.ends,
        ).writerows(rows)
        # An encoding with its byte order writes no mark of its own.
        mark = "\ufeff" if self.encoding in ("utf-16-le", "utf-16-be") else ""
        return (mark + file.getvalue()).encode(self.encoding)


def dialects(encodings: list[str]) -> st.SearchStrategy[Dialect]:
    return st.builds(
        Dialect,
        st.sampled_from([",", ";", "\t", "|"]),
        st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.sampled_from(encodings),
    )


@st.composite
def sentences(draw: st.DrawFn, words: list[str]) -> str:
    """Draw words with any separators between them."""
    text = draw(st.sampled_from(words))
    for _ in range(draw(st.integers(0, 5))):
        text += draw(st.sampled_from(JOINTS)) + draw(st.sampled_from(words))
    return text


class Source(NamedTuple):
    """Tables and their dialect."""

    dialect: Dialect
    users: list[list[str]]
    messages: list[list[str]]


@st.composite
def sources(draw: st.DrawFn, words: list[str], encodings: list[str]) -> Source:
    names = draw(st.lists(sentences(words), min_size=3, max_size=6))
    users = [
        [f"user.{n}", f"user.{n}@harbour.example", name] for n, name in enumerate(names)
    ]
    texts = draw(st.lists(sentences(words), min_size=3, max_size=8))
    messages = [
        [f"user.{n % len(users)}", str(1_614_600_000_000 + n), text]
        for n, text in enumerate(texts)
    ]
    return Source(draw(dialects(encodings)), users, messages)


def assert_same_cells(path: Path, source: Source) -> set[str]:
    """Check that the importer reads the same cells; return its guesses."""
    dialect, users, messages = source
    entries = {
        "users.csv": dialect.written(users),
        "channels.csv": b"dock,user.0,private,user.1\n",
        "dock/1.csv": dialect.written(messages),
    }

    found, notes = read(CsvImporter, pack(path, entries))

    records = [one.record for one in found]
    assert [
        [one.username, *one.emails, one.name]
        for one in records
        if isinstance(one, UserRecord)
    ] == users
    assert [
        [one.author, str(one.sent_at), one.text]
        for one in records
        if isinstance(one, MessageRecord)
    ] == messages
    return set(notes)


@bounded
@given(sources(EUROPEAN + OTHERS, WIDE))
def test_cells_of_any_dialect_in_unicode_are_the_same(
    tmp_path: Path, source: Source
) -> None:
    notes = assert_same_cells(tmp_path / "x.zip", source)

    is_guessed = source.dialect.delimiter != ","
    assert notes == ({"importer-delimiter"} if is_guessed else set())


@bounded
@given(sources(EUROPEAN, ["cp1252"]))
def test_cells_of_any_dialect_in_windows_1252_are_the_same(
    tmp_path: Path, source: Source
) -> None:
    notes = assert_same_cells(tmp_path / "x.zip", source)

    texts = "".join(cell for row in source.users + source.messages for cell in row)
    assert ("importer-encoding" in notes) == (not texts.isascii())


COLUMNS: Final = {
    "username": ["username", "User Name", "LOGIN", "sAMAccountName", "uid"],
    "email": ["email", "E-mail", "Email Address [Required]", "mail", "Primary Email"],
    "name": ["name", "Full Name", "displayName", "cn", "Display Name"],
    "first_name": ["First Name [Required]", "givenName", "firstname", "Vorname"],
    "last_name": ["Last Name", "sn", "surname", "Nachname"],
}
"""Column names in exports of directories."""
NOISE: Final = ["Password", "Org Unit Path", "roles", "Last Sign In", "objectClass", ""]
PEOPLE: Final = [
    {
        "username": "kai",
        "email": "kai@harbour.example",
        "name": "Kai Holm",
        "first_name": "Kai",
        "last_name": "Holm",
    },
    {
        "username": "lea",
        "email": "lea@harbour.example",
        "name": "Lea Roth",
        "first_name": "Lea",
        "last_name": "Roth",
    },
]


@st.composite
def headers(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw fields with column names, in any order."""
    naming = draw(st.sampled_from([("name",), ("first_name", "last_name")]))
    known = [
        (field, draw(st.sampled_from(COLUMNS[field])))
        for field in ("username", "email", *naming)
    ]
    noise = draw(st.lists(st.sampled_from(NOISE), max_size=3))
    columns: list[tuple[str, str]] = draw(
        st.permutations(known + [("", name) for name in noise])
    )
    return columns


@bounded
@given(headers(), dialects(WIDE))
def test_columns_of_any_name_and_order_give_the_same_users(
    tmp_path: Path, columns: list[tuple[str, str]], dialect: Dialect
) -> None:
    rows = [[name for _field, name in columns]]
    rows += [[one.get(field, "-") for field, _name in columns] for one in PEOPLE]
    path = tmp_path / "users.csv"
    path.write_bytes(dialect.written(rows))

    found, notes = read(CsvImporter, path)

    records = [one.record for one in found]
    assert [
        (one.username, one.emails, one.name)
        for one in records
        if isinstance(one, UserRecord)
    ] == [(one["username"], (one["email"],), one["name"]) for one in PEOPLE]
    assert len(records) == len(PEOPLE)
    assert "importer-header-row" in notes
