"""Reading of tables: users, contacts and rooms first, then messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Final

from imports_app.errors import SourceError
from imports_app.importers.base import Report
from imports_app.importers.csv.columns import arranged, table_of
from imports_app.importers.csv.fields import Table
from imports_app.importers.csv.folders import Folders, note_unread
from imports_app.importers.csv.records import (
    DIRECT_FOLDER,
    RowReader,
    read_channels,
    read_contacts,
    read_messages,
    read_users,
)
from imports_app.importers.csv.table_sources import TableFile, Tables
from imports_app.importers.csv.times import (
    DayOrder,
    find_day_order,
)
from imports_app.records import SourceItem
from imports_app.sources.csv_rows import BadRow, Row

ROOT_TABLES: Final = {"users": Table.USERS, "channels": Table.CHANNELS}
"""Table of each root file; contacts.csv is missing because it has its own header."""
_READERS: Final = {
    "users": read_users,
    "contacts": read_contacts,
    "channels": read_channels,
}
_LISTS: Final = {Table.USERS: "users", Table.CHANNELS: "rooms"}
BARE_MESSAGES: Final = SourceError(
    "importer-bare-messages",
    "This is a single file of messages without a room. Put it into a folder with the"
    " room's name, or into directmessages, and pack it in a ZIP archive with"
    " channels.csv and users.csv.",
)
_HEAD_ROWS: Final = 20
"""Number of rows used to detect the table."""


def read_tables(tables: Tables, report: Report) -> Iterator[SourceItem]:
    """Yield the records of a source.

    Raises:
        SourceError: The columns of a table are not clear.
    """
    if (bare := tables.single) is not None:
        table = single_table(tables, bare)
        report_single_table(table, report)
        yield from _read_root(tables, bare, table.value, report)
        return
    folders = Folders()
    for file in tables.files():
        if file.root:
            for found in _read_root(tables, file, file.root, report):
                folders.add(found, report)
                yield found
    folders.count_empty((file.folder for file in tables.files()), report)
    pairs: set[tuple[str, str]] = set()
    for file in tables.files():
        if not file.root:
            yield from _read_messages(tables, file, folders, report, pairs)


def single_table(tables: Tables, file: TableFile) -> Table:
    """Return the table of a source with one table: users or rooms.

    Raises:
        SourceError: It holds messages, or its columns are not clear.
    """
    reader = RowReader(file.name, Report())
    with tables.rows(file, reader) as rows:
        table = table_of(list(islice(rows, _HEAD_ROWS)), tables.options)
    if table in (Table.MESSAGES, Table.DIRECT):
        raise BARE_MESSAGES
    if table is None:
        raise SourceError(
            "importer-columns-unknown",
            "The columns could not be recognized. Name them in the first row (username,"
            " email, name for users; name, creator, type, members for rooms) or assign"
            " them.",
        )
    return table


def report_single_table(table: Table, report: Report) -> None:
    """Report how a source with one table was read."""
    report.warn(
        "importer-bare-csv",
        f"This single file was read as a list of {_LISTS[table]}. To import messages"
        " too, pack all files in a ZIP archive.",
    )


def room_of(file: TableFile, folders: Folders, report: Report) -> str | None:
    """Return the import ID of a file's room; `None` for direct messages."""
    if is_direct(file):
        return None
    room = folders.room_of(file.folder)
    if room is None:
        report.warn(
            "importer-folder-without-room",
            "The room of this folder is not in channels.csv, so its messages will fail."
            " Add the room to channels.csv.",
            file=file.name,
        )
        return f"csv-unlisted-{file.folder}"
    return room


def is_direct(file: TableFile) -> bool:
    """Return whether a file holds direct messages."""
    return file.folder.lower() == DIRECT_FOLDER


def listed_rooms(tables: Tables, report: Report) -> Folders:
    """Return the rooms of channels.csv by folder name."""
    folders = Folders()
    for file in tables.files():
        if file.root == "channels":
            for found in _read_root(tables, file, file.root, report):
                folders.add(found, report)
    return folders


def _read_root(
    tables: Tables, file: TableFile, root: str, report: Report
) -> Iterator[SourceItem]:
    reader = RowReader(file.name or f"{root}.csv", report, is_ours=tables.is_ours)
    table = ROOT_TABLES.get(root)
    with tables.rows(file, reader) as rows:
        if table is not None and not tables.is_ours:
            rows = arranged(rows, table, reader, tables.options)
        yield from _READERS[root](rows, reader)


def _read_messages(
    tables: Tables,
    file: TableFile,
    folders: Folders,
    report: Report,
    pairs: set[tuple[str, str]],
) -> Iterator[SourceItem]:
    reader = RowReader(file.name, report, is_ours=tables.is_ours)
    room = room_of(file, folders, report)
    table = Table.DIRECT if room is None else Table.MESSAGES
    with tables.rows(file, reader) as rows:
        if not (tables.is_ours or file.is_sure):
            head = list(islice(rows, _HEAD_ROWS))
            if all(len(row.cells) < 2 for row in head):
                note_unread(file.name, report)
                return
            rows = chain(head, rows)
        if not tables.is_ours:
            rows = arranged(rows, table, reader, tables.options)
        yield from read_messages(
            rows,
            reader,
            room=room,
            pairs=pairs,
            find_order=partial(_day_order, tables, file, table),
        )


def _day_order(tables: Tables, file: TableFile, table: Table) -> DayOrder | None:
    """Detect the order of day and month from all times of a file."""
    column = 1 if table is Table.MESSAGES else 2
    reader = RowReader(file.name, Report())
    with tables.rows(file, reader) as rows:
        if not tables.is_ours:
            rows = arranged(rows, table, reader, tables.options)
        return find_day_order(_cells(rows, column))


def _cells(rows: Iterable[Row | BadRow], column: int) -> Iterator[str]:
    return (row.cells[column] for row in rows if len(row.cells) > column)
