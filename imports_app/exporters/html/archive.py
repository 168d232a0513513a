"""Static archive: pages of rooms and days for a browser, without a server."""

from __future__ import annotations

from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Final

from imports_app.exporters.base import Exporter, FileMode, RoomCount
from imports_app.exporters.html.files import HEAD, is_picture, name_in_archive
from imports_app.exporters.html.messages import (
    ArchivedFile,
    MessageRenderer,
    short_time,
)
from imports_app.exporters.html.pages import (
    count_of,
    page,
    search_page,
)
from imports_app.exporters.html.people import People
from imports_app.exporters.html.room_pages import RoomPages
from imports_app.exporters.html.search import SearchIndex
from imports_app.exporters.html.spool import Spool, SpooledMessage
from imports_app.exporters.losses import Loss
from imports_app.exporters.parts import Limits, PartWriter
from imports_app.exporters.records import (
    ExportedFile,
    ExportedMessage,
    ExportedRoom,
    Workspace,
)
from imports_app.records import RoomType

_ASSETS: Final = Path(__file__).parent / "assets"
_NOT_INCLUDED: Final = ArchivedFile("")
_TYPES: Final = {
    RoomType.PUBLIC: "Public rooms",
    RoomType.PRIVATE: "Private rooms",
    RoomType.DIRECT: "Direct messages",
}


class HtmlExporter(Exporter):
    """Writer of `archive.zip`.

    The pages of messages have no scripts. Only the search has one, which loads the
    index in parts.

    Args:
        folder: An empty folder, which gets the archive.
        workspace: What to write.
        limits: Not used: pages are small.
        files: How to include files: as content, or not.
    """

    key: ClassVar[str] = "html"
    file_modes = (FileMode.NONE, FileMode.CONTENT)

    def __init__(
        self,
        folder: Path,
        workspace: Workspace,
        limits: Limits,
        *,
        files: FileMode = FileMode.NONE,
    ) -> None:
        super().__init__(folder, workspace, limits, files=files)
        self._people = People()
        self._number = 0
        """Number of messages so far."""
        self._entries: dict[RoomType, list[str]] = {kind: [] for kind in _TYPES}
        """Entries of the list of rooms."""

    def name_of_part(self, number: int) -> str:
        """Return the name of the archive."""
        return "archive.zip"

    def complete_part(self, part: PartWriter) -> None:
        """Do nothing, because all pages are written."""

    def write(self) -> None:
        """Write avatars, the pages of each room, and the search."""
        for user in self.users():
            avatar = user.avatar
            picture = self._attach(avatar) if avatar is not None else _NOT_INCLUDED
            self._people.add(user, picture.path if picture.is_picture else "")
        self.result.users = len(self._people)
        with TemporaryDirectory(dir=self.folder) as name:
            words = Path(name) / "words"
            words.mkdir()
            index = SearchIndex(words, self.part.write)
            with Spool(Path(name) / "messages") as spool:
                for number, room in enumerate(self.workspace.rooms(), 1):
                    self._write_room(room, number, spool, index)
            index.finish()
        self._write_lists()
        for asset in sorted(_ASSETS.iterdir()):
            self.part.write(f"assets/{asset.name}", [asset.read_bytes()])

    def _write_room(
        self, room: ExportedRoom, number: int, spool: Spool, index: SearchIndex
    ) -> None:
        title = self._title_of(room)
        first = self._number
        self._spool(room, spool)
        pages = RoomPages(f"rooms/{number:05d}", title, self.part, index)
        pages.write(spool.messages())
        count = self._number - first
        about = [escape(text) for text in (room.topic, room.description) if text]
        members = self._people.names(room.members[:50])
        more = len(room.members) - 50
        pages.write_index(
            [
                *(f'<p class="text">{text}</p>\n' for text in about),
                f"<p>{count_of(len(room.members), 'member')}: {escape(members)}"
                f"{f' and {more:,} more' if more > 0 else ''}</p>\n",
            ]
        )
        self._entries[room.type].append(
            f'<li><a href="{pages.folder}/index.html">{escape(title)}</a>'
            f' <span class="note">{count_of(count, "message")}'
            f"{', archived' if room.is_archived else ''}</span></li>\n"
        )
        self.result.rooms.append(RoomCount(room.id, room.name, count))

    def _spool(self, room: ExportedRoom, spool: Spool) -> None:
        """Render the messages of a room."""
        renderer = MessageRenderer(self._people, self._attach)
        spool.begin_room()
        for message in self.workspace.messages(room):
            self._number += 1
            root = None if message.thread is None else spool.root_of(message.thread)
            if message.replies:
                spool.begin_thread(message.import_id, self._number)
            time = short_time(message.sent_at)
            is_orphan = message.thread is not None and root is None
            spool.add(
                SpooledMessage(
                    self._number,
                    time[:10],
                    time,
                    renderer.author_of(message),
                    _searched(message),
                    renderer.render(message, self._number, is_orphan=is_orphan),
                ),
                root,
            )
        self.part.messages = self._number

    def _title_of(self, room: ExportedRoom) -> str:
        if room.type is RoomType.DIRECT:
            return self._people.names(room.members[:8]) or room.name
        return f"#{room.name}"

    def _write_lists(self) -> None:
        """Write the lists of rooms and users, and the search page."""
        total = count_of(self._number, "message")
        body = [f"<p>{count_of(len(self.result.rooms), 'room')}, {total}.</p>\n"]
        for kind, entries in self._entries.items():
            if entries:
                body += [f'<h2>{_TYPES[kind]}</h2>\n<ul class="list">\n', *entries]
                body.append("</ul>\n")
        self._write_page("index.html", page("Rooms", body))
        people = ['<ul class="list">\n', *self._people.entries(), "</ul>\n"]
        self._write_page("people.html", page("People", people))
        self._write_page("search.html", search_page())

    def _write_page(self, name: str, content: str) -> None:
        self.part.write(name, [content.encode()])

    def _attach(self, file: ExportedFile) -> ArchivedFile:
        """Write the content of a file or avatar."""
        if self.files is FileMode.CONTENT and file.is_stored:
            try:
                with self.workspace.open(file) as content:
                    head = content.read(HEAD)
            except FileNotFoundError:
                head = None
            if head is not None:
                path = f"files/{file.id}/{name_in_archive(file.name, head)}"
                if self.copy(file, path):
                    return ArchivedFile(path, is_picture(head))
        self.losses.count(Loss.FILES if file.source_id else Loss.AVATARS)
        return _NOT_INCLUDED


def _searched(message: ExportedMessage) -> str:
    """Return the searchable text of a message."""
    names = (file.name for file in message.files)
    parts = (
        str(part.get(key) or "")
        for part in message.extras.get("attachments") or ()
        for key in ("title", "text")
    )
    return " ".join(filter(None, (message.text, *names, *parts)))
