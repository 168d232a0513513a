"""The CSV importer: one archive of CSV files (importers.md 2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

from config.csv_cells import unsafe_cell
from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext, Importer, Report
from imports_app.importers.csv_guide import CSV_GUIDE
from imports_app.importers.csv_records import (
    DIRECT_FOLDER,
    RowReader,
    read_channels,
    read_contacts,
    read_messages,
    read_users,
)
from imports_app.importers.guide import Guide
from imports_app.records import ChannelRecord, Found
from imports_app.sources.archives import Archive, Entry, looks_like_zip, opened_file
from imports_app.sources.csv_rows import BadRow, Row, read_rows
from imports_app.sources.text_files import refuse_what_is_no_table

MARKER: Final = "FAILURES.txt"
"""A root file by which an archive of failures, written by us, is known."""
_ROOT_READERS: Final = {
    "users.csv": read_users,
    "contacts.csv": read_contacts,
    "channels.csv": read_channels,
}
_MISSING: Final = {
    "users.csv": (
        "importer-no-users-csv",
        "There is no users.csv at the top of the archive.",
    ),
    "channels.csv": (
        "importer-no-channels-csv",
        "There is no channels.csv at the top of the archive.",
    ),
}
_WANTED: Final = "a ZIP archive of CSV files"
_READ_AT_UPLOAD: Final = 5_000_000
"""Bytes of channels.csv; somebody waits for the answer."""
_SLACK_FILES: Final = frozenset({"users.json", "channels.json", "org_users.json"})


class CsvImporter(Importer):
    """Reads users.csv, channels.csv, contacts.csv and a folder for each room."""

    key: ClassVar[str] = "csv"
    name: ClassVar[str] = "CSV"
    guide: ClassVar[Guide | None] = CSV_GUIDE
    names_people_by_username: ClassVar[bool] = True

    def read(self, context: ImportContext) -> Iterator[Found]:
        """Yield users, contacts and rooms, then the messages.

        Raises:
            SourceError: The file is no such archive, or nothing is in it.
        """
        path = _path_of(context)
        is_empty = True
        found = (
            _read_archive(path, context)
            if looks_like_zip(path)
            else _read_bare(path, context.report)
        )
        for one in found:
            is_empty = False
            yield one
        if is_empty:
            raise SourceError(
                "importer-nothing-found",
                "There are no users, rooms or messages in the file: put users.csv,"
                " channels.csv and a folder for each room at the top of the archive.",
            )

    def check(self, context: ImportContext) -> None:
        """Note what kind of file it is, and what does not fit together in it."""
        try:
            path = _path_of(context)
            if not looks_like_zip(path):
                with opened_file(path) as stream:
                    refuse_what_is_no_table(stream.read(4096), wanted=_WANTED)
                _warn_of_bare_file(context.report)
                return
            with Archive(path, context.limits) as archive:
                _note_layout(archive, context.report)
                _refuse_slack(archive)
                _compare_folders(archive, context.report)
        except SourceError as error:
            context.report.warn(str(error.code), error.message)


def _path_of(context: ImportContext) -> Path:
    if context.path is None:
        raise SourceError("importer-file-missing", "There is no file: upload one.")
    return context.path


def _read_bare(path: Path, report: Report) -> Iterator[Found]:
    """Read one CSV file as if it were users.csv."""
    with opened_file(path) as stream:
        refuse_what_is_no_table(stream.read(4096), wanted=_WANTED)
    _warn_of_bare_file(report)
    with opened_file(path) as stream:
        reader = RowReader("users.csv", report)
        yield from read_users(_rows(stream, reader), reader)


def _read_archive(path: Path, context: ImportContext) -> Iterator[Found]:
    report = context.report
    with Archive(path, context.limits) as archive:
        _note_layout(archive, report)
        _refuse_slack(archive)
        is_ours = _is_ours(archive)
        rooms: dict[str, str] = {}
        for entry in archive.entries:
            read = _ROOT_READERS.get(entry.name.lower())
            if read is None:
                continue
            with archive.read(entry) as stream:
                reader = RowReader(entry.name, report, extra=2 if is_ours else 0)
                for found in read(_rows(stream, reader, is_ours=is_ours), reader):
                    if isinstance(found.record, ChannelRecord):
                        _remember(rooms, found, report)
                    yield found
        _count_rooms_without_folder(rooms, archive, report)
        pairs: set[tuple[str, str]] = set()
        for entry in archive.entries:
            folder, slash, _name = entry.name.partition("/")
            if not slash:
                continue
            room = _room_of(folder, rooms, entry, report)
            with archive.read(entry) as stream:
                reader = RowReader(entry.name, report, extra=2 if is_ours else 0)
                rows = _rows(stream, reader, is_ours=is_ours)
                yield from read_messages(rows, reader, room=room, pairs=pairs)


def _is_ours(archive: Archive) -> bool:
    return any(entry.name == MARKER for entry in archive.entries)


def _rows(
    stream: BinaryIO, reader: RowReader, *, is_ours: bool = False
) -> Iterator[Row | BadRow]:
    def warn(code: str, message: str, line: int) -> None:
        reader.report.warn(code, message, file=reader.file, line=line)

    rows = read_rows(stream, warn)
    return map(_unmarked, rows) if is_ours else rows


def _unmarked(row: Row | BadRow) -> Row | BadRow:
    """Take away the apostrophes that we wrote for spreadsheets."""
    row.cells[:] = map(unsafe_cell, row.cells)
    return row


def _remember(rooms: dict[str, str], found: Found, report: Report) -> None:
    """Note which room a folder of messages belongs to."""
    record = found.record
    if not isinstance(record, ChannelRecord) or record.name is None:
        return
    first = rooms.setdefault(record.name, record.import_ids[0])
    if first != record.import_ids[0]:
        report.warn(
            "importer-ambiguous-folder",
            "Two rooms have the same name: the messages in the folder of this name go"
            " to the one that is listed first. Rename one of them.",
            file=found.file,
            line=found.line,
        )


def _room_of(
    folder: str, rooms: dict[str, str], entry: Entry, report: Report
) -> str | None:
    """Return the import id of a folder's room; `None` for direct messages."""
    if folder.lower() == DIRECT_FOLDER:
        return None
    if folder not in rooms:
        report.warn(
            "importer-folder-without-room",
            "channels.csv does not list the room of this folder, so its messages will"
            " fail: list the room.",
            file=entry.name,
        )
        return f"csv-unlisted-{folder}"
    return rooms[folder]


