"""Where tables come from: an archive of files, a workbook, or one file alone."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from config.files.csv_cells import unsafe_cell
from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext
from imports_app.importers.csv.folders import is_table, is_workbook_name, note_unread
from imports_app.importers.csv.records import RowReader
from imports_app.importers.reading_options import ReadingOptions
from imports_app.sources.archives import Archive, looks_like_zip, opened_file
from imports_app.sources.csv_rows import BadRow, Row, read_rows
from imports_app.sources.entry_table import Entry
from imports_app.sources.file_types import refuse_what_is_no_table
from imports_app.sources.limits import ArchiveLimits
from imports_app.sources.workbooks import Workbook, is_workbook

MARKER: Final = "FAILURES.txt"
"""A root file by which an archive of failures, written by us, is known."""
ROOTS: Final = ("users", "channels", "contacts")
"""The names of tables that are no messages."""
_MOST_WORKBOOKS: Final = 1_000
"""Each is checked and copied before its first row is read."""
_OPENED_AT_ONCE: Final = 2_000_000
"""Bytes of a workbook, unpacked."""
_WANTED: Final = "a ZIP archive of CSV files, or an Excel workbook"


Rows = Iterator[Row | BadRow]


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file, or a sheet, with the rows of one table."""

    name: str
    """What people are told of its place."""
    folder: str
    """The room's name; empty for users, channels and contacts."""
    root: str = ""
    """Which of `ROOTS` it is."""
    size: int = 0
    """Bytes, if they are known."""
    is_sure: bool = True
    """Whether its name says that it is a table."""
    entry: Entry | None = None


class Tables(ABC):
    """The tables of one source."""

    options: ReadingOptions
    is_ours: bool = False
    """Whether this server wrote it: an archive of failed records."""

    @abstractmethod
    def files(self) -> Iterator[TableFile]:
        """Yield the tables, in the source's order."""

    @abstractmethod
    @contextmanager
    def rows(self, file: TableFile, reader: RowReader) -> Iterator[Rows]:
        """Open a table, for as long as the block lasts."""

    @property
    def bare(self) -> TableFile | None:
        """The only table, if nothing but its columns says what it is."""
        return None


class ArchiveTables(Tables):
    """Files of an archive: tables at its top, and a folder for each room."""

    def __init__(self, archive: Archive, context: ImportContext) -> None:
        self.archive = archive
        self.is_ours = any(entry.name == MARKER for entry in archive.entries)
        self.options = ReadingOptions() if self.is_ours else context.options
        self._limits = context.limits

    def files(self) -> Iterator[TableFile]:
        """Yield the files that may be tables.

        Raises:
            SourceError: There are too many workbooks.
        """
        workbooks = 0
        for entry in self.archive.entries:
            workbooks += is_workbook_name(entry)
            if workbooks > _MOST_WORKBOOKS:
                raise SourceError(
                    "importer-workbook-too-large",
                    f"The archive has more than {_MOST_WORKBOOKS:,} workbooks: save"
                    " them as CSV in UTF-8.",
                )
            folder, slash, _rest = entry.name.partition("/")
            if slash:
                if self.is_ours or is_table(entry):
                    is_sure = entry.name.lower().endswith((".csv", ".xlsx", ".xlsm"))
                    yield TableFile(entry.name, folder, "", entry.size, is_sure, entry)
            elif (root := root_of(entry)) is not None:
                yield TableFile(entry.name, "", root, entry.size, entry=entry)

    @contextmanager
    def rows(self, file: TableFile, reader: RowReader) -> Iterator[Rows]:
        """Open a file; a workbook has its rows in the first sheet."""
        if file.entry is None:
            raise ValueError(file)
        with self.archive.read(file.entry) as stream:
            if not is_workbook_name(file.entry):
                rows = text_rows(stream, reader, self.options)
                yield map(_unmarked, rows) if self.is_ours else rows
                return
            with ExitStack() as stack:
                yield _survivable(_workbook_rows(stream, reader, self._limits, stack))


class WorkbookTables(Tables):
    """Sheets of a workbook; those with other names than `ROOTS` are rooms."""

    def __init__(self, book: Workbook, context: ImportContext) -> None:
        self._book = book
        self.options = context.options
        if book.uncalculated:
            note_formulas(book, RowReader("", context.report))

    def files(self) -> Iterator[TableFile]:
        """Yield the sheets that are not hidden."""
        for sheet in self._book.sheets:
            if not sheet.is_hidden:
                root = sheet.name.strip().lower()
                is_root = root in ROOTS
                yield TableFile(
                    f"sheet {sheet.name}",
                    "" if is_root else sheet.name,
                    root if is_root else "",
                )

    @contextmanager
    def rows(self, file: TableFile, reader: RowReader) -> Iterator[Rows]:
        """Open a sheet."""
        yield self._book.rows(file.name.removeprefix("sheet "))

    @property
    def bare(self) -> TableFile | None:
        """The only sheet, if it is named like no table."""
        files = list(self.files())
        return files[0] if len(files) == 1 and not files[0].root else None


