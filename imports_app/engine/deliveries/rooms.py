"""Members and verification of rooms on the server after the import."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from imports_app.engine.deliveries.mapping import Directory
from imports_app.engine.deliveries.planning import RemoteRooms, sample_digest
from imports_app.engine.deliveries.remote_import import RemoteImport
from imports_app.models import DeliveredRoom, Delivery, DeliveryState
from imports_app.remote.documents import RemoteRoom, read_message
from imports_app.remote.errors import RemoteError, RemoteTokenError

_PREFIXES: Final = {"c": "channels", "p": "groups", "d": "im"}
_RECENT: Final = 50


def add_members(delivery: Delivery, remote: RemoteImport) -> None:
    """Add members to existing rooms, because the importer does not.

    Raises:
        RemoteError: The server is not available.
    """
    existing = delivery.outcomes.filter(existed=True).exclude(type="d")
    if not existing.exists():
        return
    directory = Directory(remote.users())
    for room in existing:
        remote.lease.keep()
        earlier = (
            DeliveredRoom.objects.filter(
                delivery__server=delivery.server_id,
                delivery__state=DeliveryState.COMPLETED,
                room=room.room,
            )
            .order_by("-pk")
            .first()
        )
        known = set() if earlier is None else set(earlier.members)
        failed = [
            name
            for name in room.members
            if name not in known and not _invite(remote, directory, room, name)
        ]
        if failed:
            names = ", ".join(failed[:5])
            room.problem = f"Members not added ({len(failed):,}): {names}."[:500]
            room.save(update_fields=["problem"])


def _invite(
    remote: RemoteImport, directory: Directory, room: DeliveredRoom, username: str
) -> bool:
    account = directory.by_username.get(username.lower())
    if account is None:
        return False
    try:
        remote.client.invite(_PREFIXES[room.type], room.remote_id, account.id)
    except RemoteError as error:
        if error.is_temporary or isinstance(error, RemoteTokenError):
            raise
        return False
    return True


def verify_rooms(delivery: Delivery, remote: RemoteImport) -> int:
    """Compare each room with the sent messages; return the number of incomplete rooms.

    Raises:
        RemoteError: The server is not available.
    """
    found = RemoteRooms(remote.rooms())
    problems = 0
    for room in delivery.outcomes.all():
        remote.lease.keep()
        there = found.find(room.name, room.type, room.members)
        problem = room.problem
        if there is None:
            problem = "The room does not exist on the server. Check the server's log."
        else:
            room.remote_id = there.id
            room.arrived = there.messages - room.before
            problem = problem or _compare(room, there, remote)
        room.problem = problem[:500]
        room.save(update_fields=["remote_id", "arrived", "problem"])
        problems += bool(problem)
    return problems


def _compare(room: DeliveredRoom, there: RemoteRoom, remote: RemoteImport) -> str:
    """Return the problem with a room's messages; empty if there is none."""
    missing = room.added - (room.arrived or 0)
    if missing > 0:
        return f"Missing new messages: {missing:,} of {room.added:,}."
    if not room.sent:
        return ""
    try:
        page = remote.client.history(_PREFIXES[room.type], there.id, count=_RECENT)
    except RemoteError as error:
        if error.is_temporary or isinstance(error, RemoteTokenError):
            raise
        return ""  # only members may read the room: its messages are counted
    messages = page.get("messages")
    rows = [read_message(one) for one in messages] if isinstance(messages, list) else []
    if not rows:
        return "The history is empty, although the server reports messages."
    return _compare_samples(room, rows)


def _compare_samples(room: DeliveredRoom, rows: list[tuple[str, str]]) -> str:
    times: dict[int, set[str]] = {}
    for time, text in rows:
        moment = _seconds_of(time)
        if moment is not None:
            times.setdefault(moment, set()).add(sample_digest(text))
    oldest = min(times, default=0)
    samples: list[Any] = room.samples
    for moment, digest in samples:
        # Older ones may be on another page, and those of one second out of order.
        if moment > oldest and moment not in times:
            return f"The message of {_shown(moment)} is missing."
        if moment > oldest and digest not in times[moment]:
            return f"The text of the message of {_shown(moment)} differs."
    return ""


def _seconds_of(time: str) -> int | None:
    try:
        return int(datetime.fromisoformat(time).timestamp())
    except ValueError:
        return None


def _shown(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"
