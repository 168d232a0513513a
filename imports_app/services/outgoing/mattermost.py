"""Imports of exports into Mattermost: start and cancellation."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import ActivityEntry, User
from accounts.services.activity import record_event
from config.errors import DomainError
from imports_app.engine.exports.errors import ExportNotStoredError
from imports_app.engine.exports.jobs import SEND_PERMISSIONS
from imports_app.engine.lease import DURATION
from imports_app.engine.mattermost.errors import ServerDisabledError
from imports_app.exporters.mattermost.archive import MattermostExporter
from imports_app.models import (
    MattermostImport,
    MattermostImportState,
    Server,
    WorkspaceExport,
)
from imports_app.tasks import enqueue_mattermost_import
from imports_app.transitions import Actor

_FORMAT: Final = MattermostExporter.key


class MattermostForbiddenError(DomainError):
    """The actor may not send exports to Mattermost."""

    code: ClassVar[str] = "error-action-not-allowed"
    default_message: ClassVar[str] = (
        "Imports into Mattermost require manage-connected-servers,"
        " view-room-administration and view-user-administration."
    )


class MattermostImportNotFoundError(DomainError):
    """There is no such import."""

    code: ClassVar[str] = "error-mattermost-import-not-found"
    http_status: ClassVar[int] = 404
    default_message: ClassVar[str] = "There is no import into Mattermost with this ID."


class MattermostServerError(DomainError):
    """The server does not run Mattermost."""

    code: ClassVar[str] = "error-not-a-mattermost-server"
    default_message: ClassVar[str] = (
        "The connected server does not run Mattermost. Use a delivery."
    )


class MattermostFormatError(DomainError):
    """The export has another format."""

    code: ClassVar[str] = "error-not-a-mattermost-export"
    default_message: ClassVar[str] = (
        "Only exports of the format mattermost can be sent to Mattermost."
    )


class MattermostActiveError(DomainError):
    """The server has an import that has not ended."""

    code: ClassVar[str] = "error-mattermost-import-active"
    default_message: ClassVar[str] = (
        "Another import into this server has not ended. Wait, or cancel it."
    )


class MattermostEndedError(DomainError):
    """The import has ended, so that it can't be cancelled."""

    code: ClassVar[str] = "error-mattermost-import-ended"
    default_message: ClassVar[str] = "The import has already ended."


def may_send(user: User) -> bool:
    """Return whether a user may send exports to Mattermost, and see such imports."""
    return all(map(user.has_perm, SEND_PERMISSIONS))


def may_be_sent(export: WorkspaceExport) -> bool:
    """Return whether Mattermost can import an export."""
    is_stored = export.has_archives and export.expires_at > timezone.now()
    return export.format == _FORMAT and is_stored


def start_mattermost_import(
    *, export: WorkspaceExport, server: Server, actor: Actor, repeats: bool = False
) -> MattermostImport:
    """Enqueue sending an export to Mattermost and importing it.

    Args:
        export: Completed export of the format mattermost.
        server: Server that runs Mattermost.
        actor: Who sends it.
        repeats: Whether to import an archive again that was imported before.

    Raises:
        MattermostForbiddenError: The actor lacks a permission.
        MattermostServerError: The server does not run Mattermost.
        ServerDisabledError: The server is disabled.
        MattermostFormatError: The export has another format.
        ExportNotStoredError: The archives are not on this server.
        MattermostActiveError: The server has an import that has not ended.
    """
    if actor.user is None or not may_send(actor.user):
        raise MattermostForbiddenError
    if server.kind != Server.Kind.MATTERMOST:
        raise MattermostServerError
    if not server.is_enabled:
        raise ServerDisabledError
    if export.format != _FORMAT:
        raise MattermostFormatError
    if not may_be_sent(export):
        raise ExportNotStoredError
    [archive] = (export.manifest or {})["archives"]
    try:
        with transaction.atomic():
            new = MattermostImport.objects.create(
                export=export,
                archive=archive["file"],
                digest=archive["sha256"],
                bytes_total=archive["bytes"],
                server=server,
                starter=actor.user,
                repeats=repeats,
                lease_expires_at=timezone.now() + DURATION,
            )
            details = {"export": export.public_id, "server": server.name}
            record_event(
                ActivityEntry.Action.EXPORTED,
                ActivityEntry.Subject.MESSAGE,
                f"import into Mattermost {new.public_id}",
                by=actor.author,
                details=details,
            )
            enqueue_mattermost_import(new)
    except IntegrityError as error:
        raise MattermostActiveError from error
    return new


@transaction.atomic
def cancel_mattermost_import(*, job: MattermostImport, actor: Actor) -> None:
    """Cancel an import; the worker stops after the current chunk.

    An import that Mattermost has begun continues there.

    Raises:
        MattermostForbiddenError: The actor lacks a permission.
        MattermostEndedError: The import has already ended.
    """
    if actor.user is None or not may_send(actor.user):
        raise MattermostForbiddenError
    now = timezone.now()
    active = MattermostImport.objects.working().filter(pk=job.pk)
    cancelled = active.update(
        state=MattermostImportState.CANCELLED,
        lease_owner="",
        lease_expires_at=None,
        note="",
        updated_at=now,
        finished_at=now,
    )
    if cancelled != 1:
        raise MattermostEndedError
    record_event(
        ActivityEntry.Action.CANCELLED,
        ActivityEntry.Subject.MESSAGE,
        f"import into Mattermost {job.public_id}",
        by=actor.author,
        details={"server": job.server.name},
    )
