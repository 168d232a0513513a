"""The CSV importer: tables of users, rooms and messages (importers.md 2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext, Importer
from imports_app.importers.csv.checks import check_tables, note_layout
from imports_app.importers.csv.guide import CSV_GUIDE
from imports_app.importers.csv.reading import read_tables
from imports_app.importers.csv.table_sources import is_slow_to_open, open_tables
from imports_app.importers.guide import Guide
from imports_app.records import SourceItem


class CsvImporter(Importer):
    """Importer for tables of users, channels, contacts and messages."""

    key: ClassVar[str] = "csv"
    name: ClassVar[str] = "CSV"
    guide: ClassVar[Guide | None] = CSV_GUIDE
    identifies_users_by_username: ClassVar[bool] = True
    options: ClassVar[frozenset[str]] = frozenset({"delimiter", "encoding", "columns"})

    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield users, contacts and rooms, then the messages.

        Raises:
            SourceError: The file can't be read, or has no records.
        """
        is_empty = True
        with open_tables(_path_of(context), context) as tables:
            note_layout(tables, context.report)
            for found in read_tables(tables, context.report):
                is_empty = False
                yield found
        if is_empty:
            raise SourceError(
                "importer-nothing-found",
                "The file contains no users, rooms or messages. Put users.csv,"
                " channels.csv and a folder for each room at the top of the archive.",
            )

    def check(self, context: ImportContext) -> None:
        """Report the file's layout and tables that do not match each other."""
        try:
            path = _path_of(context)
            if is_slow_to_open(path, context.limits):
                return
            with open_tables(path, context) as tables:
                note_layout(tables, context.report)
                check_tables(tables, context.report)
        except SourceError as error:
            context.report.warn(str(error.code), error.message)


def _path_of(context: ImportContext) -> Path:
    if context.path is None:
        raise SourceError(
            "importer-file-missing", "The import has no file. Upload one."
        )
    return context.path
