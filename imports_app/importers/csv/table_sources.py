"""Sources of tables: an archive of files, a workbook, or a single file."""

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
from imports_app.sources.archives import Archive, looks_like_zip, open_file
from imports_app.sources.csv_rows import BadRow, Row, read_rows
from imports_app.sources.entry_table import Entry
from imports_app.sources.file_types import refuse_other_file_types
from imports_app.sources.limits import ArchiveLimits
from imports_app.sources.workbooks import Workbook, is_workbook

MARKER: Final = "FAILURES.txt"
"""Root file that marks an archive of failed records, written by this server."""
ROOTS: Final = ("users", "channels", "contacts")
"""Names of the root tables, which hold no messages."""
_MOST_WORKBOOKS: Final = 1_000
"""Maximum number of workbooks: each is checked and copied before it is read."""
_OPENED_AT_ONCE: Final = 2_000_000
"""Maximum unpacked bytes of a workbook that is opened within a request."""
_WANTED: Final = "a ZIP archive of CSV files, or an Excel workbook"


Rows = Iterator[Row | BadRow]


@dataclass(frozen=True, slots=True)
class TableFile:
    """File or sheet that holds one table."""

    name: str
    """Name for messages."""
    folder: str
    """The room's name; empty for users, channels and contacts."""
    root: str = ""
    """Entry of `ROOTS`, or empty."""
    size: int = 0
    """Bytes, if known."""
    is_sure: bool = True
    """Whether the name is that of a table."""
    entry: Entry | None = None


class Tables(ABC):
    """Base class of the tables of a source."""

    options: ReadingOptions
    is_ours: bool = False
    """Whether this server wrote the source, as a download of failed records."""

    @abstractmethod
    def files(self) -> Iterator[TableFile]:
        """Yield the tables, in the source's order."""

    @abstractmethod
    @contextmanager
    def rows(self, file: TableFile, reader: RowReader) -> Iterator[Rows]:
        """Open a table, for as long as the block lasts."""

    @property
    def single(self) -> TableFile | None:
        """The only table, if just its columns identify it."""
        return None


class ArchiveTables(Tables):
    """Files of an archive: root tables, and a folder for each room."""

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
                    f"The archive has more than {_MOST_WORKBOOKS:,} workbooks. Save"
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
        """Open a file; of a workbook, the first sheet is read."""
        if file.entry is None:
            raise ValueError(file)
        with self.archive.read(file.entry) as stream:
            if not is_workbook_name(file.entry):
                rows = text_rows(stream, reader, self.options)
                yield map(_unescaped, rows) if self.is_ours else rows
                return
            with ExitStack() as stack:
                rows = _workbook_rows(stream, reader, self._limits, stack)
                yield _without_errors(rows)


class WorkbookTables(Tables):
    """Sheets of a workbook; sheets not named like a root table are rooms."""

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
    def single(self) -> TableFile | None:
        """The only sheet, if it is not named like a root table."""
        files = list(self.files())
        return files[0] if len(files) == 1 and not files[0].root else None


class SingleFile(Tables):
    """A single file that is not an archive."""

    def __init__(self, path: Path, context: ImportContext) -> None:
        self._path = path
        self.options = context.options

    def files(self) -> Iterator[TableFile]:
        """Yield the file."""
        yield self.single

    @contextmanager
    def rows(self, file: TableFile, reader: RowReader) -> Iterator[Rows]:
        """Open the file."""
        with open_file(self._path) as stream:
            yield text_rows(stream, reader, self.options)

    @property
    def single(self) -> TableFile:
        """The file."""
        return TableFile("", "")


@contextmanager
def open_tables(path: Path, context: ImportContext) -> Iterator[Tables]:
    """Open a source of tables, as a context manager.

    Raises:
        SourceError: The file is not a source of tables, is damaged, or exceeds a limit.
    """
    if not looks_like_zip(path):
        with open_file(path) as stream:
            head = stream.read(4096)
            refuse_other_file_types(head, context.file_name, wanted=_WANTED)
        yield SingleFile(path, context)
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
        SourceError: The file can't be read.
    """
    if not looks_like_zip(path):
        return False
    with Archive(path, limits) as archive:
        return is_workbook(archive) and archive.unpacked_bytes > _OPENED_AT_ONCE


def root_of(entry: Entry) -> str | None:
    """Return the root table that an entry is, by its name, or `None`."""
    stem, dot, ending = entry.name.lower().rpartition(".")
    is_root = dot and ending in ("csv", "xlsx", "xlsm") and stem in ROOTS
    return stem if is_root else None


def text_rows(stream: BinaryIO, reader: RowReader, options: ReadingOptions) -> Rows:
    """Return the rows of a text file and report the guesses made."""

    def guess(code: str, message: str, line: int) -> None:
        reader.report.guess(code, message, file=reader.file, line=line)

    return read_rows(
        stream, guess, delimiter=options.delimiter, encoding=options.encoding
    )


def note_formulas(book: Workbook, reader: RowReader) -> None:
    """Report formulas without a stored result."""
    reader.report.warn(
        "importer-formulas-not-calculated",
        f"Formulas without a stored result: {book.uncalculated:,}. Their cells were"
        " read as empty. Open the workbook in Excel or LibreOffice, save it, and import"
        " it again.",
        file=reader.file,
    )


_DAMAGED: Final = frozenset({"importer-zip-damaged", "importer-not-a-zip"})
_NO_WORKBOOK: Final = SourceError(
    "importer-workbook-damaged",
    "The file is not an Excel workbook. Open it in Excel or"
    " LibreOffice and save it as .xlsx.",
)


def _workbook_rows(
    stream: BinaryIO, reader: RowReader, limits: ArchiveLimits, stack: ExitStack
) -> Rows:
    """Yield the rows of the first sheet that is not hidden."""
    file = stack.enter_context(_copied(stream))
    try:
        archive = stack.enter_context(Archive.from_file(file, reader.file, limits))
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
            "Only the first sheet of a workbook in an archive was read. Save the other"
            " sheets as separate files.",
            file=reader.file,
        )
    if sheets:
        yield from book.rows(sheets[0])


@contextmanager
def _copied(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Copy an entry to a temporary file with random access."""
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        yield file


def _without_errors(rows: Rows) -> Rows:
    """Yield rows; turn a workbook that can't be read into one bad row."""
    try:
        yield from rows
    except SourceError as error:
        yield BadRow(1, [], str(error.code), error.message)


def _unescaped(row: Row | BadRow) -> Row | BadRow:
    """Remove the apostrophes that this server wrote to protect spreadsheets."""
    row.cells[:] = map(unsafe_cell, row.cells)
    return row
