"""One archive for a bulk import of Mattermost."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import orjson

from imports_app.exporters.base import (
    Export,
    Exporter,
    ExportRefusedError,
    FileMode,
    RoomCount,
)
from imports_app.exporters.losses import Loss
from imports_app.exporters.mattermost.channels import Channel, Channels, read_state
from imports_app.exporters.mattermost.posts import PostWriter
from imports_app.exporters.mattermost.rules import (
    DATA,
    FOLDER,
    is_domain,
    is_team_name,
    is_username,
)
from imports_app.exporters.mattermost.spool import ChannelSize, Spool
from imports_app.exporters.mattermost.texts import clean
from imports_app.exporters.mattermost.users import Users
from imports_app.exporters.mattermost.validation import InvalidArchiveError, validate
from imports_app.exporters.parts import Limits, PartWriter, safe_name
from imports_app.exporters.records import ExportedFile, ExportedRoom, Workspace
from imports_app.records import RoomType


class MattermostExporter(Exporter):
    """Writer of `mattermost.zip`.

    Posts are kept in a temporary file until all rooms are read: a line contains a whole
    thread, and the lines of users, which come first, contain their read states.

    Args:
        folder: An empty folder, which gets the archive.
        workspace: What to write.
        limits: Not used: Mattermost reads archives of any size.
        team: Name of the team that receives the rooms.
        mail_domain: Domain of the addresses of users without a valid one.
        existing_users: Usernames in Mattermost.
        files: How to include files: as content, or not.

    Raises:
        ExportRefusedError: The team or the domain is not valid.
    """

    key: ClassVar[str] = "mattermost"
    file_modes = (FileMode.NONE, FileMode.CONTENT)
    options = frozenset({"team", "mail_domain", "existing_users"})

    def __init__(
        self,
        folder: Path,
        workspace: Workspace,
        limits: Limits,
        *,
        team: str = "",
        mail_domain: str | None = None,
        existing_users: Collection[str] = (),
        files: FileMode = FileMode.NONE,
    ) -> None:
        super().__init__(folder, workspace, limits, files=files)
        if not is_team_name(team):
            msg = (
                f"{team!r} is not a valid name of a team in Mattermost. Use 2 to 64"
                " lower-case letters, digits and hyphens, and don't begin with a"
                " reserved word such as admin."
            )
            raise ExportRefusedError(msg)
        if mail_domain is not None and not is_domain(mail_domain):
            msg = (
                f"{mail_domain!r} is not a valid domain. Use a domain in lower"
                " case, such as example.org."
            )
            raise ExportRefusedError(msg)
        self._team = team
        self._mail_domain = mail_domain
        self._existing = frozenset(filter(is_username, map(str.lower, existing_users)))
        self._avatars: dict[str, str] = {}
        """Paths by ID of the user."""

    def name_of_part(self, number: int) -> str:
        """Return the name of the archive."""
        return "mattermost.zip"

    def complete_part(self, part: PartWriter) -> None:
        """Do nothing, because there is only one file."""

    def export(self) -> Export:
        """Write the archive, and check it.

        Raises:
            ExportRefusedError: Users have no e-mail addresses.
            InvalidArchiveError: Mattermost would not import the archive.
        """
        export = super().export()
        path = self.folder / self.name_of_part(1)
        if violation := next(validate(path, self._existing, self.watch), None):
            raise InvalidArchiveError(path, violation)
        return export

    def write(self) -> None:
        """Read all rooms, then write all lines."""
        users = Users(
            self.users(),
            self.losses,
            mail_domain=self._mail_domain,
            existing=self._existing,
        )
        self.result.users = len(users)
        self._copy_avatars(users)
        channels = Channels(self.workspace.rooms(), self.losses, users.names)
        with (
            TemporaryDirectory(dir=self.folder) as folder,
            Spool(Path(folder) / "posts") as spool,
        ):
            self._read_rooms(spool, users, channels)
            self.part.write(
                DATA,
                self._lines(spool, users, channels),
                messages=sum(room.messages for room in self.result.rooms),
                is_large=True,
            )

    def _read_rooms(self, spool: Spool, users: Users, channels: Channels) -> None:
        names = users.names_by_username
        mentions = channels.mentions | {
            f"@{old}": f"@{new}" for old, new in names.items() if old != new
        }
        posts = PostWriter(
            spool,
            self.losses,
            usernames=users.names,
            names=names,
            mentions=mentions,
            attach=self._attach,
        )
        for room in self.workspace.rooms():
            channel = channels.of_room(room, self._authors(room))
            spool.begin_room(channel.number)
            number = sum(map(posts.write, self.workspace.messages(room)))
            self.result.rooms.append(RoomCount(room.id, room.name, number))

    def _copy_avatars(self, users: Users) -> None:
        for user in users:
            if user.avatar is None or not users.is_new(user):
                continue
            path = self._attach(user.avatar)
            if path is None:
                self.losses.count(Loss.AVATARS)
            else:
                self._avatars[user.id] = path

    def _attach(self, file: ExportedFile) -> str | None:
        """Write the content of a file; return its path in the folder of files.

        Mattermost reads the first file that ends with .jsonl as the list of lines.
        """
        if self.files is FileMode.NONE:
            return None
        name = clean(safe_name(file.name))
        suffix = ".txt" if name.lower().endswith(".jsonl") else ""
        path = f"{file.id}/{name}{suffix}"
        return path if self.copy(file, f"{FOLDER}/{path}") else None

    def _authors(self, room: ExportedRoom) -> list[str]:
        """Return the authors of a direct room with too few members."""
        if room.type is not RoomType.DIRECT or len(room.members) > 1:
            return []
        authors = (message.author for message in self.workspace.messages(room))
        return list(dict.fromkeys(authors))

    def _lines(self, spool: Spool, users: Users, channels: Channels) -> Iterator[bytes]:
        """Yield all lines in the order that Mattermost requires."""
        sizes = spool.sizes()
        in_team = [one for one in channels.all if not one.is_direct]
        direct = [one for one in channels.all if one.is_direct]
        yield b'{"type":"version","version":1}\n'
        yield _line(
            "team",
            {
                "name": self._team,
                "display_name": self._team,
                "type": "I",
                "allow_open_invite": False,
            },
        )
        for channel in in_team:
            yield _line("channel", {"team": self._team, **channel.fields})
        yield from self._users(users, in_team, sizes)
        for channel in in_team:
            place = {"team": self._team, "channel": channel.name}
            yield from _posts(spool, channel, "post", place)
        for channel in direct:
            state = read_state(sizes.get(channel.number))
            members = [{"username": name, **state} for name in channel.members]
            fields: dict[str, Any] = {
                "members": channel.distinct,
                "participants": members,
            }
            if len(members) == 1:  # a user alone: older form only
                del fields["participants"]
            yield _line("direct_channel", {**fields, **channel.fields})
        for channel in direct:
            conversation = {"channel_members": channel.distinct}
            yield from _posts(spool, channel, "direct_post", conversation)

    def _users(
        self, users: Users, channels: list[Channel], sizes: dict[int, ChannelSize]
    ) -> Iterator[bytes]:
        """Yield the users who don't exist in Mattermost, with their channels."""
        rooms: dict[str, array[int]] = {}
        for index, channel in enumerate(channels):
            for name in channel.members:
                rooms.setdefault(name, array("L")).append(index)
        for user in users:
            if not users.is_new(user):
                continue
            fields = users.fields(user)
            name = fields["username"]
            if path := self._avatars.get(user.id):
                fields["profile_image"] = path
            mine = [channels[index] for index in rooms.get(name, ())]
            if mine or user.is_active:
                entries = [
                    {
                        "name": one.name,
                        "roles": (
                            "channel_user channel_admin"
                            if one.creator == name
                            else "channel_user"
                        ),
                        **read_state(sizes.get(one.number)),
                    }
                    for one in mine
                ]
                fields["teams"] = [
                    {"name": self._team, "roles": "team_user", "channels": entries}
                ]
            yield _line("user", fields)


def _line(kind: str, fields: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": kind, kind: fields}, option=orjson.OPT_APPEND_NEWLINE)


def _posts(
    spool: Spool, channel: Channel, kind: str, place: dict[str, Any]
) -> Iterator[bytes]:
    """Yield the posts of a channel, each with its thread."""
    start = b'{"type":"%b","%b":%b,' % (
        kind.encode(),
        kind.encode(),
        orjson.dumps(place)[:-1],
    )
    for first, *replies in spool.threads(channel.number):
        rest = b',"replies":[' + b",".join(replies) + b"]" if replies else b""
        yield start + first[1:-1] + rest + b"}}\n"
