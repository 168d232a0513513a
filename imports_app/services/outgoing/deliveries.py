"""Deliveries: create, start, cancel and resume."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import ActivityEntry, User
from accounts.services.activity import Author, record_event
from imports_app.engine.deliveries.job import check_preview
from imports_app.engine.deliveries.links import archives_folder
from imports_app.engine.exports.jobs import SEND_PERMISSIONS
from imports_app.engine.exports.links import check_base_url
from imports_app.engine.lease import DURATION
from imports_app.models import Delivery, DeliveryEvent, DeliveryState, Server
from imports_app.querysets.outgoing.deliveries import DeliveryQuerySet
from imports_app.services.outgoing.errors import DeliveryActiveError, DeliveryStateError
from imports_app.tasks import enqueue_delivery

_DELIVERY = ActivityEntry.Subject.DELIVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySelection:
    """Rooms and days of a delivery."""

    rooms: Collection[int] | None = None
    """Keys; `None` selects all rooms."""
    since: date | None = None
    """First day, in UTC."""
    until: date | None = None
    """First day after the selection, in UTC."""
    has_files: bool = False
    """Whether the server downloads attached files and avatars from this one."""


def create_delivery(
    *, server: Server, selection: DeliverySelection, by: Author
) -> Delivery:
    """Create a delivery, whose preview a worker prepares. Nothing is sent yet.

    Raises:
        DeliveryActiveError: The server has a delivery that has not ended.
        DeliveryStateError: The server is not a Rocket.Chat.
        NoBaseUrlError: The server could not download files from this one.
    """
    if server.kind != Server.Kind.ROCKETCHAT:
        raise DeliveryStateError("Deliveries need a server that runs Rocket.Chat.")
    if selection.has_files:
        check_base_url()
    try:
        with transaction.atomic():
            delivery = Delivery.objects.create(
                server=server,
                **_responsible(by),
                rooms=None if selection.rooms is None else sorted(selection.rooms),
                since=selection.since,
                until=selection.until,
                has_files=selection.has_files,
                **_waiting_for_task(),
            )
            _record(delivery, "created", by)
            enqueue_delivery(delivery)
    except IntegrityError as error:
        raise DeliveryActiveError from error
    return delivery


@transaction.atomic
def start_delivery(
    delivery: Delivery, *, by: Author, matches_usernames: bool = False
) -> Delivery:
    """Start a delivery after its preview was reviewed.

    Args:
        delivery: The delivery.
        by: Who starts it.
        matches_usernames: Whether users who are matched only by username are the same
            people.

    Raises:
        DeliveryStateError: There is no preview, or the delivery has been started.
        DeliveryConflictError: The preview contains a conflict.
    """
    current = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if current.state != DeliveryState.PREVIEW:
        raise DeliveryStateError(
            "Only a delivery with a preview can be started. This one is in the state"
            f" {current.state}."
        )
    check_preview(current.preview, matches_usernames=matches_usernames)
    _change(
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PREVIEW),
        state=DeliveryState.RUNNING,
        matches_usernames=matches_usernames,
        started_at=timezone.now(),
        **_responsible(by),
        **_waiting_for_task(),
    )
    return _enqueued(delivery, "started", by)


@transaction.atomic
def cancel_delivery(delivery: Delivery, *, by: Author) -> Delivery:
    """Cancel a delivery. Imported records stay on the server.

    Raises:
        DeliveryStateError: The delivery has ended.
    """
    _change(
        Delivery.objects.active().filter(pk=delivery.pk),
        state=DeliveryState.CANCELLED,
        lease_owner="",
        lease_expires_at=None,
        note="",
        finished_at=timezone.now(),
    )
    _record(delivery, "cancelled", by)
    delivery.refresh_from_db()
    return delivery


def resume_delivery(
    delivery: Delivery, *, by: Author, replaces_foreign: bool = False
) -> Delivery:
    """Continue a failed or cancelled delivery, or one that waits.

    Args:
        delivery: The delivery.
        by: Who resumes it.
        replaces_foreign: Whether another user's import in progress on the server may be
            replaced.

    Raises:
        DeliveryStateError: The delivery is not stopped, or was never started.
        DeliveryActiveError: The server has another delivery that has not ended.
    """
    stopped = (DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.BLOCKED)
    try:
        with transaction.atomic():
            _change(
                Delivery.objects.filter(
                    pk=delivery.pk, state__in=stopped, started_at__isnull=False
                ),
                state=DeliveryState.RUNNING,
                replaces_foreign=replaces_foreign,
                attempts=0,
                note="",
                error="",
                error_code="",
                finished_at=None,
                **_responsible(by),
                **_waiting_for_task(),
            )
            return _enqueued(delivery, "resumed", by)
    except IntegrityError as error:
        raise DeliveryActiveError from error


def prune_archives(*, before: datetime) -> int:
    """Delete the archives of deliveries that have ended, and return their number.

    Failed deliveries keep theirs for some time, so that they resume faster. Without
    archives, a resumed delivery writes them again.

    Args:
        before: Time before which failed deliveries ended.
    """
    folder = archives_folder()
    names = [path.name for path in folder.iterdir()] if folder.exists() else []
    kept = set(
        Delivery.objects.with_archives(before).values_list("public_id", flat=True)
    )
    ended = [name for name in names if name not in kept]
    for name in ended:
        shutil.rmtree(folder / name, ignore_errors=True)
    return len(ended)


def may_deliver(user: User) -> bool:
    """Return whether a user may deliver, and see the deliveries of others."""
    return all(map(user.has_perm, SEND_PERMISSIONS))


def _responsible(by: Author) -> dict[str, Any]:
    """Return the user whose permissions the delivery needs from now on."""
    return {"starter": by.user, "by_command": by.user is None}


def _waiting_for_task() -> dict[str, Any]:
    """Return the columns that mark a delivery as enqueued.

    If the task is lost, a worker enqueues it again.
    """
    expires = timezone.now() + DURATION
    return {"lease_owner": "", "lease_expires_at": expires, "due_at": None}


def _change(rows: DeliveryQuerySet, **values: Any) -> None:
    """Change a delivery if it is still in the expected state."""
    if rows.update(updated_at=timezone.now(), **values) != 1:
        raise DeliveryStateError(
            "The delivery has changed in the meantime. Check its current state."
        )


def _enqueued(delivery: Delivery, what: str, by: Author) -> Delivery:
    _record(delivery, what, by)
    delivery.refresh_from_db()
    enqueue_delivery(delivery)
    return delivery


def _record(delivery: Delivery, what: str, by: Author) -> None:
    """Write to the timeline and to the activity log."""
    actor = str(by.user) if by.user is not None else by.name
    DeliveryEvent.objects.create(
        delivery=delivery, actor=actor, text=f"Delivery {what}."
    )
    actions = {
        "created": ActivityEntry.Action.CREATED,
        "cancelled": ActivityEntry.Action.CANCELLED,
    }
    record_event(
        actions.get(what, ActivityEntry.Action.STARTED),
        _DELIVERY,
        f"{delivery.public_id} ({delivery.server.name})",
        by=by,
        details={"what": what},
    )
