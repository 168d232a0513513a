"""Plan of a delivery: rooms, new and changed days, and conflicts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import orjson

from imports_app.engine.deliveries.mapping import Directory, Mapping, map_users
from imports_app.engine.deliveries.remote_import import RemoteImport
from imports_app.engine.exports.selection import Selection
from imports_app.engine.exports.workspace import SelectedWorkspace
from imports_app.exporters.losses import Loss, Losses
from imports_app.exporters.records import ExportedFile, ExportedRoom, ExportedUser
from imports_app.exporters.slack.identifiers import ids_of_users, room_id
from imports_app.exporters.slack.messages import MessageWriter
from imports_app.models import DeliveredDay, DeliveredRoom, DeliveredUser, Delivery
from imports_app.records import RoomType
from imports_app.remote.documents import RemoteRoom, read_room

_SAMPLES: Final = 3
_MOST_NAMED: Final = 50
"""Maximum number of names in each list of the preview."""


class RemoteRooms:
    """Rooms of the server, by name or by members."""

    def __init__(self, documents: Iterable[dict[str, Any]]) -> None:
        self._named: dict[str, RemoteRoom] = {}
        self._direct: dict[frozenset[str], RemoteRoom] = {}
        for document in documents:
            room = read_room(document)
            if room is None:
                continue
            if room.type == "d":
                self._direct[room.usernames] = room
            elif room.name:
                self._named[room.name] = room

    def find(self, name: str, kind: str, usernames: Iterable[str]) -> RemoteRoom | None:
        """Return the room with a name, or the direct room of these users."""
        if kind == "d":
            wanted = frozenset(one.lower() for one in usernames)
            return self._direct.get(wanted)
        return self._named.get(name)


@dataclass(slots=True)
class RoomPlan:
    """Planned content of a room."""

    room: ExportedRoom
    type: str
    """Type of the room on the server."""
    members: list[str] = field(default_factory=list)
    """Usernames of the members on the server."""
    days: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Digest and number of messages of the days to send."""
    sent: int = 0
    added: int = 0
    samples: list[tuple[int, str]] = field(default_factory=list)
    remote: RemoteRoom | None = None
    was_delivered: bool = False
    is_ours: bool = False
    """Whether an earlier delivery created or used the room on the server."""

    @property
    def is_conflict(self) -> bool:
        """Whether users without access to the room here could read the messages there.

        This happens if the server has a room of another type with the same name, or a
        private room with other members.
        """
        if self.remote is None:
            return False
        is_foreign = self.type == RoomType.PRIVATE.value and not self.is_ours
        return is_foreign or self.remote.type != self.type


@dataclass(slots=True)
class Plan:
    """Plan of a delivery."""

    mapping: Mapping
    rooms: list[RoomPlan]
    losses: dict[Loss, int]
    directory: Directory

    @property
    def messages(self) -> int:
        """Number of new and changed messages."""
        return sum(room.sent for room in self.rooms)

    @property
    def conflicts(self) -> list[str]:
        """Names of rooms that exist on the server with other readers."""
        return [plan.room.name for plan in self.rooms if plan.is_conflict]

    def preview(self) -> dict[str, Any]:
        """Return the preview, which is stored and shown."""
        mapping = self.mapping
        existing = [one for one in self.rooms if one.remote and not one.was_delivered]
        return {
            "users": {
                "create": len(mapping.missing) + len(mapping.listed),
                "connect": len(mapping.connected),
                "known": mapping.users
                - len(mapping.missing)
                - len(mapping.listed)
                - len(mapping.connected),
                "byUsername": mapping.by_username[:_MOST_NAMED],
                "byUsernameTotal": len(mapping.by_username),
                "administrators": mapping.privileged[:_MOST_NAMED],
            },
            "rooms": {
                "total": len(self.rooms),
                "existing": [one.room.name for one in existing][:_MOST_NAMED],
                "existingTotal": len(existing),
                "conflicts": self.conflicts[:_MOST_NAMED],
            },
            "messages": {
                "send": self.messages,
                "new": sum(room.added for room in self.rooms),
            },
            "notIncluded": [
                {"what": loss.value, "number": number}
                for loss, number in self.losses.items()
            ],
        }


