"""Job of a delivery: its steps, in turns of up to ten seconds."""

from __future__ import annotations

import logging
import shutil
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from config.db.errors import unavailability_of
from config.db.ids import new_public_id
from config.errors import DomainError
from imports_app.engine.deliveries.accounts import (
    connect_accounts,
    create_accounts,
)
from imports_app.engine.deliveries.archives import (
    ArchiveLostError,
    import_part,
    write_archives,
)
from imports_app.engine.deliveries.errors import (
    DeliveryConflictError,
    DeliveryNotAllowedError,
    ServerDisabledError,
)
from imports_app.engine.deliveries.lease import BlockedError, DeliveryLease
from imports_app.engine.deliveries.links import folder_of
from imports_app.engine.deliveries.planning import Plan, make_plan
from imports_app.engine.deliveries.remote_import import RemoteImport
from imports_app.engine.deliveries.rooms import add_members, verify_rooms
from imports_app.engine.exports.jobs import SEND_PERMISSIONS
from imports_app.engine.lease import LeaseLostError
from imports_app.engine.retries import StoppedError, retry_on_disconnect, stopping
from imports_app.engine.servers.clients import rocketchat_client
from imports_app.engine.turns import WaitError
from imports_app.models import (
    Delivery,
    DeliveryPart,
    DeliveryState,
    DeliveryStep,
)
from imports_app.remote.documents import RemoteOperation
from imports_app.remote.errors import RemoteError

logger = logging.getLogger(__name__)

_MOST_ATTEMPTS: Final = 60
"""Attempts without success, about an hour and a half, until the delivery fails."""
_LONGEST_WAIT: Final = 120.0


def deliver(delivery_id: int) -> None:
    """Process a delivery for one turn, if it is active and has no other lease.

    The worker's heartbeat enqueues the next turn when it is due.
    """
    lease = retry_on_disconnect(lambda: DeliveryLease.take(delivery_id))
    if lease is None:
        return
    try:
        _take_turn(lease)
    except LeaseLostError:
        logger.info("delivery %s: cancelled, or taken over", delivery_id)
    except StoppedError:
        logger.info("delivery %s: released for the next worker", delivery_id)
        with suppress(OperationalError, InterfaceError):
            lease.release()
    except Exception as error:
        if not isinstance(error, OperationalError | InterfaceError) or (
            unavailability_of(error) is None
        ):
            _fail(lease, *_describe(delivery_id, error))
        raise  # if the database is unavailable, the lease expires


def _take_turn(lease: DeliveryLease) -> None:
    delivery = Delivery.objects.with_names().get(pk=lease.key)
    try:
        _check_allowed(delivery)
        remote = RemoteImport(
            delivery, rocketchat_client(delivery.server, wait=stopping.wait), lease
        )
        if delivery.state == DeliveryState.PLANNING:
            _plan(delivery, remote)
        else:
            _deliver(delivery, remote)
    except WaitError as waits:
        _wait(delivery, lease, waits)
    except RemoteError as error:
        if not error.is_temporary or delivery.attempts >= _MOST_ATTEMPTS:
            _fail(lease, str(error.code), error.message)
            return
        seconds = error.retry_after or min(2.0**delivery.attempts, _LONGEST_WAIT)
        note = f"{error.message} The next attempt is in {seconds:.0f} seconds."
        lease.wait(WaitError(seconds, note), attempts=delivery.attempts + 1)
    except DomainError as error:
        _fail(lease, str(error.code), error.message)


def _check_allowed(delivery: Delivery) -> None:
    """Check that the delivery is still allowed to send.

    Raises:
        DeliveryNotAllowedError: The initiator lost a permission, or was deleted.
        ServerDisabledError: The server was disabled.
    """
    if not delivery.server.is_enabled:
        raise ServerDisabledError
    starter = delivery.starter
    if delivery.by_command:
        return
    if (
        starter is None
        or not starter.is_active
        or not all(map(starter.has_perm, SEND_PERMISSIONS))
    ):
        raise DeliveryNotAllowedError


def _plan(delivery: Delivery, remote: RemoteImport) -> None:
    plan = make_plan(delivery, remote)
    remote.lease.log("Preview ready.")
    remote.lease.end(
        DeliveryState.PREVIEW,
        preview=plan.preview(),
        messages_total=plan.messages,
        attempts=0,
    )


def _deliver(delivery: Delivery, remote: RemoteImport) -> None:
    """Run the steps from the current one on.

    Raises:
        WaitError: The delivery continues later.
        RemoteError: A call failed.
        DomainError: The delivery can't continue.
    """
    steps: dict[str, Callable[[Delivery, RemoteImport], None]] = {
        DeliveryStep.ACCOUNTS: create_accounts,
        DeliveryStep.BINDING: connect_accounts,
        DeliveryStep.ARCHIVES: _write_archives,
        DeliveryStep.PARTS: _import_parts,
        DeliveryStep.AVATARS: _download_avatars,
        DeliveryStep.FILES: _download_files,
        DeliveryStep.MEMBERS: add_members,
        DeliveryStep.VERIFYING: _verify,
    }
    if not delivery.has_files:
        del steps[DeliveryStep.AVATARS], steps[DeliveryStep.FILES]
    order = list(steps)
    while delivery.state in (DeliveryState.RUNNING, DeliveryState.BLOCKED):
        step = delivery.step
        try:
            steps[step](delivery, remote)
        except ArchiveLostError:
            delivery.step = DeliveryStep.ARCHIVES
        else:
            if step == order[-1]:
                return
            delivery.step = order[order.index(step) + 1]
        _progress(delivery, remote.lease)
        remote.lease.log(f"Next step: {DeliveryStep(delivery.step).label}.")


