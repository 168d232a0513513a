"""Tables as spreadsheets save them: separators, encodings, quotes and line ends."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError

from accounts.models import User
from tests.cases.importing import (
    Counted,
    Failure,
    Import,
    Line,
    RoomFacts,
    import_all,
    lines_in,
    pack,
    people,
    rooms,
    texts_in,
)
from tests.cases.tables import (
    CHANNELS,
    HELLO,
    LOG,
    USERS,
    ImportTable,
    assert_ahoy,
    at,
    dock,
    workbook,
    written,
)

FILES = ["channels.csv", LOG, "users.csv"]
FRIENDS = [
    ["zoe", "zoe@harbour.example", "Zo\u00eb Gr\u00f6\u00dfe"],
    ["rene", "rene@harbour.example", "Ren\u00e9 Dupr\u00e9"],
]
PLACE = [["k\u00fcche", "zoe", "private", "rene"]]
TALK = [
    ["zoe", at(1), "Sch\u00f6ne Gr\u00fc\u00dfe, allerseits; wie geht\u2019s?"],
    ["rene", at(2), 'il a dit "d\u00e9j\u00e0"'],
]
TABLES = {"users.csv": FRIENDS, "channels.csv": PLACE, "k\u00fcche/m.csv": TALK}


def cells(table: str) -> list[list[str]]:
    return [line.split(",") for line in table.splitlines()]


def assert_talk() -> None:
    """Check that everything of the two friends came in, with its letters."""
    assert {name: (one.name, one.emails) for name, one in people().items()} == {
        "zoe": ("Zo\u00eb Gr\u00f6\u00dfe", ("zoe@harbour.example",)),
        "rene": ("Ren\u00e9 Dupr\u00e9", ("rene@harbour.example",)),
    }
    assert rooms() == {"k\u00fcche": RoomFacts("p", ("rene", "zoe"))}
    assert lines_in("k\u00fcche") == [Line(row[0], row[2]) for row in TALK]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_separators_are_read_and_said_to_be_guessed(
    bring_in_tables: Import, delimiter: str
) -> None:
    tables = {name: str(HELLO[name]).replace(",", delimiter) for name in FILES}

    imported = bring_in_tables(tables)

    assert_ahoy(imported)
    assert imported.guesses == {"importer-delimiter": 3}
    assert imported.files_of("importer-delimiter") == FILES
    assert f"Guessed: {imported.text_of('importer-delimiter')}" in imported.printed


def test_semicolons_of_excel_do_not_split_what_is_enclosed(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock(
            f'kai;{at(1)};"in the morning; or later, then"\r\nlea;{at(2)};fine\r\n',
            users=USERS.replace(",", ";"),
            channels='dock;kai;private;"kai;lea"\r\n',
        )
    )

    assert texts_in("dock") == ["in the morning; or later, then", "fine"]
    assert rooms() == {"dock": RoomFacts("p", ("kai", "lea"))}
    assert people().keys() == {"kai", "lea"}
    assert imported.exit_status == 0


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"'])
def test_a_sep_line_is_neither_a_row_nor_a_guess(
    bring_in_tables: Import, first: str
) -> None:
    tables = {
        name: f"{first}\r\n{str(HELLO[name]).replace(',', ';')}" for name in FILES
    }

    imported = bring_in_tables(tables)

    assert_ahoy(imported)
    assert imported.guesses == {}


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ","), ("utf-16", "\t"), ("utf-16-be", "\t")],
)
def test_unicode_needs_no_guess_of_the_letters(
    bring_in_tables: Import, encoding: str, delimiter: str
) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    imported = bring_in_tables(
        {
            name: (mark + written(rows, delimiter=delimiter)).encode(encoding)
            for name, rows in TABLES.items()
        }
    )

    assert_talk()
    assert imported.guesses == ({} if delimiter == "," else {"importer-delimiter": 3})
    assert imported.exit_status == 0


@pytest.mark.parametrize(
    ("encoding", "label"), [("cp1252", "Windows-1252"), ("mac_roman", "Mac Roman")]
)
@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_encodings_of_one_byte_are_guessed_and_said(
    bring_in_tables: Import, encoding: str, label: str, ends: str
) -> None:
    imported = bring_in_tables(
        {
            name: written(rows, lineterminator=ends).encode(encoding)
            for name, rows in TABLES.items()
        }
    )

    assert_talk()
    assert imported.guesses == {"importer-encoding": 3}
    assert label in imported.text_of("importer-encoding")
    assert label in imported.printed


def test_one_line_of_another_encoding_keeps_the_letters_of_all_lines(
    bring_in_tables: Import,
) -> None:
    good = f"kai,{at(1)},sch\u00f6n\n".encode()
    old = f"lea,{at(2)},\u00fcbel\n".encode("cp1252")

    imported = bring_in_tables(dock(good + old + good.replace(b"1614", b"1615")))

    assert texts_in("dock") == ["sch\u00f6n", "\u00fcbel", "sch\u00f6n"]
    assert imported.guesses == {"importer-encoding": 1}
    assert imported.files_of("importer-encoding") == [LOG]


def test_each_file_has_its_own_dialect(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        {
            "users.csv": USERS.replace(",", ";").encode("utf-16"),
            "channels.csv": f"\ufeff{CHANNELS}".replace("\n", "\r\n"),
            LOG: str(HELLO[LOG]).replace(",", "\t").replace("\n", "\r"),
        }
    )

    assert_ahoy(imported)
    assert imported.files_of("importer-delimiter") == [LOG, "users.csv"]


def test_cells_in_single_quotes_come_in_without_them(bring_in_tables: Import) -> None:
    tables = {
        name: written(cells(str(HELLO[name])), quotechar="'", quoting=csv.QUOTE_ALL)
        for name in FILES
    }

    assert_ahoy(bring_in_tables(tables))


def test_a_byte_order_mark_with_a_quoted_header_is_not_an_account(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        {
            "users.csv": '\ufeff"username","email","name"\r\n'
            '"kai","kai@harbour.example","Kai Holm"\r\n'
            '"lea","lea@harbour.example","Lea Roth"\r\n\r\n',
            "channels.csv": f"\ufeffname,creator,type,members\r\n{CHANNELS}",
            LOG: f'\ufeff"kai","{at()}","ahoy"\r\n\r\n',
        }
    )

    assert_ahoy(imported)
    assert imported.warnings == {"importer-header-row": 2}


def test_texts_keep_lines_quotes_and_signs(bring_in_tables: Import) -> None:
    texts = [
        "@lea see #dock \U0001f389\nline 2\n\nline 4",
        '"said twice"',
        "",
        "=1+1",
        "x" * 50_000,
    ]
    rows = [["kai", at(second), text] for second, text in enumerate(texts)]

    imported = bring_in_tables(dock(written(rows)))

    assert texts_in("dock") == texts
    assert imported.counted("message") == Counted(imported=5)
    assert imported.warnings == {"importer-message-without-text": 1}
    assert imported.guesses == {}


def test_an_unclosed_quote_is_reported_and_loses_nothing(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock(f'kai,{at(1)},"never closed\nlea,{at(2)},the next line\n')
    )

    assert lines_in("dock") == [
        Line("kai", '"never closed'),
        Line("lea", "the next line"),
    ]
    assert imported.guesses == {"importer-stray-quote": 1}
    assert imported.files_of("importer-stray-quote") == [LOG]


def test_lines_with_nul_bytes_or_without_a_time_fail_alone(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(
        dock(
            f"kai,{at(1)},nul \0 here\nonly a word\nkai,{at(2)}\n"
            f"lea,{at(3)},{'x' * 1_000_001}\n,,\n\nlea,{at(4)},fine\n"
        )
    )

    assert lines_in("dock") == [Line("kai", ""), Line("lea", "fine")]
    assert imported.failures == [
        Failure(LOG, 1, "importer-row-nul"),
        Failure(LOG, 2, "importer-row-too-short"),
        Failure(LOG, 4, "importer-row-too-long"),
    ]
    assert imported.exit_status == 1


def test_columns_that_are_too_many_are_said(bring_in_tables: Import) -> None:
    users = "kai,kai@harbour.example,Kai Holm,harbour master,north\n"

    imported = bring_in_tables(dock(users=users, channels="dock,kai,public,\n"))

    assert people()["kai"].name == "Kai Holm"
    assert imported.warnings == {"importer-row-extra-columns": 1}


@pytest.mark.parametrize("header", ["", "author,time,text\n", "time,author,text\n"])
def test_a_text_that_a_comma_cuts_off_fails(
    bring_in_tables: Import, header: str
) -> None:
    start = f"{at()},kai" if header.startswith("time") else f"kai,{at()}"

    imported = bring_in_tables(dock(f"{header}{start},ahoy,,\n{start},ahoy, all\n"))

    assert texts_in("dock") == ["ahoy"]
    code = "importer-message-extra-columns"
    assert imported.failures == [Failure(LOG, 3 if header else 2, code)]


def test_columns_without_a_name_are_said_too(bring_in_tables: Import) -> None:
    users = "username,email,name\nkai,kai@harbour.example,Kai Holm,north\n"

    imported = bring_in_tables(dock(users=users, channels="dock,kai,public,\n"))

    assert imported.warnings["importer-row-extra-columns"] == 1


def test_a_workbook_is_the_same_tables(bring_in_table: ImportTable) -> None:
    files = {"users": "users.csv", "channels": "channels.csv", "dock": LOG}
    sheets = {name: cells(str(HELLO[file])) for name, file in files.items()}

    assert_ahoy(bring_in_table(workbook(**sheets)))


def test_a_workbook_in_an_archive_is_one_of_its_tables(bring_in_tables: Import) -> None:
    imported = bring_in_tables(
        {
            "users.xlsx": workbook(people=cells(USERS)),
            "channels.csv": CHANNELS,
            "dock/m.xlsx": workbook(log=[["kai", int(at()), "ahoy"]]),
        }
    )

    assert_ahoy(imported)


def test_what_is_only_called_a_workbook_fails_with_its_place(
    bring_in_tables: Import,
) -> None:
    imported = bring_in_tables(HELLO | {"dock/more.xlsx": b"PK\3\4 and no more"})

    assert texts_in("dock") == ["ahoy"]
    assert [one[:2] for one in imported.failures] == [("dock/more.xlsx", 1)]
    assert imported.exit_status == 1


def test_a_damaged_workbook_creates_no_users(admin_user: User, tmp_path: Path) -> None:
    parts = ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml")
    path = pack(tmp_path / "people.xlsx", dict.fromkeys(parts, "oops"))

    with pytest.raises(CommandError, match="importer-workbook-damaged"):
        import_all(path, "csv")

    assert not people()
