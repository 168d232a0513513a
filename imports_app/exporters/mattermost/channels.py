"""Channels of a bulk import, and their rooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from imports_app.exporters.losses import Loss, Losses
from imports_app.exporters.mattermost.names import Names
from imports_app.exporters.mattermost.rules import (
    EXISTING_CHANNELS,
    LARGEST_GROUP,
    LONGEST_HEADER,
    LONGEST_NAME,
    LONGEST_PURPOSE,
    is_channel_name,
)
from imports_app.exporters.mattermost.spool import ChannelSize
from imports_app.exporters.mattermost.texts import clean, shorten, to_markdown
from imports_app.exporters.records import ExportedRoom
from imports_app.records import RoomType


@dataclass(slots=True)
class Channel:
    """A channel of a team, or a direct channel if it has no name."""

    number: int
    name: str
    members: list[str]
    """Usernames in Mattermost."""
    fields: dict[str, Any] = field(default_factory=dict)
    creator: str | None = None

    @property
    def is_direct(self) -> bool:
        """Whether the channel belongs to no team."""
        return not self.name

    @property
    def distinct(self) -> list[str]:
        """Members of a direct channel: a user alone is listed twice."""
        return self.members * 2 if len(self.members) == 1 else self.members


class Channels:
    """The channels of an export.

    Args:
        rooms: All rooms; names of channels are given to them first.
        losses: Counts changed values.
        usernames: Usernames in Mattermost, by ID.
    """

    def __init__(
        self,
        rooms: Iterable[ExportedRoom],
        losses: Losses,
        usernames: Mapping[str, str],
    ) -> None:
        self._losses = losses
        self._usernames = usernames
        self._free = Names(EXISTING_CHANNELS, is_valid=is_channel_name, fallback="room")
        self._names: dict[str, str] = {}
        self.mentions: dict[str, str] = {}
        """What to write for a mention of a room."""
        self.all: list[Channel] = []
        self._direct: dict[frozenset[str], Channel] = {}
        self._name_rooms(rooms)

    def _name_rooms(self, rooms: Iterable[ExportedRoom]) -> None:
        changed = {}
        for room in rooms:
            if room.type is RoomType.DIRECT:
                continue
            if self._free.keep(room.name):
                self._names[room.id] = room.name
                self.mentions[f"#{room.name}"] = f"~{room.name}"
            else:
                changed[room.id] = room.name
        for key, name in changed.items():
            self._names[key] = self._free.change(name)
            self.mentions.setdefault(f"#{name}", f"~{self._names[key]}")
        self._losses.count(Loss.RENAMED_ROOMS, len(changed))

    def of_room(self, room: ExportedRoom, authors: Iterable[str]) -> Channel:
        """Return the channel of a room.

        Args:
            room: The room.
            authors: IDs of the authors, who are members of a direct channel if only one
                member is left.
        """
        members = self._known(room.members)
        self._losses.count(Loss.ARCHIVED_ROOMS, room.is_archived)
        if room.type is RoomType.DIRECT:
            if len(members) < 2:
                members = self._known((*room.members, *authors))
            if 0 < len(members) <= LARGEST_GROUP:
                return self._direct_channel(room, members)
            self._losses.count(Loss.GROUPS)
            name = self._free.change("-".join(members) or room.name)
            title = ", ".join(members) or room.name
        else:
            # A room may be new since the names were read.
            name = self._names.get(room.id) or self._free.change(room.name)
            title = room.name
        fields = {
            "name": name,
            "display_name": self._short(title, LONGEST_NAME) or name,
            "type": "O" if room.type is RoomType.PUBLIC else "P",
            **self._header(room),
        }
        if purpose := self._short(room.description, LONGEST_PURPOSE):
            fields["purpose"] = purpose
        creator = self._usernames.get(room.creator or "")
        channel = Channel(len(self.all), name, members, fields, creator)
        self.all.append(channel)
        return channel

    def _direct_channel(self, room: ExportedRoom, members: list[str]) -> Channel:
        key = frozenset(members)
        channel = self._direct.get(key)
        if channel is not None:
            self._losses.count(Loss.MERGED_ROOMS)
            return channel
        channel = Channel(len(self.all), "", sorted(members), self._header(room))
        self._direct[key] = channel
        self.all.append(channel)
        return channel

    def _header(self, room: ExportedRoom) -> dict[str, Any]:
        topic = to_markdown(clean(room.topic), self.mentions).strip()
        self._losses.count(Loss.SHORTENED, len(topic) > LONGEST_HEADER)
        return {"header": topic[:LONGEST_HEADER]} if topic else {}

    def _short(self, text: str, length: int) -> str:
        whole = shorten(text, len(text))
        self._losses.count(Loss.SHORTENED, len(whole) > length)
        return shorten(whole, length)

    def _known(self, keys: Iterable[str]) -> list[str]:
        """Return the usernames of users, each once."""
        return list(
            dict.fromkeys(
                self._usernames[key] for key in keys if key in self._usernames
            )
        )


def read_state(size: ChannelSize | None) -> dict[str, int]:
    """Return the read state of a member who has read everything."""
    if size is None:
        return {"msg_count": 0, "msg_count_root": 0}
    return {
        "last_viewed_at": size.last,
        "msg_count": size.posts,
        "msg_count_root": size.roots,
    }
