"""Detection of the kind of a ZIP archive, and estimates of its content."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext
from imports_app.importers.csv.archive import CsvImporter
from imports_app.importers.csv.fields import Table
from imports_app.importers.csv.folders import is_table, is_workbook_name
from imports_app.importers.csv.table_sources import ROOTS, ArchiveTables, root_of
from imports_app.importers.detection.counting import (
    count_in_files,
    count_json,
    count_lines,
    count_text_rows,
)
from imports_app.importers.detection.kinds import (
    OBJECTS,
    OWN_EXPORT,
    Count,
    Detection,
    add_counts,
    not_recognized,
    table_of_file,
    unit_of_table,
)
from imports_app.importers.detection.mattermost import refuse_mattermost_archive
from imports_app.importers.jsonl.archive import JsonlImporter
from imports_app.importers.jsonl.lines import LINES, parse_header
from imports_app.importers.slack.archive import SlackImporter, is_day_file
from imports_app.importers.slack.report import refuse_other_kinds, root_name
from imports_app.importers.slack.rooms import ROOM_FILES
from imports_app.sources.archives import Archive
from imports_app.sources.entry_table import Entry, EntryTable

AMBIGUOUS: Final = "importer-kind-ambiguous"
"""Code of an archive that several importers could read."""
_USER_LISTS: Final = ("users.json", "org_users.json")
_SLACK_ROOTS: Final = frozenset({*_USER_LISTS, *ROOM_FILES})
_TABLE_ENDINGS: Final = (".csv", ".tsv", ".xlsx", ".xlsm")
_MOST_LISTED: Final = 5


def detect_archive(archive: Archive, context: ImportContext) -> Detection:
    """Detect the kind of an archive that is not a workbook.

    Raises:
        SourceError: The archive is not recognized, is ambiguous, or is of a kind that
            can't be imported.
    """
    tables = ArchiveTables(archive, context)
    if (found := _own_export(archive)) is not None:
        return found
    if tables.is_ours:
        return _csv(tables, "a download of failed records")
    roots = [root for entry in archive.entries if (root := root_name(entry.name))]
    is_slack = any(root.rpartition("/")[2] in _SLACK_ROOTS for root in roots)
    has_roots = any(root_of(entry) in ROOTS for entry in archive.entries)
    if is_slack and has_roots:
        raise SourceError(
            AMBIGUOUS,
            f"The archive has lists of a Slack export, such as {roots[0]}, and CSV"
            " tables. Choose the importer.",
        )
    if is_slack:
        return _slack(archive)
    if has_roots or any(map(_is_room_table, archive.entries)):
        return _csv(tables, "an archive of CSV tables")
    refuse_mattermost_archive(archive)
    _refuse_other_slack(archive)
    names = [entry.name[:80] for entry in islice(archive.entries, _MOST_LISTED)]
    more = len(archive.entries) - len(names)
    listed = ", ".join(names) + (f" and {more:,} more" if more else "")
    raise not_recognized(f"a ZIP archive with {listed or 'no files'}")


def _own_export(archive: Archive) -> Detection | None:
    """Return the detection of a JSONL export; `None` for other archives."""
    lines = EntryTable()
    for entry in archive.entries:
        if LINES.fullmatch(entry.name):
            lines.add(entry.name, entry.size, entry.place)
    if not len(lines):
        return None
    with archive.read(min(lines, key=lambda entry: entry.name)) as stream:
        if parse_header(stream) is None:
            return None
    counts = {
        unit: count_in_files(archive, lines, count_lines(kind))
        for unit, kind in OBJECTS.items()
    }
    return Detection.of(JsonlImporter.key, OWN_EXPORT, counts)


def _refuse_other_slack(archive: Archive) -> None:
    """Refuse an archive that holds a Slack export in another form.

    Raises:
        SourceError: It is a text-only export, or the lists are in a folder or in
            another archive.
    """
    try:
        refuse_other_kinds(archive)
    except SourceError as error:
        if error.code != "importer-wrong-archive":  # nothing of Slack in it
            raise


def _is_room_table(entry: Entry) -> bool:
    """Return whether an entry is a table in a room's folder, by its name."""
    name = entry.name.lower()
    return "/" in name and is_table(entry) and name.endswith(_TABLE_ENDINGS)


def _slack(archive: Archive) -> Detection:
    users, rooms = EntryTable(), EntryTable()
    for entry in archive.entries:
        name = root_name(entry.name).rpartition("/")[2]
        if name in _USER_LISTS:
            users.add(entry.name, entry.size, entry.place)
        elif name in ROOM_FILES:
            rooms.add(entry.name, entry.size, entry.place)
    days = archive.entries.filtered(is_day_file)
    is_object = count_json(lambda element: isinstance(element, dict))
    counts = {
        "users": count_in_files(archive, users, is_object),
        "rooms": count_in_files(archive, rooms, is_object),
        "messages": count_in_files(archive, days, count_json(_is_message)),
    }
    return Detection.of(SlackImporter.key, "a Slack export", counts)


def _is_message(element: Any) -> bool:
    return isinstance(element, dict) and "ts" in element


def _csv(tables: ArchiveTables, kind: str) -> Detection:
    files: dict[tuple[str, Table], EntryTable] = {}
    for file in tables.files():
        table = table_of_file(file)
        if file.entry is None or table is None:
            continue
        if is_workbook_name(file.entry):  # must be unpacked before it can be counted
            return Detection.of(CsvImporter.key, kind, {})
        unit = unit_of_table(table)
        entry = file.entry
        files.setdefault((unit, table), EntryTable()).add(
            entry.name, entry.size, entry.place
        )
    counts: dict[str, Count | None] = {}
    for (unit, table), entries in files.items():
        count_items = count_text_rows(table, tables.options)
        count = count_in_files(tables.archive, entries, count_items)
        counts[unit] = add_counts(counts.get(unit, Count(0)), count)
    return Detection.of(CsvImporter.key, kind, counts)