def selection_of(delivery: Delivery) -> Selection:
    """Return the selection of a delivery."""
    rooms = None if delivery.rooms is None else tuple(delivery.rooms)
    return Selection(rooms=rooms, since=delivery.since, until=delivery.until)


def make_plan(delivery: Delivery, remote: RemoteImport) -> Plan:
    """Compare the selected workspace with the server and with earlier deliveries.

    Args:
        delivery: The delivery.
        remote: Caller of the server, whose lease is kept.

    Raises:
        RemoteError: The server does not list its users or rooms.
    """
    workspace = SelectedWorkspace(
        selection_of(delivery), on_messages=lambda _number: remote.lease.keep()
    )
    users = list(workspace.users())
    directory = Directory(remote.users())
    known = DeliveredUser.objects.filter(server=delivery.server_id)
    rows = known.values_list("user", "username", "import_id")
    mapping = map_users(
        users, directory, {user: (name, key) for user, name, key in rows}
    )
    found = RemoteRooms(remote.rooms())
    losses = Losses()
    rooms = list(_plan_rooms(delivery, workspace, users, losses))
    for plan in rooms:
        names = mapping.usernames
        plan.members = [names[key] for key in plan.room.members if key in names]
        plan.remote = found.find(plan.room.name, plan.type, plan.members)
    outcomes = DeliveredRoom.objects.filter(delivery__server=delivery.server_id)
    earlier = set(outcomes.exclude(remote_id="").values_list("room", flat=True))
    created = set(outcomes.filter(existed=False).values_list("room", flat=True))
    for plan in rooms:
        plan.was_delivered = plan.room.id in earlier
        plan.is_ours = plan.room.id in earlier | created
    return Plan(mapping, rooms, losses.by_loss(), directory)


def _plan_rooms(
    delivery: Delivery,
    workspace: SelectedWorkspace,
    users: list[ExportedUser],
    losses: Losses,
) -> Iterable[RoomPlan]:
    usernames = {user.id: user.username for user in users}
    writer = MessageWriter(
        usernames,
        ids_of_users(usernames),
        losses,
        has_reactions=False,
        attach=_described if delivery.has_files else lambda _file: None,
    )
    for room in workspace.rooms():
        plan = RoomPlan(room, _type_there(room))
        writer.begin_room()
        days: dict[str, tuple[Any, int]] = {}
        for message in workspace.messages(room):
            element = writer.convert(message)
            if element is None:
                continue
            day = message.sent_at.date().isoformat()
            digest, number = days.get(day) or (hashlib.sha256(), 0)
            digest.update(orjson.dumps(element))
            days[day] = (digest, number + 1)
            if not message.event and message.thread is None and message.text:
                moment = int(message.sent_at.timestamp())
                plan.samples = [
                    *plan.samples[1 - _SAMPLES :],
                    (moment, sample_digest(message.text)),
                ]
        _select_days(delivery, plan, days)
        yield plan


def _described(file: ExportedFile) -> dict[str, Any] | None:
    """Return the file as in archives, without its link, which changes each time."""
    return {"id": file.id, "name": file.name} if file.is_stored else None


def _select_days(
    delivery: Delivery, plan: RoomPlan, days: dict[str, tuple[Any, int]]
) -> None:
    """Select the days that the server does not have or whose digest differs."""
    delivered = DeliveredDay.objects.of_room(delivery.server_id, plan.room.id)
    for day, (digest, number) in days.items():
        old, before = delivered.get(date.fromisoformat(day), ("", 0))
        if digest.hexdigest() != old:
            plan.days[day] = (digest.hexdigest(), number)
            plan.sent += number
            plan.added += max(number - before, 0)


def sample_digest(text: str) -> str:
    """Return the SHA-256 of a text, in hex."""
    return hashlib.sha256(text.strip().encode()).hexdigest()


def import_id_of(room: ExportedRoom) -> str:
    """Return the ID of a room in the archives."""
    return room_id(room.id, room.type)


def _type_there(room: ExportedRoom) -> str:
    is_large = room.type is RoomType.DIRECT and len(room.members) > 8
    return RoomType.PRIVATE.value if is_large else room.type.value
