"""Export failed records as an archive that the CSV importer accepts."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import IO, Any, Final

from django.db.models import F, QuerySet

from config.db.bulk import in_chunks
from config.files.csv_cells import safe_cell
from imports_app.importers.csv.records import room_id
from imports_app.importers.csv.table_sources import MARKER
from imports_app.importers.csv.values import ACTIVE, DEACTIVATED
from imports_app.models import Correction, ImportOperation, ImportRecord, RoomImportId
from imports_app.records import Kind, RoomType

_EXPLANATION: Final = """\
These are the records that failed, in the layout of a CSV import.

The last two columns of each row contain the error code and the reason. Correct the
rows and upload the archive again; the importer ignores the two columns. Rows of
channels.csv without a code are imported rooms with failed messages.

Cells that a spreadsheet would treat as a formula start with an apostrophe. The importer
removes the apostrophe as long as this file is in the archive.
"""
_ROOT_FILES: Final = {
    Kind.USER: "users.csv",
    Kind.CONTACT: "contacts.csv",
    Kind.CHANNEL: "channels.csv",
    Kind.FILE: "files.csv",
    Kind.AVATAR: "pictures.csv",
}
_WIDTHS: Final = {
    Kind.USER: 4,
    Kind.CHANNEL: 4,
    Kind.CONTACT: 5,
    Kind.FILE: 2,
    Kind.AVATAR: 2,
}
_DIRECT_FOLDER: Final = "directmessages"
_LONGEST_ORIGINAL: Final = 1_000
"""Maximum characters of the original row next to a corrected one."""
_IN_MEMORY: Final = 10_000_000


def write_failures(operation: ImportOperation) -> IO[bytes]:
    """Write the archive and return it, opened for reading."""
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller reads it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MARKER, _EXPLANATION)
        failed = ImportRecord.objects.filter(operation=operation, outcome="failed")
        corrections = Correction.objects.of_operation(operation.pk)
        corrected = {one.record_id: one for one in corrections.iterator()}
        folders: dict[str, str] = {}
        rooms = _rooms_of(failed, folders)
        place = F("source_line").asc(nulls_first=True)
        rows = failed.order_by("kind", "source_file", place, "id").iterator()
        for name, records in groupby(rows, lambda record: _file_of(record, folders)):
            cells = _rows(name, records, corrected)
            if name == _ROOT_FILES[Kind.CHANNEL]:
                cells, rooms = chain(cells, rooms), []
            _write(archive, name, cells)
        if rooms:
            _write(archive, _ROOT_FILES[Kind.CHANNEL], rooms)
    file.seek(0)
    return file


def _write(archive: zipfile.ZipFile, name: str, rows: Iterable[list[str]]) -> None:
    with (
        archive.open(name, "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, "utf-8", newline="") as text,
    ):
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for cells in rows:
            writer.writerow(map(safe_cell, cells))


def _rooms_of(
    failed: QuerySet[ImportRecord], folders: dict[str, str]
) -> list[list[str]]:
    """Return rows for imported rooms with failed messages.

    Messages without their room would fail again. A room whose import ID is not derived
    from its name is listed under its current name, because another room of the source
    may have the original name.

    Args:
        failed: The failed records.
        folders: Receives the new names of renamed folders.
    """
    messages = failed.filter(kind=Kind.MESSAGE).order_by()
    wanted: dict[str, str] = {}
    for name, room in messages.values_list("source_file", "data__room").distinct():
        folder = name.partition("/")[0]
        ids = [room_id(folder, is_private=is_private) for is_private in (False, True)]
        wanted |= dict.fromkeys([room] if room else ids, folder)
    known = RoomImportId.objects.select_related("room")
    rows = set()
    for chunk in in_chunks(wanted):
        for one in known.filter(value__in=chunk):
            if one.room.type not in _ACCESS:
                continue
            folder = wanted[one.value]
            if not one.value.startswith(_CSV_IDS):
                folders[folder] = folder = one.room.name or folder
            rows.add((folder, _ACCESS[RoomType(one.room.type)]))
    return [[folder, "", access, "", "", ""] for folder, access in sorted(rows)]


_ACCESS: Final = {RoomType.PUBLIC: "public", RoomType.PRIVATE: "private"}
"""Direct messages are named after their members and not listed."""


_STATUS: Final = {None: "", False: ACTIVE, True: DEACTIVATED}
"""Status in the fourth column of users, by whether they are deactivated."""
_CSV_IDS: Final = ("csv-c-", "csv-p-")
"""Prefixes of import IDs that are derived from names."""


def _file_of(record: ImportRecord, folders: Mapping[str, str]) -> str:
    """Return the name in the archive of a record's file."""
    kind = Kind(record.kind)
    if kind is not Kind.MESSAGE:
        return _ROOT_FILES[kind]
    folder, _slash, name = record.source_file.partition("/")
    renamed = folders.get(folder, folder)
    if renamed != folder:
        name = f"{folder}-{name}"  # keeps equal names of two folders apart
    return f"{renamed}/{name or 'messages.csv'}"


