"""Untrusted Excel workbooks (.xlsx), read row by row.

A workbook is a ZIP archive of XML files. openpyxl trusts both, so it only gets a copy
in which every part has passed the checks.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self

from config.units import format_bytes
from imports_app.errors import SourceError
from imports_app.sources.archives import Archive
from imports_app.sources.csv_rows import BadRow, Row
from imports_app.sources.xml_parts import XmlBudget, copy_checked

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook as Book

WORKBOOK_PART: Final = "xl/workbook.xml"
"""Entry that identifies an archive as a workbook."""
MOST_COLUMNS: Final = 100
_MOST_ROWS: Final = 1_048_576
"""Excel's own limit."""
_MOST_BYTES: Final = 150_000_000
"""Maximum unpacked bytes of all parts."""
_ERROR: Final = "e"
"""Type of cells with an error such as #N/A."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Sheet of a workbook."""

    name: str
    is_hidden: bool


class Workbook:
    """Workbook that has passed all checks; a context manager."""

    def __init__(self, archive: Archive) -> None:
        """Check the parts and open the workbook.

        Raises:
            SourceError: The workbook is damaged or exceeds a limit.
        """
        with ExitStack() as stack:
            copy = stack.enter_context(tempfile.TemporaryFile())
            self.uncalculated = _pack_checked(archive, copy)
            """Number of formulas without a stored result, whose cells are empty."""
            self._book = stack.enter_context(closing(_opened(copy)))
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @property
    def sheets(self) -> list[Sheet]:
        """The sheets with cells, in order."""
        return [
            Sheet(sheet.title, is_hidden=sheet.sheet_state != "visible")
            for sheet in self._book.worksheets
        ]

    def rows(self, name: str) -> Iterator[Row | BadRow]:
        """Yield the rows of a sheet that are not empty, with their numbers.

        Raises:
            SourceError: The sheet is damaged.
        """
        from openpyxl.cell.read_only import EMPTY_CELL

        sheet: Any = self._book[name]
        sheet.reset_dimensions()  # they may be wrong in the file
        cells = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=_MOST_ROWS)
        number, nothing = 0, None
        while True:
            try:
                row = next(cells, None)
            except Exception as error:  # openpyxl raises many types of errors
                raise _damaged() from error
            if row is None:
                return
            number += 1
            if row is nothing:  # gap of up to a million rows
                continue
            if (found := _row(number, row, EMPTY_CELL)) is not None:
                yield found
            else:
                nothing = row


def is_workbook(archive: Archive) -> bool:
    """Return whether an archive is a workbook."""
    return any(entry.name == WORKBOOK_PART for entry in archive.entries)


def _pack_checked(archive: Archive, copy: BinaryIO) -> int:
    """Check the XML parts of a workbook while copying them to another archive."""
    if archive.unpacked_bytes > _MOST_BYTES:
        raise SourceError(
            "importer-workbook-too-large",
            f"The workbook is {format_bytes(archive.unpacked_bytes)} when unpacked,"
            f" but the limit is {format_bytes(_MOST_BYTES)}. Save its sheets as CSV in"
            " UTF-8.",
        )
    budget = XmlBudget()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for entry in archive.entries:
            with (
                archive.read(entry) as stream,
                packed.open(entry.name, "w", force_zip64=True) as part,
            ):
                copy_checked(stream, part, budget)
    return budget.uncalculated


def _opened(copy: BinaryIO) -> Book:
    from openpyxl import load_workbook  # slow to import, and rarely needed

    try:
        return load_workbook(copy, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises many types of errors
        raise _damaged() from error


def _row(number: int, cells: tuple[Any, ...], empty: object) -> Row | BadRow | None:
    """Convert a row to texts; `None` if it is empty."""
    filled = [index for index, cell in enumerate(cells) if cell is not empty]
    texts = [text_of(cell.value) for cell in cells[: filled[-1] + 1 if filled else 0]]
    if not any(texts):
        return None
    for index in filled:
        if cells[index].data_type == _ERROR:
            return BadRow(
                number,
                texts,
                "importer-cell-error",
                f"A cell contains Excel's error {texts[index][:20]}. Correct its"
                " formula.",
            )
    return Row(number, texts)


def text_of(value: Any) -> str:
    """Return the value of a cell as a CSV text; times in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _unescaped(value) if "_x" in value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _unescaped(text: str) -> str:
    from openpyxl.utils.escape import unescape

    return str(unescape(text)).replace("\r\n", "\n").replace("\r", "\n")


def _damaged() -> SourceError:
    return SourceError(
        "importer-workbook-damaged",
        "The workbook can't be read. Open it in Excel or LibreOffice and save it again,"
        " or save its sheets as CSV in UTF-8.",
    )
