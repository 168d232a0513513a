"""Folders of messages: their rooms and their tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from config.unicode import normalized
from imports_app.importers.base import Report
from imports_app.importers.csv.values import UNKNOWN_PRIVACY
from imports_app.records import BadRecord, ChannelRecord, RoomType, SourceItem
from imports_app.sources.entry_table import Entry

_TABLES: Final = frozenset({"csv", "txt", "tsv", "tab", ""})
"""File extensions of possible tables."""
_WORKBOOKS: Final = frozenset({"xlsx", "xlsm"})
_SPREADSHEETS: Final = frozenset({"xls", "xlsb", "ods", "numbers"})


class Folders:
    """Rooms of channels.csv by folder name."""

    def __init__(self) -> None:
        self._rooms: dict[str, str] = {}
        self._folded: dict[str, str | None] = {}
        self._unclear: set[str] = set()
        """Names of rooms of an unknown type, which may be private."""

    def add(self, found: SourceItem, report: Report) -> None:
        """Add a room; other records are ignored."""
        record = found.record
        if isinstance(record, BadRecord) and record.code == UNKNOWN_PRIVACY:
            self._unclear.add(_exact(record.cells[0]))
            self._folded[_folded(record.cells[0])] = None
            return
        if not isinstance(record, ChannelRecord) or record.name is None:
            return
        room = record.import_ids[0]
        if self._rooms.get(record.name) == room:
            return
        first = self._rooms.setdefault(_exact(record.name), room)
        if first != room:
            if record.type is RoomType.PRIVATE:
                self._rooms[_exact(record.name)] = room
            report.guess(
                "importer-ambiguous-folder",
                "Two rooms have the same name. The messages in the folder of this name"
                " go to the private room. Rename one of the rooms.",
                file=found.file,
                line=found.line,
            )
        folded = _folded(record.name)
        if self._folded.setdefault(folded, room) != room:
            self._folded[folded] = None

    def room_of(self, folder: str) -> str | None:
        """Return the import ID of a folder's room, or `None`.

        The case is ignored if only one room has the name in any case. `None` if a room
        of the name may be private: its messages must not go to a public one.
        """
        if _exact(folder) in self._unclear:
            return None
        return self._rooms.get(_exact(folder)) or self._folded.get(_folded(folder))

    def count_empty(self, folders: Iterable[str], report: Report) -> None:
        """Count the rooms without a folder."""
        used = {self.room_of(folder) for folder in set(folders)}
        if empty := len(set(self._rooms.values()) - used):
            report.count("rooms without folder", empty)


def is_table(entry: Entry) -> bool:
    """Return whether an entry may be a table, by its name."""
    ending = _ending(entry.name)
    is_hidden = entry.name.rpartition("/")[2].startswith((".", "~$"))
    return (ending in _TABLES or ending in _WORKBOOKS) and not is_hidden


def is_workbook_name(entry: Entry) -> bool:
    """Return whether an entry is an Excel workbook, by its name."""
    return _ending(entry.name) in _WORKBOOKS


def note_unread(name: str, report: Report) -> None:
    """Report a file that was not read."""
    if _ending(name) in _SPREADSHEETS:
        report.warn(
            "importer-spreadsheets",
            "Spreadsheets of this type are not supported. Save them as .xlsx, or each"
            " sheet as CSV in UTF-8.",
            file=name,
        )
    else:
        report.warn(
            "importer-files-unread",
            "These files have an unsupported type or location and were not read.",
            file=name,
        )


def _ending(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def _exact(name: str) -> str:
    return normalized("NFC", name).strip()


def _folded(name: str) -> str:
    return _exact(name).casefold()