def _rows(
    name: str, records: Iterator[ImportRecord], corrected: Mapping[int, Correction]
) -> Iterator[list[str]]:
    is_direct = name.partition("/")[0].lower() == _DIRECT_FOLDER
    if name == _ROOT_FILES[Kind.CONTACT]:
        yield ["id", "name", "emails", "phones", "manager", "code", "message"]
    for record in records:
        width = _WIDTHS.get(Kind(record.kind), 4 if is_direct else 3)
        cells = row_of(record, is_direct=is_direct)
        padded = [*cells, *[""] * width][:width]
        if (correction := corrected.get(record.pk)) is None:
            yield [*padded, record.code, record.message]
            continue
        if correction.original is not None:  # the record has the corrected data
            read = ImportRecord(**correction.original)
            padded = [*row_of(read, is_direct=is_direct), *[""] * width][:width]
        original = " | ".join(padded)[:_LONGEST_ORIGINAL]
        message = f"{record.message} Corrected; the original row was: {original}"
        yield [*[*correction.cells, *[""] * width][:width], record.code, message]


def row_of(record: ImportRecord, *, is_direct: bool = False) -> list[str]:
    """Return a record's original row in the layout of a CSV import."""
    if record.is_unreadable:
        return [str(cell) for cell in record.data["cells"]]
    return _cells(Kind(record.kind), record.data, is_direct=is_direct)


def _cells(kind: Kind, data: dict[str, Any], *, is_direct: bool) -> list[str]:
    """Return a record as a row of the CSV layout (importers.md 2.3 to 2.6)."""
    if kind is Kind.USER:
        emails = data.get("emails") or [""]
        names = [data.get("username") or "", emails[0], data.get("name") or ""]
        return [*names, _STATUS[data.get("is_deleted")]]
    if kind is Kind.CHANNEL:
        access = _ACCESS.get(data["type"], "private")
        members = ";".join(data.get("members", []))
        return [data.get("name") or "", data.get("creator") or "", access, members]
    if kind in (Kind.FILE, Kind.AVATAR):
        return [data["import_ids"][0], data["address"]]
    if kind is Kind.CONTACT:
        lists = [";".join(data.get(name, [])) for name in ("emails", "phones")]
        return [
            data["import_ids"][0],
            data.get("name") or "",
            *lists,
            data.get("manager") or "",
        ]
    sent_at = data["sent_at"]
    time = data.get("raw_time", "") if sent_at is None else str(sent_at)
    if is_direct:
        other = _other_member(data["room"], data["author"])
        return [data["author"], other, time, data["text"]]
    return [data["author"], time, data["text"]]


def _other_member(room: str, author: str) -> str:
    """Return the other member of a direct room (importers.md 2.5)."""
    if room.startswith(f"{author}/"):
        return room.removeprefix(f"{author}/")
    return room.removesuffix(f"/{author}")
