"""Archives in the format of a Slack export, in parts that Rocket.Chat can read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

import orjson

from imports_app.exporters.base import Exporter, FileMode, RoomCount
from imports_app.exporters.losses import Loss
from imports_app.exporters.parts import Limits, PartWriter, safe_name
from imports_app.exporters.records import (
    ExportedFile,
    ExportedRoom,
    ExportedUser,
    Workspace,
)
from imports_app.exporters.slack.identifiers import (
    ROCKET_CAT,
    SLACKBOT,
    ids_of_users,
    room_id,
    seconds_of,
    user_id,
)
from imports_app.exporters.slack.messages import MessageWriter
from imports_app.records import RoomType

_MOST_IN_GROUP: Final = 8
"""Maximum members of a group conversation in Rocket.Chat's default settings."""
_UPLOADS: Final = "__uploads"
_CHANNELS: Final = "channels.json"
_GROUPS: Final = "groups.json"
_MPIMS: Final = "mpims.json"
_DMS: Final = "dms.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Existing content of the only server that reads the archives."""

    user_ids: Mapping[str, str]
    """Import IDs of the server's existing users, by ID."""
    listed: Collection[str]
    """IDs of the users that the first archive lists; the others exist there."""
    wants: Callable[[str, str], bool]
    """Whether the server needs the messages of a room on a day."""
    prefix: str
    """Prefix of the names of the archives."""
    days: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Rooms and days that each archive completes, by name of the archive."""


class SlackExporter(Exporter):
    """Writer of Slack exports.

    Folders have the ID of their room, because names may repeat. Every archive lists the
    rooms of its messages, because an import does not know the rooms of the previous
    one. Only the first archive lists the users, so that later ones change none.

    Args:
        folder: An empty folder, which gets the archives.
        workspace: What to write.
        limits: Maximum size of an archive.
        files: How to include files. With links, Rocket.Chat downloads them after the
            import; the content is for other readers.
        has_reactions: Whether to include reactions, for servers other than Rocket.Chat.
        recipient: The only reader, whose existing users and messages are not written.
    """

    key: ClassVar[str] = "slack"
    options = frozenset({"has_reactions"})

    def __init__(
        self,
        folder: Path,
        workspace: Workspace,
        limits: Limits,
        *,
        files: FileMode = FileMode.NONE,
        has_reactions: bool = False,
        recipient: Recipient | None = None,
    ) -> None:
        super().__init__(folder, workspace, limits, files=files)
        self._recipient = recipient
        self._usernames: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._has_reactions = has_reactions
        self._rooms: dict[str, ExportedRoom] = {}
        """Rooms of the current archive, by ID."""

    def write(self) -> None:
        """Write users, and the messages of each room by day."""
        self.part.write("users.json", _array(self._users()))
        self._ids = ids_of_users(self._usernames)
        if self._recipient is not None:
            self._ids |= self._recipient.user_ids
        self.result.users = len(self._usernames)
        messages = MessageWriter(
            self._usernames,
            self._ids,
            self.losses,
            has_reactions=self._has_reactions,
            attach=self._attach,
        )
        for room in self.workspace.rooms():
            self._rooms[room.id] = room
            messages.begin_room()
            number = self._write_room(room, messages)
            self.result.rooms.append(RoomCount(room.id, room.name, number))
        if self._rooms:
            self.end_part()  # the last rooms may have no messages

    def _users(self) -> Iterator[dict[str, Any]]:
        for user in self.users():
            self._usernames[user.id] = user.username
            if user.username != ROCKET_CAT and self._lists(user):
                # The IDs of a recipient's users belong to no workspace.
                workspace = "" if self._recipient else self.workspace.id
                yield _user(user, workspace, self._avatar_of(user))

    def _lists(self, user: ExportedUser) -> bool:
        return self._recipient is None or user.id in self._recipient.listed

    def name_of_part(self, number: int) -> str:
        """Return the name of an archive."""
        name = super().name_of_part(number)
        return f"{self._recipient.prefix}{name}" if self._recipient else name

    def _write_room(self, room: ExportedRoom, messages: MessageWriter) -> int:
        """Write the messages of a room; return their number."""
        number = 0
        day = ""
        lines: list[bytes] = []
        for message in self.workspace.messages(room):
            today = message.sent_at.date().isoformat()
            is_full = self.part.is_full(self.limits, len(lines))
            if lines and (today != day or is_full):
                self._write_day(room, day, lines, is_complete=today != day)
                lines = []
            day = today
            element = messages.convert(message)
            is_wanted = self._recipient is None or self._recipient.wants(room.id, day)
            if element is not None and is_wanted:
                number += 1
                lines.append(orjson.dumps(element))
        if lines:
            self._write_day(room, day, lines, is_complete=True)
        return number

    def _write_day(
        self, room: ExportedRoom, day: str, lines: list[bytes], *, is_complete: bool
    ) -> None:
        self._rooms[room.id] = room
        folder = room_id(room.id, room.type)
        part = self.part
        part.write(f"{folder}/{day}.json", _joined(lines), messages=len(lines))
        if self._recipient is not None and is_complete:
            days = self._recipient.days.setdefault(part.path.name, [])
            days.append((room.id, day))
        self.end_full_part()

    def _avatar_of(self, user: ExportedUser) -> str:
        """Return the URL of a user's avatar, or an empty string."""
        if user.avatar is None:
            return ""
        if self.files is FileMode.LINKS:
            return self.workspace.link(user.avatar)
        self.losses.count(Loss.AVATARS)
        return ""

    def _attach(self, file: ExportedFile) -> dict[str, Any] | None:
        """Return a file in Slack's form, after its content was written."""
        entry: dict[str, Any] = {
            "id": file.id,
            "name": file.name,
            "mimetype": file.content_type,
            "size": file.size or 0,
            "is_external": False,
        }
        if self.files is FileMode.LINKS and file.is_stored:
            return {**entry, "url_private_download": self.workspace.link(file)}
        if self.files is FileMode.CONTENT:
            name = f"{_UPLOADS}/{file.id}/{safe_name(file.name)}"
            return entry if self.copy(file, name) else None
        return None

    def complete_part(self, part: PartWriter) -> None:
        """List the rooms of the archive."""
        files: dict[str, list[dict[str, Any]]] = {
            name: [] for name in (_CHANNELS, _GROUPS, _MPIMS, _DMS)
        }
        for room in self._rooms.values():
            files[_file_of(room)].append(self._room(room))
        for name, rooms in files.items():
            part.write(name, _array(iter(rooms)))
        self._rooms = {}

    def _room(self, room: ExportedRoom) -> dict[str, Any]:
        members = [self._ids[key] for key in room.members if key in self._ids]
        entry: dict[str, Any] = {
            "id": room_id(room.id, room.type),
            "created": seconds_of(room.created_at),
            "members": members,
        }
        if _file_of(room) == _DMS:
            return entry
        # Rocket.Chat drops rooms without a creator.
        creator = self._ids.get(room.creator or "") or next(iter(members), SLACKBOT)
        return {
            **entry,
            "name": room.name,
            "creator": creator,
            "is_archived": room.is_archived,
            "is_general": False,  # which would rename the server's first room
            "topic": {"value": room.topic, "creator": creator, "last_set": 0},
            "purpose": {"value": room.description, "creator": creator, "last_set": 0},
        }


def _file_of(room: ExportedRoom) -> str:
    """Return the file that lists a room."""
    if room.type is RoomType.PUBLIC:
        return _CHANNELS
    if room.type is RoomType.PRIVATE or len(room.members) > _MOST_IN_GROUP:
        return _GROUPS
    return _DMS if len(room.members) <= 2 else _MPIMS


def _user(user: ExportedUser, workspace: str, avatar: str) -> dict[str, Any]:
    return {
        "id": user_id(user.id),
        **({"team_id": workspace} if workspace else {}),
        "name": user.username,
        "deleted": not user.is_active,
        "real_name": user.name,
        "tz_offset": round(user.utc_offset * 3600),
        "is_bot": user.is_bot,
        "profile": {
            "real_name": user.name,
            **({"email": user.email} if user.email else {}),
            "status_text": user.status_text,
            "title": user.bio,
            **({"image_original": avatar} if avatar else {}),
        },
    }


def _array(elements: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    return _joined(map(orjson.dumps, elements))


def _joined(lines: Any) -> Iterator[bytes]:
    """Yield a JSON array, one element per line."""
    start = b"["
    for line in lines:
        yield start + b"\n" + line
        start = b","
    yield b"\n]\n" if start == b"," else b"[]\n"
