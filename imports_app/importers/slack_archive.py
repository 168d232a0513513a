"""The Slack importer: the archive of a workspace's export (importers.md 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext, Importer, Report
from imports_app.importers.guide import Guide
from imports_app.importers.slack_guides import SLACK_GUIDE
from imports_app.importers.slack_messages import MessageReader
from imports_app.importers.slack_people import ROOM_FILES, Directory
from imports_app.importers.slack_report import (
    is_canvas,
    note_contents,
    note_folders,
    refuse_other_kinds,
)
from imports_app.records import BadRecord, ChannelRecord, Found, Kind, RoomType
from imports_app.sources.archives import Archive, Entry
from imports_app.sources.json_values import DamagedJsonError, read_array, text_of

_READ_AT_UPLOAD: Final = 20_000_000
"""Bytes of days that are read at upload; somebody waits for the answer."""
_UPLOADS: Final = "__uploads"
_USER_FILES: Final = ("users.json", "org_users.json")


class SlackImporter(Importer):
    """Reads users, rooms of four files, and a folder of days for each room."""

    key: ClassVar[str] = "slack"
    name: ClassVar[str] = "Slack"
    guide: ClassVar[Guide | None] = SLACK_GUIDE

    def read(self, context: ImportContext) -> Iterator[Found]:
        """Yield users and rooms, then the messages, with people found in them.

        Raises:
            SourceError: The file is no such archive, or nothing is in it.
        """
        if context.path is None:
            raise SourceError("importer-file-missing", "There is no file: upload one.")
        is_empty = True
        with Archive(context.path, context.limits) as archive:
            for found in _Export(archive, context.report).read():
                is_empty = False
                yield found
        if is_empty:
            raise SourceError(
                "importer-nothing-found",
                "There are no users, rooms or messages in the archive: choose the file"
                " as Slack gave it to you.",
            )

    def check(self, context: ImportContext) -> None:
        """Note what kind of export it is, what is missing, and what stays behind."""
        try:
            if context.path is None:
                return
            with Archive(context.path, context.limits) as archive:
                for found in _Export(archive, context.report).look():
                    if isinstance(found.record, BadRecord):
                        _note_bad(found, found.record, context.report)
        except SourceError as error:
            context.report.warn(str(error.code), error.message)


class _Export:
    """One archive, read from its root files to its last day."""

    def __init__(self, archive: Archive, report: Report) -> None:
        self._archive = archive
        self._report = report
        self._directory = Directory()
        self._roots = {
            entry.name: entry for entry in archive.entries if "/" not in entry.name
        }
        self._days = [entry for entry in archive.entries if _is_day(entry)]
        uploads = (entry.name.split("/") for entry in archive.entries)
        self._uploads = {
            parts[1]: "/".join(parts)
            for parts in uploads
            if parts[0] == _UPLOADS and len(parts) > 2
        }

    def read(self) -> Iterator[Found]:
        """Yield everything."""
        yield from self._read_roots()
        yield from self._read_days(self._days, self._report)

    def look(self) -> Iterator[Found]:
        """Yield users and rooms, and of a large export a part of the messages."""
        yield from self._read_roots()
        size = sum(entry.size for entry in self._days)
        step = -(-size // _READ_AT_UPLOAD)
        if step <= 1:
            yield from self._read_days(self._days, self._report)
            return
        days, left = [], _READ_AT_UPLOAD
        for day in self._days[::step]:
            if day.size <= left:
                days.append(day)
                left -= day.size
        part = Report()
        yield from self._read_days(days, part)
        self._report.add_part(part, size / max(_READ_AT_UPLOAD - left, 1))
        self._report.warn(
            "importer-looked-at-in-part",
            f"The export is large, and {len(days)} of {len(self._days)} files of days"
            " were looked at. Numbers with 'about' are estimates; reading the file"
            " counts all.",
        )

    def _read_days(self, days: Iterable[Entry], report: Report) -> Iterator[Found]:
        reader = MessageReader(self._directory, self._uploads, report)
        for entry in days:
            yield from self._read_day(entry, reader, report)

    def _read_roots(self) -> Iterator[Found]:
        refuse_other_kinds(self._archive)
        note_contents(self._archive, len(self._days), self._report)
        for name in _USER_FILES[:1] if _USER_FILES[0] in self._roots else _USER_FILES:
            if name in self._roots:
                yield from self._read_users(name)
        for name, kind in ROOM_FILES.items():
            if name in self._roots:
                yield from self._read_rooms(name, kind)
        note_folders(self._days, self._directory, self._report)

    def _read_users(self, name: str) -> Iterator[Found]:
        for number, element in self._elements(self._roots[name], Kind.USER):
            if isinstance(element, BadRecord):
                yield Found(element, name, number)
            elif record := self._directory.add_user(element, self._report):
                self._report.count("users")
                yield Found(record, name, number)
            elif not text_of(element.get("id")):
                title = text_of(element.get("name"))
                yield Found(_without_id(Kind.USER, title), name, number)

    def _read_rooms(self, name: str, kind: RoomType) -> Iterator[Found]:
        for number, element in self._elements(self._roots[name], Kind.CHANNEL):
            if isinstance(element, BadRecord):
                yield Found(element, name, number)
                continue
            title = text_of(element.get("name"))
            if self._directory.knows_room_name(title):
                self._report.warn(
                    "importer-ambiguous-folder",
                    "Two rooms have the same name, and so one folder: its messages go"
                    " to the private one.",
                    file=name,
                    line=number,
                )
            record = self._directory.add_room(element, kind)
            if record is None:
                yield Found(_without_id(Kind.CHANNEL, title), name, number)
                continue
            self._report.count(f"rooms in {name}")
            yield from self._partners(record, name, number)
            yield Found(record, name, number)

    def _partners(
        self, record: ChannelRecord, name: str, number: int
    ) -> Iterator[Found]:
        """Yield people in direct rooms whom users.json does not describe."""
        if record.type is not RoomType.DIRECT:
            return
        for member in record.members:
            for user in self._directory.placeholder(member, {}, self._report):
                yield Found(user, name, number)

    def _read_day(
        self, entry: Entry, reader: MessageReader, report: Report
    ) -> Iterator[Found]:
        folder = entry.name.partition("/")[0]
        listed = self._directory.room_of(folder)
        room = listed or f"slack-unlisted-{folder}"
        for number, element in self._elements(entry, Kind.MESSAGE):
            if isinstance(element, BadRecord):
                yield Found(element, entry.name, number)
                continue
            if listed is None:
                report.count("messages in folders without a room")
            for record in reader.read(element, room, folder):
                yield Found(record, entry.name, number)

    def _elements(self, entry: Entry, kind: Kind) -> Iterator[tuple[int, Any]]:
        """Yield a file's elements by number; where it is damaged, a bad record."""
        number = 0
        with self._archive.read(entry) as stream:
            try:
                for number, element in enumerate(read_array(stream, entry.size), 1):
                    is_fit = isinstance(element, dict) or kind is Kind.MESSAGE
                    yield number, element if is_fit else _no_object(kind, element)
            except DamagedJsonError as error:
                yield number + 1, _damaged(kind, error)


def _is_day(entry: Entry) -> bool:
    """Tell whether an entry holds the messages of a room's day."""
    if is_canvas(entry.name):
        return False
    folder, _slash, rest = entry.name.partition("/")
    return folder != _UPLOADS and rest.endswith(".json") and "/" not in rest


def _note_bad(found: Found, record: BadRecord, report: Report) -> None:
    if not record.is_left_out:
        report.warn(record.code, record.message, file=found.file, line=found.line)


def _no_object(kind: Kind, element: Any) -> BadRecord:
    return BadRecord(
        kind=kind,
        cells=(str(element)[:200].replace("\0", ""),),
        code="importer-record-malformed",
        message="It is no object: export it again, or take it out of the file.",
    )


def _without_id(kind: Kind, title: str) -> BadRecord:
    return BadRecord(
        kind=kind,
        cells=(title,),
        code=f"importer-{kind.value}-missing-import-id",
        message="It has no id: export it again.",
    )


def _damaged(kind: Kind, error: DamagedJsonError) -> BadRecord:
    return BadRecord(
        kind=kind,
        cells=(),
        code="importer-json-damaged",
        message=f"The rest of the file can't be read ({error}): export it again.",
    )