def _progress(delivery: Delivery, lease: DeliveryLease) -> None:
    """Store the current step and clear the reason for waiting."""
    delivery.state, delivery.attempts, delivery.note = DeliveryState.RUNNING, 0, ""
    lease.renew(step=delivery.step, state=delivery.state, attempts=0, note="")


def _write_archives(delivery: Delivery, remote: RemoteImport) -> None:
    plan = make_plan(delivery, remote)
    check_plan(delivery, plan)
    write_archives(delivery, plan, remote)


def check_plan(delivery: Delivery, plan: Plan) -> None:
    """Check that the current plan has no conflict that was not confirmed.

    Raises:
        DeliveryConflictError: The plan has such a conflict.
    """
    check_preview(plan.preview(), matches_usernames=delivery.matches_usernames)


def check_preview(
    preview: dict[str, dict[str, list[str]]], *, matches_usernames: bool
) -> None:
    """Check that a preview has no conflicts.

    Raises:
        DeliveryConflictError: Other users could read a room, or a user is matched by
            username only.
    """
    if names := preview["rooms"]["conflicts"]:
        raise DeliveryConflictError(
            f"The server has a room {names[0]} that is private or of another type."
            " Its members could read the delivered messages. Rename the room on the"
            " server, or deselect it in the delivery."
        )
    if (names := preview["users"]["byUsername"]) and not matches_usernames:
        raise DeliveryConflictError(
            f"The user {names[0]} is matched only by username. Check that these users"
            " in the preview are the same people on the server, then confirm it."
        )


def _import_parts(delivery: Delivery, remote: RemoteImport) -> None:
    while part := DeliveryPart.objects.next_of(delivery.pk):
        import_part(delivery, part, remote)
        _progress(delivery, remote.lease)
        remote.lease.pause(0)


def _download_avatars(delivery: Delivery, remote: RemoteImport) -> None:
    ended = remote.download(remote.client.download_pending_avatars)
    remote.lease.renew(avatars_failed=ended.errors if ended else 0)
    _log_downloads(remote, "avatars", ended)


def _download_files(delivery: Delivery, remote: RemoteImport) -> None:
    ended = remote.download(remote.client.download_pending_files)
    remote.lease.renew(files_failed=ended.errors if ended else 0)
    _log_downloads(remote, "files", ended)


def _log_downloads(
    remote: RemoteImport, what: str, ended: RemoteOperation | None
) -> None:
    if ended is not None and ended.errors:
        remote.lease.log(
            f"The server could not download all {what}. Failed: {ended.errors:,}."
            " Check that the server can reach the address in BASE_URL."
        )
    elif ended is not None:
        remote.lease.log(f"The server has downloaded the {what}.")


def _verify(delivery: Delivery, remote: RemoteImport) -> None:
    problems = verify_rooms(delivery, remote)
    failed = sum(delivery.parts.values_list("errors", flat=True))
    text = (
        "All rooms arrived." if not problems else f"Rooms with problems: {problems:,}."
    )
    more = f" Failed records: {failed:,}." if failed else ""
    remote.lease.log(f"Completed. {text}{more}")
    remote.lease.end(
        DeliveryState.COMPLETED,
        problems=problems,
        records_failed=failed,
        finished_at=timezone.now(),
    )
    shutil.rmtree(folder_of(delivery.public_id), ignore_errors=True)


def _wait(delivery: Delivery, lease: DeliveryLease, waits: WaitError) -> None:
    if isinstance(waits, BlockedError):
        if delivery.state != DeliveryState.BLOCKED:
            lease.log(waits.note)
        lease.wait(waits, state=DeliveryState.BLOCKED)
    else:
        lease.wait(waits, attempts=0)


def _fail(lease: DeliveryLease, code: str, message: str) -> None:
    def fail() -> None:
        lease.log(message)
        lease.end(
            DeliveryState.FAILED,
            error_code=code,
            error=message[:500],
            finished_at=timezone.now(),
        )

    with suppress(LeaseLostError):
        retry_on_disconnect(partial(fail))


def _describe(delivery_id: int, error: Exception) -> tuple[str, str]:
    reference = new_public_id()[:8]
    logger.error(
        "delivery %s: failed, reference %s\n%s",
        delivery_id,
        reference,
        "".join(traceback.format_exception(error)),
    )
    return (
        "error-internal",
        "Something went wrong on the server. Resume the delivery. If it fails again,"
        f" ask the administrator to search the server's log for {reference}.",
    )
