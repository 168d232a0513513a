"""Ways in which the lists of users and rooms are written, and archives packed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from tests.archives.expectation import Failure
from tests.archives.tables.draft import Content, Rows, TablesDraft
from tests.cases.tables import workbook, written

Entries: TypeAlias = dict[str, Content]
Packing: TypeAlias = Callable[[TablesDraft], Entries]
_DELIMITER: Final = "importer-delimiter"
_LISTS: Final = ("users.csv", "channels.csv")


def as_documented(draft: TablesDraft) -> Entries:
    """Write the lists as the documentation says."""
    return _entries(draft)


def with_semicolons(draft: TablesDraft) -> Entries:
    """Write the lists as Excel does in much of Europe."""
    for _ in _LISTS:
        draft.effect.guess(_DELIMITER)
    return _entries(draft, delimiter=";")


def with_all_cells_quoted(draft: TablesDraft) -> Entries:
    """Enclose every cell, and begin with a mark."""
    return _entries(draft, quoting=csv.QUOTE_ALL, lineterminator="\n", mark="\ufeff")


def as_unicode_text(draft: TablesDraft) -> Entries:
    """Write the lists as Excel's "Unicode Text"."""
    for _ in _LISTS:
        draft.effect.guess(_DELIMITER)
    return _entries(draft, delimiter="\t", encoding="utf-16")


def with_headers_in_another_order(draft: TablesDraft) -> Entries:
    """Name the columns as directories do, in another order."""
    users = [_wide(row, 3) for row in draft.users]
    rooms = [_wide(row, 4) for row in draft.channels]
    draft.effect.warnings.pop("importer-row-extra-columns", None)
    draft.effect.warnings["importer-header-row"] += 2
    _move_failures(draft, 1)
    return {
        "users.csv": written(
            [["Display Name", "E-Mail", "Username"]]
            + [[name, email, username] for username, email, name in users]
        ),
        "channels.csv": written(
            [["members", "type", "name", "creator"]]
            + [[members, kind, name, by] for name, by, kind, members in rooms]
        ),
        **draft.files,
    }


def with_lists_in_workbooks(draft: TablesDraft) -> Entries:
    """Save the lists as Excel workbooks."""
    _move_failures(draft, 0, ".xlsx")
    return {
        "users.xlsx": workbook(people=_filled(draft.users)),
        "channels.xlsx": workbook(rooms=_filled(draft.channels)),
        **draft.files,
    }


def in_one_folder(draft: TablesDraft) -> Entries:
    """Put one folder around everything."""
    draft.effect.warnings["importer-top-folder"] += 1
    return {f"my export/{name}": one for name, one in _entries(draft).items()}


def with_backslashes_and_capitals(draft: TablesDraft) -> Entries:
    """Name the lists in capitals, and write paths as Windows does."""
    names = {"users.csv": "Users.CSV", "channels.csv": "CHANNELS.CSV"}
    draft.effect.failures = [
        one._replace(file=names.get(one.file, one.file))
        for one in draft.effect.failures
    ]
    return {
        names.get(name, name.replace("/", "\\")): content
        for name, content in _entries(draft).items()
    }


def in_reverse_order(draft: TablesDraft) -> Entries:
    """Put the last file first."""
    return dict(reversed(_entries(draft).items()))


PACKINGS: Final[tuple[Packing, ...]] = (
    as_documented,
    with_semicolons,
    with_all_cells_quoted,
    as_unicode_text,
    with_headers_in_another_order,
    with_lists_in_workbooks,
    in_one_folder,
    with_backslashes_and_capitals,
    in_reverse_order,
)


def _entries(
    draft: TablesDraft, *, mark: str = "", encoding: str = "utf-8", **dialect: Any
) -> Entries:
    users, rooms = (written(rows, **dialect) for rows in (draft.users, draft.channels))
    return {
        "users.csv": f"{mark}{users}".encode(encoding),
        "channels.csv": f"{mark}{rooms}".encode(encoding),
        **draft.files,
    }


def _move_failures(draft: TablesDraft, lines: int, ending: str = ".csv") -> None:
    draft.effect.failures = [
        Failure(one.file.replace(".csv", ending), one.line + lines, one.code)
        if one.file in _LISTS
        else one
        for one in draft.effect.failures
    ]


def _wide(row: Sequence[str], width: int) -> list[str]:
    return [*row, *[""] * width][:width]


def _filled(rows: Rows) -> list[list[str | None]]:
    """Return rows as workbooks have them: an empty cell holds nothing."""
    return [[cell or None for cell in row] for row in rows]