class BareTables(Tables):
    """A single file that is not an archive."""

    def __init__(self, path: Path, context: ImportContext) -> None:
        self._path = path
        self.options = context.options

    def files(self) -> Iterator[TableFile]:
        """Yield the file."""
        yield self.bare

    @contextmanager
    def rows(self, file: TableFile, reader: RowReader) -> Iterator[Rows]:
        """Open the file."""
        with opened_file(self._path) as stream:
            yield text_rows(stream, reader, self.options)

    @property
    def bare(self) -> TableFile:
        """The file."""
        return TableFile("", "")


@contextmanager
def open_tables(path: Path, context: ImportContext) -> Iterator[Tables]:
    """Open a source of tables, for as long as the block lasts.

    Raises:
        SourceError: It is none, is damaged, or over a limit.
    """
    if not looks_like_zip(path):
        with opened_file(path) as stream:
            refuse_what_is_no_table(stream.read(4096), wanted=_WANTED)
        yield BareTables(path, context)
        return
    with Archive(path, context.limits) as archive:
        if not is_workbook(archive):
            yield ArchiveTables(archive, context)
            return
        with Workbook(archive) as book:
            for sheet in book.sheets:
                if sheet.is_hidden:
                    note_unread(f"sheet {sheet.name} (hidden)", context.report)
            yield WorkbookTables(book, context)


def is_slow_to_open(path: Path, limits: ArchiveLimits) -> bool:
    """Return whether a file is a workbook that is too large to open in a request.

    Raises:
        SourceError: It can't be read.
    """
    if not looks_like_zip(path):
        return False
    with Archive(path, limits) as archive:
        return is_workbook(archive) and archive.unpacked_bytes > _OPENED_AT_ONCE


def root_of(entry: Entry) -> str | None:
    """Return which table at the top an entry is, by its name."""
    stem, dot, ending = entry.name.lower().rpartition(".")
    is_root = dot and ending in ("csv", "xlsx", "xlsm") and stem in ROOTS
    return stem if is_root else None


def text_rows(stream: BinaryIO, reader: RowReader, options: ReadingOptions) -> Rows:
    """Return the rows of a text file, and note what is guessed of it."""

    def guess(code: str, message: str, line: int) -> None:
        reader.report.guess(code, message, file=reader.file, line=line)

    return read_rows(
        stream, guess, delimiter=options.delimiter, encoding=options.encoding
    )


def note_formulas(book: Workbook, reader: RowReader) -> None:
    """Say that cells seem empty."""
    reader.report.warn(
        "importer-formulas-not-calculated",
        f"{book.uncalculated:,} formulas have no stored result, so their cells were"
        " read as empty: open the workbook in Excel or LibreOffice, save it, and import"
        " it again.",
        file=reader.file,
    )


_DAMAGED: Final = frozenset({"importer-zip-damaged", "importer-not-a-zip"})
_NO_WORKBOOK: Final = SourceError(
    "importer-workbook-damaged", "The file is no Excel workbook: save it again."
)


def _workbook_rows(
    stream: BinaryIO, reader: RowReader, limits: ArchiveLimits, stack: ExitStack
) -> Rows:
    """Yield the rows of the first sheet that is not hidden."""
    file = stack.enter_context(_copied(stream))
    try:
        archive = stack.enter_context(Archive.of_file(file, reader.file, limits))
    except SourceError as error:
        if error.code in _DAMAGED:
            raise _NO_WORKBOOK from error
        raise
    if not is_workbook(archive):
        raise _NO_WORKBOOK
    book = stack.enter_context(Workbook(archive))
    if book.uncalculated:
        note_formulas(book, reader)
    sheets = [sheet.name for sheet in book.sheets if not sheet.is_hidden]
    if len(sheets) > 1:
        reader.report.warn(
            "importer-sheets-unread",
            "Only the first sheet of a workbook in an archive is read.",
            file=reader.file,
        )
    if sheets:
        yield from book.rows(sheets[0])


@contextmanager
def _copied(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Copy an entry to a file that can be read in any order."""
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        yield file


def _survivable(rows: Rows) -> Rows:
    """Yield rows; a workbook that can't be read is one bad row, not the end of all."""
    try:
        yield from rows
    except SourceError as error:
        yield BadRow(1, [], str(error.code), error.message)


def _unmarked(row: Row | BadRow) -> Row | BadRow:
    """Take away the apostrophes that we wrote for spreadsheets."""
    row.cells[:] = map(unsafe_cell, row.cells)
    return row
