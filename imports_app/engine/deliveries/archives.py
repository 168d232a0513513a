"""Archives of a delivery, and their import on the server."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import F

from imports_app.engine.deliveries.accounts import remember_users
from imports_app.engine.deliveries.errors import DeliveryFailedError
from imports_app.engine.deliveries.links import folder_of
from imports_app.engine.deliveries.planning import (
    Plan,
    RoomPlan,
    import_id_of,
    selection_of,
)
from imports_app.engine.deliveries.remote_import import RemoteImport
from imports_app.engine.exports.links import linker
from imports_app.engine.exports.workspace import SelectedWorkspace
from imports_app.exporters.base import FileMode
from imports_app.exporters.parts import Limits, Part
from imports_app.exporters.records import ExportedUser
from imports_app.exporters.slack.archive import Recipient, SlackExporter
from imports_app.exporters.slack.identifiers import user_id
from imports_app.models import (
    DeliveredDay,
    DeliveredRoom,
    Delivery,
    DeliveryPart,
    DeliveryStep,
)
from imports_app.records import RoomType
from imports_app.remote.documents import DONE, SELECTION, Account

_LIMITS: Final = Limits()
_UNCLEAR_SECONDS: Final = 1.0


class DeliveredWorkspace(SelectedWorkspace):
    """The selected workspace, with some users' data replaced by that of the server.

    Args:
        delivery: The delivery.
        accounts: Users of the server, by ID here. An archive with other data would
            change these users.
        remote: The import, whose lease is renewed.
    """

    def __init__(
        self, delivery: Delivery, accounts: Mapping[str, Account], remote: RemoteImport
    ) -> None:
        super().__init__(
            selection_of(delivery),
            on_messages=lambda _number: remote.lease.keep(),
            link=linker(delivery.public_id) if delivery.has_files else None,
        )
        self._accounts = accounts

    def users(self) -> Iterator[ExportedUser]:
        """Yield the users."""
        for user in super().users():
            account = self._accounts.get(user.id)
            if account is None:
                yield user
            else:
                yield replace(
                    user,
                    username=account.username,
                    name=account.name,
                    email=next(iter(account.emails), ""),
                    is_active=account.is_active,
                )


def write_archives(delivery: Delivery, plan: Plan, remote: RemoteImport) -> None:
    """Write new and changed days to archives, and store their list.

    Raises:
        LeaseLostError: The delivery was cancelled or taken over.
        OSError: An archive can't be written.
    """
    folder = folder_of(delivery.public_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    days = {one.room.id: one.days for one in plan.rooms}
    mapping = plan.mapping
    unbound = set(mapping.connected)  # the server did not connect them
    recipient = Recipient(
        user_ids={
            key: user_id(key) if key in unbound else import_id
            for key, import_id in mapping.ids.items()
        },
        listed=unbound | {user.id for user in (*mapping.listed, *mapping.missing)},
        wants=lambda room, day: day in days.get(room, {}),
        prefix=f"{delivery.public_id}-{secrets.token_hex(4)}-",
    )
    parts: list[Part] = []
    is_new = any(not one.was_delivered for one in plan.rooms)
    if plan.messages or is_new or recipient.listed:
        accounts = {key: mapping.accounts[key] for key in unbound}
        workspace = DeliveredWorkspace(delivery, accounts, remote)
        exporter = SlackExporter(
            folder,
            workspace,
            _LIMITS,
            files=FileMode.LINKS if delivery.has_files else FileMode.NONE,
            recipient=recipient,
        )
        parts = exporter.export().parts
    with transaction.atomic():
        _store(delivery, plan, parts, recipient)
        remote.lease.renew(
            step=DeliveryStep.PARTS,
            messages_total=plan.messages,
            messages_sent=0,
        )


def _store(
    delivery: Delivery, plan: Plan, parts: list[Part], recipient: Recipient
) -> None:
    delivery.parts.all().delete()
    delivery.outcomes.all().delete()
    days = {one.room.id: one.days for one in plan.rooms}
    DeliveryPart.objects.bulk_create(
        DeliveryPart(
            delivery=delivery,
            number=number,
            name=part.name,
            messages=part.messages,
            days=[
                [room, day, *days[room][day]]
                for room, day in recipient.days.get(part.name, ())
            ],
            users=[
                [
                    key,
                    plan.mapping.usernames[key],
                    recipient.user_ids[key],
                    key not in plan.mapping.connected,
                ]
                for key in sorted(recipient.listed)
            ]
            if number == 1
            else [],
        )
        for number, part in enumerate(parts, 1)
    )
    DeliveredRoom.objects.bulk_create(_outcome(delivery, one) for one in plan.rooms)


def _outcome(delivery: Delivery, plan: RoomPlan) -> DeliveredRoom:
    remote = plan.remote
    is_direct = plan.type == RoomType.DIRECT.value
    name = ", ".join(plan.members) if is_direct else plan.room.name
    return DeliveredRoom(
        delivery=delivery,
        room=plan.room.id,
        name=name[:255],
        type=plan.type,
        import_id=import_id_of(plan.room),
        remote_id="" if remote is None else remote.id,
        existed=remote is not None,
        members=plan.members,
        sent=plan.sent,
        added=plan.added,
        before=0 if remote is None else remote.messages,
        samples=plan.samples if plan.sent else [],
    )


def import_part(delivery: Delivery, part: DeliveryPart, remote: RemoteImport) -> None:
    """Import one archive on the server, continuing after an interruption.

    Raises:
        BlockedError: Another user's import is in progress.
        WaitError: The turn is over.
        RemoteError: The server refuses a call.
        DeliveryFailedError: The server can't read or import the archive.
    """
    if part.state == DeliveryPart.State.STARTING:
        found = remote.find(part.name)
        if found is None or (not found.is_valid and found.status != DONE):
            # Another operation has ended this one. The same messages arrive once.
            _move(part, DeliveryPart.State.WAITING, remote)
        elif found.status == SELECTION:
            remote.lease.pause(_UNCLEAR_SECONDS)
            found = remote.find(part.name)
            if found is not None and found.status == SELECTION:
                remote.start()
    if part.state != DeliveryPart.State.STARTING:
        _move(part, DeliveryPart.State.UPLOADING, remote)
        content = _read(folder_of(delivery.public_id) / part.name)
        remote.prepare(part.name, "slack", content)
        _move(part, DeliveryPart.State.STARTING, remote)
        remote.start()
    remote.follow()
    found = remote.find(part.name)
    _finish(delivery, part, remote, errors=0 if found is None else found.errors)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ArchiveLostError from error


class ArchiveLostError(DeliveryFailedError):
    """The archives are on another machine, or were deleted."""


def _move(part: DeliveryPart, state: DeliveryPart.State, remote: RemoteImport) -> None:
    with transaction.atomic():
        remote.lease.renew()
        part.state = state
        part.save(update_fields=["state"])


@transaction.atomic
def _finish(
    delivery: Delivery, part: DeliveryPart, remote: RemoteImport, *, errors: int
) -> None:
    """Store that the server has the messages of an archive."""
    created = sum(is_new for *_user, is_new in part.users)
    remote.lease.renew(
        messages_sent=F("messages_sent") + part.messages,
        users_created=F("users_created") + created,
    )
    part.state, part.errors = DeliveryPart.State.DONE, errors
    part.save(update_fields=["state", "errors"])
    DeliveredDay.objects.bulk_create(
        [
            DeliveredDay(
                server_id=delivery.server_id,
                room=room,
                day=date.fromisoformat(day),
                digest=digest,
                messages=number,
            )
            for room, day, digest, number in part.days
        ],
        update_conflicts=True,
        update_fields=["digest", "messages"],
        unique_fields=["server", "room", "day"],
    )
    remember_users(delivery, (user[:3] for user in part.users))
    failed = f" Failed records: {errors:,}." if errors else ""
    remote.lease.log(
        f"Archive {part.number:,} imported. Messages: {part.messages:,}.{failed}"
    )
