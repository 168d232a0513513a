"""Files of messages in the dialects of spreadsheets, and files that are no tables."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Final

from tests.archives.tables.draft import DOCK, TablesDraft, TablesOddity
from tests.cases.tables import workbook, written

_DELIMITER: Final = "importer-delimiter"
_ENCODING: Final = "importer-encoding"
_TEXT: Final = "sch\u00f6n; gr\u00fc\u00dfe, \u201eall\u201c"


def files_with_other_separators(draft: TablesDraft) -> None:
    """Semicolons, tabs and vertical bars, and a line that names the separator."""
    for name, delimiter in (("semi", ";"), ("tabs", "\t"), ("bars", "|")):
        rows = [draft.say(DOCK, "kai", f"{_TEXT} {number}") for number in range(3)]
        draft.files[f"{DOCK}/{name}.csv"] = written(rows, delimiter=delimiter)
        draft.effect.guess(_DELIMITER)
    for number, first in enumerate(("sep=;", '"sep=;"')):
        rows = [draft.say(DOCK, "kai", f"named {number}")]
        content = f"{first}\r\n{written(rows, delimiter=';')}"
        draft.files[f"{DOCK}/sep-{number}.csv"] = content


def files_in_other_encodings(draft: TablesDraft) -> None:
    """UTF-8 and UTF-16 with and without marks, Windows-1252 and Mac Roman."""
    for encoding, mark, is_guessed in (
        ("utf-8-sig", "", False),
        ("utf-16", "", False),
        ("utf-16-be", "\ufeff", False),
        ("utf-16-le", "", False),
        ("cp1252", "", True),
        ("mac_roman", "", True),
    ):
        rows = [draft.say(DOCK, "lea", f"{_TEXT} {number}") for number in range(4)]
        content = f"{mark}{written(rows)}".encode(encoding)
        draft.files[f"{DOCK}/{encoding}.csv"] = content
        if is_guessed:
            draft.effect.guess(_ENCODING)
    rows = [draft.say(DOCK, "lea", text) for text in ("gr\u00fcn", "\u00fcbel")]
    good, old = (written([row]) for row in rows)
    draft.files[f"{DOCK}/mixed.csv"] = good.encode() + old.encode("cp1252")
    draft.effect.guess(_ENCODING)


def files_with_other_quotes_and_line_ends(draft: TablesDraft) -> None:
    """Single quotes, texts over several lines, quotes that stay open, odd line ends."""
    rows = [draft.say(DOCK, "oda", f"single {number}") for number in range(3)]
    single = written(rows, quotechar="'", quoting=csv.QUOTE_ALL)
    draft.files[f"{DOCK}/single.csv"] = single
    texts = ['a, "b"\nand c', "", "=1+1", " kept blank "]
    draft.effect.warnings["importer-message-without-text"] += 1
    rows = [draft.say(DOCK, "oda", text) for text in texts]
    draft.files[f"{DOCK}/double.csv"] = written(rows, quoting=csv.QUOTE_ALL)
    first, second, third = (
        ",".join(draft.say(DOCK, "oda", text)) for text in ("one", "two", "three")
    )
    draft.files[f"{DOCK}/ends.csv"] = f"{first}\r\n{second}\n\n{third}\r"
    open_quote = ",".join(draft.say(DOCK, "oda", '"never closed'))
    draft.files[f"{DOCK}/open.csv"] = f"{open_quote}\n"
    draft.effect.guess("importer-stray-quote")


def headers_in_any_order(draft: TablesDraft) -> None:
    """A first row that names the columns, with some that are not known."""
    author, time, text = draft.say(DOCK, "per", "in another order")
    header = ["Message", "Sent At", "Mood", "User"]
    rows = [header, [text, time, "fine", author]]
    draft.files[f"{DOCK}/header.csv"] = written(rows)
    draft.effect.warnings["importer-header-row"] += 1
    draft.effect.warnings["importer-columns-not-imported"] += 1


def single_failing_rows(draft: TablesDraft) -> None:
    """Rows that are no text, too short, too long, or of nobody."""
    file, time = f"{DOCK}/bad.csv", draft.next_time()
    fine = ",".join(draft.say(DOCK, "kai", "fine"))
    draft.files[file] = (
        f"kai,{time},nul \0 here\nalone\n{fine}\nkai,{time},{'x' * 1_000_001}\n"
        f"ghost,{time},boo\n,{time},who?\n"
    )
    for line, code in (
        (1, "importer-row-nul"),
        (2, "importer-row-too-short"),
        (4, "importer-row-too-long"),
        (5, "importer-message-unknown-user"),
        (6, "importer-message-unknown-user"),
    ):
        draft.fail(file, line, code)


def repeated_messages(draft: TablesDraft) -> None:
    """The same row twice in a file is two messages; in two files it is one."""
    row = draft.say(DOCK, "mara", "again")
    draft.say(DOCK, "mara", "again", time=int(row[1]))
    draft.files[f"{DOCK}/twice.csv"] = written([row, row])
    draft.files[f"{DOCK}/twice-more.csv"] = written([row])
    draft.effect.outcomes["message", "unchanged"] += 1
    iso = datetime.fromtimestamp(int(row[1]) / 1000).astimezone().isoformat()
    draft.files[f"{DOCK}/twice-spelled.csv"] = written([["mara", iso, "again"]])
    draft.effect.outcomes["message", "unchanged"] += 1


def non_table_files(draft: TablesDraft) -> None:
    """Pictures, notes, other spreadsheets, and what Macs and Windows add."""
    draft.files |= {
        f"{DOCK}/photo.png": b"\x89PNG\r\n\x1a\n\0\0",
        f"{DOCK}/notes.txt": "nobody wrote a table here\nonly words\n",
        "readme.md": "an export",
        "Thumbs.db": b"\0",
        f"{DOCK}/old.xls": b"\xd0\xcf\x11\xe0",
        "plan.ods": b"PK",
        f"{DOCK}/.DS_Store": b"\0\0\1",
        f"__MACOSX/{DOCK}/._1.csv": b"\0\5\26\7",
    }
    draft.effect.warnings["importer-files-unread"] += 4
    draft.effect.warnings["importer-spreadsheets"] += 2


def tables_with_other_endings(draft: TablesDraft) -> None:
    """Tables in files that are not called .csv, and two folders deep."""
    for name in ("1.txt", "2", "2021/march.csv"):
        row = draft.say(DOCK, "nils", f"in {name}")
        draft.files[f"{DOCK}/{name}"] = written([row])


def workbooks_of_messages(draft: TablesDraft) -> None:
    """Workbooks in folders: dates, errors, formulas, sheets, and what is none."""
    author, time, text = draft.say(DOCK, "per", "from a workbook")
    draft.files[f"{DOCK}/book.xlsx"] = workbook(log=[[author, int(time), text]])
    moment = datetime(2021, 3, 2, 8, 30)
    draft.say(DOCK, "per", "a date", time=1_614_673_800_000)
    draft.files[f"{DOCK}/dates.xlsx"] = workbook(
        log=[["per", moment, "a date"], ["#N/A", moment, "an error"]],
        more=[["never", "read"]],
    )
    draft.fail(f"{DOCK}/dates.xlsx", 2, "importer-cell-error")
    draft.effect.guess("importer-time-without-zone", "message")
    draft.effect.warnings["importer-sheets-unread"] += 1
    row = draft.say(DOCK, "per", "")
    formula = workbook(log=[["per", int(row[1]), "=1+1"]])
    draft.files[f"{DOCK}/formula.xlsx"] = formula
    draft.effect.warnings["importer-formulas-not-calculated"] += 1
    draft.effect.warnings["importer-message-without-text"] += 1
    draft.files[f"{DOCK}/broken.xlsx"] = b"PK\3\4 and no more"
    draft.fail(f"{DOCK}/broken.xlsx", 1, "importer-workbook-damaged")


def contacts(draft: TablesDraft) -> None:
    """Contacts, which are shown and not imported."""
    draft.files["contacts.csv"] = "name,emails,phones\nEve,eve@far.example,+49\n,,\n"
    draft.effect.skip("contact", "importer-contact-not-offered")


ODDITIES: Final[tuple[TablesOddity, ...]] = (
    files_with_other_separators,
    files_in_other_encodings,
    files_with_other_quotes_and_line_ends,
    headers_in_any_order,
    single_failing_rows,
    repeated_messages,
    non_table_files,
    tables_with_other_endings,
    workbooks_of_messages,
    contacts,
)
