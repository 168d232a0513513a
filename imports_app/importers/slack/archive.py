"""The Slack importer: the archive of a workspace's export (importers.md 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, ClassVar, Final

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext, Importer, Report
from imports_app.importers.guide import Guide
from imports_app.importers.slack import bad_records
from imports_app.importers.slack.content.files import ATTACHMENTS, UPLOADS, stored_files
from imports_app.importers.slack.directory import Directory
from imports_app.importers.slack.guides import SLACK_GUIDE
from imports_app.importers.slack.messages import MessageReader
from imports_app.importers.slack.rejoined_users import find_rejoined
from imports_app.importers.slack.report import (
    AMBIGUOUS_FOLDER,
    HALF_CHARACTER,
    is_canvas,
    note_contents,
    note_folders,
    note_kind,
    note_unread,
    note_unread_messages,
    refuse_other_kinds,
    root_name,
)
from imports_app.importers.slack.rooms import ROOM_FILES, team_of
from imports_app.importers.slack.workspaces import workspace_of
from imports_app.importers.workspace_scopes import Workspace, add_scope
from imports_app.records import BadRecord, ChannelRecord, Kind, RoomType, SourceItem
from imports_app.sources.archives import Archive
from imports_app.sources.entry_table import Entry
from imports_app.sources.json_streams import (
    DamagedElement,
    DamagedJsonError,
    read_array,
    text_of,
)
from imports_app.sources.surrogates import MendedElement

_READ_AT_UPLOAD: Final = 20_000_000
"""Maximum bytes of messages checked at upload, within the request."""
_USER_FILES: Final = ("users.json", "org_users.json")
_COUNTED: Final = {
    RoomType.PUBLIC: "public channels",
    RoomType.PRIVATE: "private channels",
    RoomType.DIRECT: "direct messages",
}


class SlackImporter(Importer):
    """Importer for Slack exports: users, rooms, and a folder of messages per room."""

    key: ClassVar[str] = "slack"
    name: ClassVar[str] = "Slack"
    guide: ClassVar[Guide | None] = SLACK_GUIDE

    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield users and rooms, then messages and the placeholder users they need.

        Raises:
            SourceError: The file is not a Slack export, or is empty.
        """
        if context.path is None:
            raise SourceError(
                "importer-file-missing", "The import has no file. Upload one."
            )
        is_empty = True
        with Archive(context.path, context.limits) as archive:
            for found in _Export(archive, context.report).read():
                is_empty = False
                yield add_scope(found, context.scope) if context.scope else found
        if is_empty:
            raise SourceError(
                "importer-nothing-found",
                "The archive contains no users, rooms or messages. Upload the original"
                " archive from Slack.",
            )

    def workspace(self, context: ImportContext) -> Workspace | None:
        """Return the workspace that most users belong to.

        Raises:
            SourceError: The file is not a Slack export.
        """
        if context.path is None:
            return None
        with Archive(context.path, context.limits) as archive:
            export = _Export(archive, Report())
            return workspace_of(export.users())

    def check(self, context: ImportContext) -> None:
        """Report the type of the export, missing files, and unsupported content."""
        try:
            if context.path is None:
                return
            with Archive(context.path, context.limits) as archive:
                for found in _Export(archive, context.report).sample():
                    if isinstance(found.record, BadRecord):
                        _note_bad(found, found.record, context.report)
        except SourceError as error:
            context.report.warn(str(error.code), error.message)


