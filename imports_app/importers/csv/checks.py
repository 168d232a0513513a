"""Checks of tables at upload, before their records are read."""

from __future__ import annotations

from typing import Final

from imports_app.errors import SourceError
from imports_app.importers.base import Report
from imports_app.importers.csv.columns import arranged
from imports_app.importers.csv.fields import Table
from imports_app.importers.csv.folders import is_table, note_unread
from imports_app.importers.csv.reading import (
    ROOT_TABLES,
    listed_rooms,
    report_single_table,
    room_of,
    single_table,
)
from imports_app.importers.csv.records import RowReader
from imports_app.importers.csv.table_sources import (
    MARKER,
    ROOTS,
    ArchiveTables,
    TableFile,
    Tables,
    WorkbookTables,
    root_of,
)
from imports_app.sources.archives import Archive

_READ_AT_UPLOAD: Final = 5_000_000
"""Maximum bytes of channels.csv: the check runs within the upload request."""
_SLACK_FILES: Final = frozenset({"users.json", "channels.json", "org_users.json"})
_MISSING: Final = {
    "users": (
        "importer-no-users-csv",
        "The archive has no users.csv at the top level. To import users, add the file.",
    ),
    "channels": (
        "importer-no-channels-csv",
        "The archive has no channels.csv at the top level. To import rooms, add the"
        " file.",
    ),
}


def note_layout(tables: Tables, report: Report) -> None:
    """Report the number of files and the missing root tables.

    Raises:
        SourceError: The source is for another importer.
    """
    if isinstance(tables, ArchiveTables):
        _note_archive(tables, report)
    elif isinstance(tables, WorkbookTables):
        report.facts["sheets"] = sum(1 for _sheet in tables.files())
    if tables.single is None:
        roots = {file.root for file in tables.files()}
        for name, missing in _MISSING.items():
            if name not in roots:
                report.warn(*missing)
    if isinstance(tables, ArchiveTables):
        _refuse_slack(tables.archive)


def check_tables(tables: Tables, report: Report) -> None:
    """Check the columns of tables, and whether folders and rooms match.

    Raises:
        SourceError: The columns of a table are not clear.
    """
    if (bare := tables.single) is not None:
        table = single_table(tables, bare)
        report_single_table(table, report)
        _check_columns(tables, bare, table)
        return
    if not tables.is_ours:
        for file in tables.files():
            if (listed := ROOT_TABLES.get(file.root)) is not None:
                _check_columns(tables, file, listed)
    _compare_folders(tables, report)


def _check_columns(tables: Tables, file: TableFile, table: Table) -> None:
    """Check the columns of a table by its first rows."""
    reader = RowReader(file.name or f"{table.value}.csv", Report())
    with tables.rows(file, reader) as rows:
        next(arranged(rows, table, reader, tables.options), None)


def _compare_folders(tables: Tables, report: Report) -> None:
    """Report folders without a room and rooms without a folder.

    Skipped if channels.csv is too large to read within the request.
    """
    lists = [file for file in tables.files() if file.root == "channels"]
    if not lists or sum(file.size for file in lists) > _READ_AT_UPLOAD:
        return
    # Problems of the rows are reported when the records are read.
    folders = listed_rooms(tables, Report())
    folders.count_empty((file.folder for file in tables.files()), report)
    for file in tables.files():
        if not file.root:
            room_of(file, folders, report)


def _note_archive(tables: ArchiveTables, report: Report) -> None:
    archive = tables.archive
    report.facts["files"] = len(archive.entries)
    report.facts["bytes unpacked"] = archive.unpacked_bytes
    if archive.top_folder is not None:
        report.warn(
            "importer-top-folder",
            f"All files are in the folder {archive.top_folder!r} instead of at the top"
            " of the archive. They were read from there.",
        )
    for entry in archive.entries:
        if "/" in entry.name:
            is_read = tables.is_ours or is_table(entry)
        else:
            is_read = root_of(entry) is not None or entry.name.lower() == MARKER.lower()
        if not is_read:
            note_unread(entry.name, report)


def _refuse_slack(archive: Archive) -> None:
    is_slack = bool(archive.root_files(_SLACK_FILES))
    if is_slack and not any(
        root_of(entry) in ROOTS for entry in archive.entries if "/" not in entry.name
    ):
        raise SourceError(
            "importer-wrong-archive",
            "This is a Slack export. Choose the importer Slack export.",
        )
