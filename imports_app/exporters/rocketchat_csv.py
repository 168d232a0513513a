"""Archives for Rocket.Chat's CSV importer (importers.md 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Final

from imports_app.exporters.base import Exporter, FileMode, RoomCount
from imports_app.exporters.losses import Loss
from imports_app.exporters.parts import Limits, PartWriter
from imports_app.exporters.records import (
    ExportedMessage,
    ExportedRoom,
    ExportedUser,
    Workspace,
)
from imports_app.exporters.slack.identifiers import ROCKET_CAT
from imports_app.records import RoomType

_DIRECT: Final = "directmessages"
_RESERVED: Final = frozenset({"", ".", "..", _DIRECT, "__MACOSX"})
"""Reserved names of folders."""
_ROWS: Final = 5_000
"""Maximum number of rows of a file of messages."""


class RocketChatCsvExporter(Exporter):
    """Writer of CSV archives: every cell quoted, no header, no empty line.

    Rocket.Chat gives messages of CSV files new IDs, so a second import duplicates
    them.
    """

    key: ClassVar[str] = "rocketchat-csv"
    file_modes = (FileMode.NONE,)

    def __init__(
        self,
        folder: Path,
        workspace: Workspace,
        limits: Limits,
        *,
        files: FileMode = FileMode.NONE,
    ) -> None:
        super().__init__(folder, workspace, limits, files=files)
        self._users: dict[str, ExportedUser] = {}
        self._names: set[str] = set()
        self._rooms: dict[str, bytes] = {}
        """Rows of the current archive's rooms, by name of the room."""

    def write(self) -> None:
        """Write users, and the messages of each room."""
        self._users = {user.id: user for user in self.users()}
        avatars = sum(user.avatar is not None for user in self._users.values())
        self.losses.count(Loss.AVATARS, avatars)
        self.part.write(
            "users.csv",
            (
                _row(user.username, user.email, user.name)
                for user in self._users.values()
            ),
        )
        self.result.users = len(self._users)
        for number, room in enumerate(self.workspace.rooms(), 1):
            is_pair = room.type is RoomType.DIRECT and len(room.members) <= 2
            count = (
                self._write_pair(room, number) if is_pair else self._write_room(room)
            )
            self.result.rooms.append(RoomCount(room.id, room.name, count))
        if self._rooms:
            self.end_part()  # the last rooms may have no messages

    def complete_part(self, part: PartWriter) -> None:
        """List the rooms of the archive."""
        if self._rooms:
            part.write("channels.csv", self._rooms.values())
        self._rooms = {}

    def _write_room(self, room: ExportedRoom) -> int:
        name = self._folder_of(room)
        if room.type is RoomType.DIRECT:
            self.losses.count(Loss.GROUPS)
        kind = "public" if room.type is RoomType.PUBLIC else "private"
        members = ";".join(self._known(room.members))
        creator = next(iter(self._known((room.creator or "",))), "")
        # Rocket.Chat drops rooms without a creator, and every server has its bot.
        creator = creator or members.partition(";")[0] or ROCKET_CAT
        row = _row(name, creator, kind, members)
        self._rooms[name] = row
        total = 0
        for file, rows in enumerate(self._rows(room, to=None), 1):
            self._rooms[name] = row
            self.part.write(f"{name}/{file:05d}.csv", rows, messages=len(rows))
            total += len(rows)
            self.end_full_part()
        return total

    def _write_pair(self, room: ExportedRoom, number: int) -> int:
        total = 0
        for file, rows in enumerate(self._rows(room, to=room.members), 1):
            self.part.write(
                f"{_DIRECT}/{number:07d}-{file:05d}.csv", rows, messages=len(rows)
            )
            total += len(rows)
            self.end_full_part()
        return total

    def _rows(
        self, room: ExportedRoom, *, to: tuple[str, ...] | None
    ) -> Iterator[list[bytes]]:
        """Yield the rows of a room's messages, by file.

        Args:
            room: The room.
            to: The members of a direct conversation, else `None`.
        """
        rows: list[bytes] = []
        for message in self.workspace.messages(room):
            text = self._text_of(message)
            author = self._users.get(message.author)
            if not text or author is None:
                continue
            time = str(int(message.sent_at.timestamp() * 1000))
            if to is None:
                rows.append(_row(author.username, time, text))
            else:
                others = [key for key in to if key != message.author] or [author.id]
                partner = next(iter(self._known(others)), author.username)
                rows.append(_row(author.username, partner, time, text))
            if len(rows) >= min(_ROWS, self.limits.messages - self.part.messages):
                yield rows
                rows = []
        if rows:
            yield rows

    def _text_of(self, message: ExportedMessage) -> str:
        """Return the text of a message, and count the losses."""
        if message.event:
            self.losses.count(Loss.EVENTS)
            return ""
        extras = message.extras
        reactions: dict[str, list[str]] = extras.get("reactions") or {}
        self.losses.count(Loss.REACTIONS, sum(map(len, reactions.values())))
        self.losses.count(Loss.FILES, len(message.files))
        self.losses.count(Loss.REPLIES, message.thread is not None)
        self.losses.count(Loss.EDITS, message.edited_at is not None)
        self.losses.count(Loss.BOT_NAMES, bool(extras.get("alias")))
        self.losses.count(Loss.ATTACHMENTS, len(extras.get("attachments") or ()))
        if not message.text:
            self.losses.count(Loss.EMPTY)
        return message.text

    def _known(self, keys: Iterable[str]) -> list[str]:
        """Return the usernames of users; a list of members is separated by `;`."""
        names = (self._users[key].username for key in keys if key in self._users)
        return [name for name in names if ";" not in name]

    def _folder_of(self, room: ExportedRoom) -> str:
        """Return the name of a room, changed if it is not allowed for folders."""
        name = room.name.strip()
        wanted = name.replace("/", "-").replace("\\", "-")
        if wanted in _RESERVED or wanted.startswith("."):
            wanted = f"room-{wanted.lstrip('.')}"
        number = 1
        unique = wanted
        while unique.casefold() in self._names:
            number += 1
            unique = f"{wanted}-{number}"
        self._names.add(unique.casefold())
        if unique != room.name:
            self.losses.count(Loss.RENAMED_ROOMS)
        return unique


def _row(*cells: str) -> bytes:
    """Return a row of quoted cells."""
    quoted = (cell.replace('"', '""') for cell in cells)
    return ",".join(f'"{cell}"' for cell in quoted).encode() + b"\n"