class _Export:
    """Reader of one archive: root files first, then messages by day."""

    def __init__(self, archive: Archive, report: Report) -> None:
        self._archive = archive
        self._report = report
        self._directory = Directory()
        self._rooms = self._directory.rooms
        self._roots = _roots_of(archive.entries)
        self._teams = list(dict.fromkeys(filter(None, map(team_of, self._roots))))
        self._days = archive.entries.filtered(is_day_file)
        self._uploads = dict(stored_files(archive.entries))
        used = {entry.name for entry in self._roots.values()}
        self._unread = archive.entries.filtered(
            lambda entry: entry.name not in used and _is_unread(entry)
        )

    def users(self) -> Iterator[Any]:
        """Yield the raw users."""
        name = next((name for name in _USER_FILES if name in self._roots), None)
        return self._users(self._roots[name]) if name else iter(())

    def read(self) -> Iterator[SourceItem]:
        """Yield all records."""
        yield from self._read_roots()
        self._count_unread_messages()
        yield from self._read_days(self._days, self._report)
        yield from self._late_placeholders()

    def sample(self) -> Iterator[SourceItem]:
        """Yield users, rooms and messages; of a large export, a sample of messages."""
        yield from self._read_roots()
        if self._unread.total_size <= _READ_AT_UPLOAD:
            self._count_unread_messages()
        size = self._days.total_size
        step = -(-size // _READ_AT_UPLOAD)
        if step <= 1:
            yield from self._read_days(self._days, self._report)
            yield from self._late_placeholders()
            return
        days, left = [], _READ_AT_UPLOAD
        for day in islice(self._days, 0, None, step):
            if day.size <= left:
                days.append(day)
                left -= day.size
        part = Report()
        yield from self._read_days(days, part)
        yield from self._late_placeholders()
        self._report.add_part(part, size / max(_READ_AT_UPLOAD - left, 1))
        self._report.warn(
            "importer-looked-at-in-part",
            f"The export is large, so only {len(days)} of {len(self._days)} message"
            " files were checked. Numbers with 'about' are estimates until the file is"
            " read.",
        )

    def _late_placeholders(self) -> Iterator[SourceItem]:
        for user, (name, number) in self._directory.late_placeholders(self._report):
            yield SourceItem(user, name, number)

    def _read_days(self, days: Iterable[Entry], report: Report) -> Iterator[SourceItem]:
        reader = MessageReader(self._directory, self._uploads, report)
        for entry in days:
            yield from self._read_day(entry, reader, report)

    def _read_roots(self) -> Iterator[SourceItem]:
        refuse_other_kinds(self._archive)
        note_contents(self._archive, len(self._days), self._report)
        note_unread(self._unread, self._report)
        for name in _USER_FILES[:1] if _USER_FILES[0] in self._roots else _USER_FILES:
            if name in self._roots:
                yield from self._read_users(name)
        yield from self._read_room_files("")
        for team in self._teams:
            yield from self._read_more_users(f"{team}users.json")
            yield from self._read_room_files(team)
        note_kind(self._archive, self._rooms, self._report)
        note_folders(self._days, self._directory, self._report)

    def _count_unread_messages(self) -> None:
        """Count the messages in files that are not imported."""
        for entry in self._unread:
            if entry.name.lower().endswith(".json"):
                elements = self._elements(entry, Kind.MESSAGE)
                number = sum(_is_message(element) for _number, element in elements)
                note_unread_messages(entry, number, self._report)

    def _read_users(self, name: str) -> Iterator[SourceItem]:
        entry = self._roots[name]
        rejoined = find_rejoined(lambda: self._users(entry))
        self._directory.rejoined = rejoined
        name = entry.name
        for number, element in self._elements(entry, Kind.USER):
            self._directory.place = name, number
            if isinstance(element, BadRecord):
                yield SourceItem(element, name, number)
            elif main := rejoined.main.get(text_of(element.get("id"))):
                self._report.warn(
                    "importer-user-rejoined",
                    "Several Slack users have the same e-mail address and become one"
                    " user. A new user is active if any of them is active. An existing"
                    " user stays active or deactivated.",
                    file=name,
                    line=number,
                )
                yield SourceItem(bad_records.rejoined(element, main), name, number)
            else:
                yield from self._read_user(element, name, number)

    def _read_more_users(self, name: str) -> Iterator[SourceItem]:
        """Yield users of a workspace who are missing in the organization's list."""
        if (entry := self._roots.get(name)) is None:
            return
        name = entry.name
        for number, element in self._elements(entry, Kind.USER):
            self._directory.place = name, number
            if isinstance(element, BadRecord):
                yield SourceItem(element, name, number)
            else:
                yield from self._read_user(element, name, number)

    def _read_user(
        self, element: dict[str, Any], name: str, number: int
    ) -> Iterator[SourceItem]:
        if record := self._directory.add_user(element, self._report):
            self._report.count("users")
            guess = _guess_of(element, self._report, name, number)
            yield SourceItem(record, name, number, guess)
        elif not text_of(element.get("id")):
            title = text_of(element.get("name"))
            yield SourceItem(bad_records.without_id(Kind.USER, title), name, number)

    def _users(self, entry: Entry) -> Iterator[Any]:
        for _number, element in self._elements(entry, Kind.USER):
            yield element

    def _read_room_files(self, team: str) -> Iterator[SourceItem]:
        for name, kind in ROOM_FILES.items():
            if team + name in self._roots:
                yield from self._read_rooms(team, name, kind)

    def _read_rooms(
        self, team: str, listed_in: str, kind: RoomType
    ) -> Iterator[SourceItem]:
        entry = self._roots[team + listed_in]
        name = entry.name
        for number, element in self._elements(entry, Kind.CHANNEL):
            if isinstance(element, BadRecord):
                yield SourceItem(element, name, number)
                continue
            title = text_of(element.get("name"))
            record = self._rooms.add(element, kind, self._directory, team)
            if record is None:
                yield SourceItem(
                    bad_records.without_id(Kind.CHANNEL, title), name, number
                )
                continue
            self._report.count(_COUNTED[record.type])
            if record.created_at is None:
                self._report.count("rooms without a readable creation time")
            if not isinstance(element.get("members") or [], list):
                self._report.count("rooms without a readable list of members")
            if record.type is RoomType.DIRECT:
                yield from self._unknown_members(record, name, number)
            guess = _guess_of(element, self._report, name, number)
            yield SourceItem(record, name, number, guess)

    def _unknown_members(
        self, record: ChannelRecord, name: str, number: int
    ) -> Iterator[SourceItem]:
        """Yield placeholders for members of direct messages missing in users.json."""
        self._directory.place = name, number
        for member in record.members:
            for user in self._directory.placeholder(member, {}, self._report):
                yield SourceItem(user, name, number)

    def _read_day(
        self, entry: Entry, reader: MessageReader, report: Report
    ) -> Iterator[SourceItem]:
        folder = entry.name.rpartition("/")[0]
        listed = self._rooms.find_by_folder(folder)
        room = listed or f"slack-unlisted-{folder}"
        guess = AMBIGUOUS_FOLDER if listed and self._rooms.is_guessed(folder) else ""
        for number, element in self._elements(entry, Kind.MESSAGE):
            if isinstance(element, BadRecord):
                yield SourceItem(element, entry.name, number)
                continue
            if listed is None:
                report.count("messages in folders without a room")
            self._directory.place = entry.name, number
            mended = _guess_of(element, report, entry.name, number)
            for record in reader.read(element, room, folder.rpartition("/")[2]):
                yield SourceItem(record, entry.name, number, guess or mended)

    def _elements(self, entry: Entry, kind: Kind) -> Iterator[tuple[int, Any]]:
        """Yield a file's elements by number; damaged parts as bad records."""
        number = 0
        with self._archive.read(entry) as stream:
            try:
                for number, element in enumerate(read_array(stream, entry.size), 1):
                    if isinstance(element, DamagedElement):
                        yield number, bad_records.unreadable(kind, element)
                        continue
                    is_fit = isinstance(element, dict) or kind is Kind.MESSAGE
                    yield (
                        number,
                        element if is_fit else bad_records.malformed(kind, element),
                    )
            except DamagedJsonError as error:
                yield number + 1, bad_records.damaged(kind, error)


def _guess_of(element: Any, report: Report, file: str, line: int) -> str:
    """Return the guess that an element's record depends on, and report it."""
    if not isinstance(element, MendedElement):
        return ""
    report.guess(*HALF_CHARACTER, file=file, line=line)
    return HALF_CHARACTER[0]


def is_day_file(entry: Entry) -> bool:
    """Return whether an entry holds one day's messages of a room."""
    if is_canvas(entry.name):
        return False
    name = entry.name.removeprefix(team_of(entry.name))
    folder, _slash, rest = name.partition("/")
    return folder != UPLOADS and rest.endswith(".json") and "/" not in rest


def _roots_of(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return the files at the top by their usual names.

    If two names differ only in case, the usual one is used.
    """
    roots: dict[str, Entry] = {}
    for entry in entries:
        name = root_name(entry.name)
        if name and (name not in roots or entry.name == name):
            roots[name] = entry
    return roots


def _is_unread(entry: Entry) -> bool:
    """Return whether an entry is neither read nor mentioned in another warning."""
    return not (
        is_day_file(entry)
        or is_canvas(entry.name)
        or entry.name.startswith(f"{UPLOADS}/")
        or f"/{ATTACHMENTS}/" in entry.name
    )


def _is_message(element: Any) -> bool:
    """Return whether an element of an unknown file is a message."""
    return isinstance(element, dict) and (
        element.get("type") == "message" or "ts" in element
    )


def _note_bad(found: SourceItem, record: BadRecord, report: Report) -> None:
    if not record.is_left_out:
        report.warn(record.code, record.message, file=found.file, line=found.line)