def _compare_folders(archive: Archive, report: Report) -> None:
    """Note which folders and rooms don't belong together, if it takes no time."""
    lists = [one for one in archive.entries if one.name.lower() == "channels.csv"]
    if not lists or sum(entry.size for entry in lists) > _READ_AT_UPLOAD:
        return
    rooms: dict[str, str] = {}
    rest = Report()  # what is odd about the rows is told once they are read for good
    for entry in lists:
        with archive.read(entry) as stream:
            reader = RowReader(entry.name, rest)
            rows = _rows(stream, reader, is_ours=_is_ours(archive))
            for found in read_channels(rows, reader):
                _remember(rooms, found, rest)
    _count_rooms_without_folder(rooms, archive, report)
    for entry in archive.entries:
        folder, slash, _name = entry.name.partition("/")
        if slash:
            _room_of(folder, rooms, entry, report)


def _count_rooms_without_folder(
    rooms: dict[str, str], archive: Archive, report: Report
) -> None:
    folders = {entry.name.partition("/")[0] for entry in archive.entries}
    if empty := rooms.keys() - folders:
        report.count("rooms without folder", len(empty))


def _refuse_slack(archive: Archive) -> None:
    is_slack = bool(archive.root_files(_SLACK_FILES))
    if is_slack and not archive.root_files(_ROOT_READERS):
        raise SourceError(
            "importer-wrong-archive",
            "This is a Slack export: choose the importer for Slack.",
        )


def _warn_of_bare_file(report: Report) -> None:
    report.warn(
        "importer-bare-csv",
        "The file is no archive; it was read as users.csv. Pack rooms and messages with"
        " it in a ZIP archive.",
    )


def _note_layout(archive: Archive, report: Report) -> None:
    """Note how much there is, and what is missing at the top."""
    report.facts["files"] = len(archive.entries)
    report.facts["bytes unpacked"] = archive.unpacked_bytes
    if archive.top_folder is not None:
        report.warn(
            "importer-top-folder",
            f"Everything lies in one folder, {archive.top_folder!r}, instead of at the"
            " top; it was read all the same.",
        )
    names = archive.root_files(_MISSING)
    for name, (code, message) in _MISSING.items():
        if name not in names:
            report.warn(code, message)
