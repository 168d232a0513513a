"""Exports of the workspace: start, cancellation, deletion, and download."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import ActivityEntry, User
from accounts.services.activity import Author, record_event
from config.db.ids import new_public_id
from config.errors import DomainError
from imports_app import tasks
from imports_app.engine.exports.archives import (
    delete_all_archives,
    delete_stray_folders,
)
from imports_app.engine.exports.jobs import EXPORT_PERMISSIONS
from imports_app.engine.exports.links import check_base_url, linker
from imports_app.engine.exports.selection import ResultUnknownError, Selection
from imports_app.engine.exports.workspace import SelectedWorkspace
from imports_app.engine.exports.writing import exporter_of, write_export
from imports_app.engine.lease import DURATION
from imports_app.exporters.base import Export, FileMode
from imports_app.exporters.parts import Limits
from imports_app.models import ExportState, ImportOperation, WorkspaceExport
from imports_app.statuses import UndoState
from imports_app.transitions import Actor

_MOST_ACTIVE: Final = 10
_ACTIVE: Final = frozenset({ExportState.WAITING, ExportState.RUNNING})


class ExportForbiddenError(DomainError):
    """The actor may not read all rooms and users."""

    code: ClassVar[str] = "error-export-not-allowed"
    default_message: ClassVar[str] = (
        "Exports need view-room-administration and view-user-administration."
    )


class TooManyExportsError(DomainError):
    """Too many exports are waiting or in progress."""

    code: ClassVar[str] = "error-too-many-exports"
    default_message: ClassVar[str] = (
        f"{_MOST_ACTIVE} exports are waiting or in progress. Wait until one ends, or"
        " cancel one."
    )


class ExportEndedError(DomainError):
    """The export is no longer active and can't be cancelled."""

    code: ClassVar[str] = "error-export-ended"
    default_message: ClassVar[str] = "The export has already ended."


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """Format, selection and options of an export."""

    file_format: str
    """Key of the format."""
    files: FileMode = FileMode.NONE
    selection: Selection = field(default_factory=Selection)
    limits: Limits = field(default_factory=Limits)
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the format."""


def may_export(user: User) -> bool:
    """Return whether a user may export the workspace, and read exports of others."""
    return all(map(user.has_perm, EXPORT_PERMISSIONS))


@transaction.atomic
def start_export(*, wanted: ExportSettings, actor: Actor) -> WorkspaceExport:
    """Enqueue an export, which a worker writes.

    Raises:
        ExportForbiddenError: The actor may not read all rooms and users.
        ExportRefusedError: The options don't suit the format.
        NoBaseUrlError: Links need BASE_URL.
        ResultUnknownError: The result of the selected import is not known.
        TooManyExportsError: Too many exports are active.
    """
    _require(actor)
    check_settings(wanted)
    operation = _operation_of(wanted.selection)
    if WorkspaceExport.objects.active().count() >= _MOST_ACTIVE:
        raise TooManyExportsError
    now = timezone.now()
    export = WorkspaceExport.objects.create(
        starter=actor.user,
        format=wanted.file_format,
        files=wanted.files,
        selection=wanted.selection.as_document(operation),
        options={
            **wanted.options,
            "messages": wanted.limits.messages,
            "bytes": wanted.limits.size,
        },
        operation=operation,
        expires_at=now + timedelta(days=settings.EXPORT_RETENTION_DAYS),
        lease_expires_at=now + DURATION,
    )
    tasks.enqueue_export(export)
    _log(ActivityEntry.Action.STARTED, export, actor.author, export.selection)
    return export


def _require(actor: Actor) -> None:
    if actor.user is None or not may_export(actor.user):
        raise ExportForbiddenError


def check_settings(wanted: ExportSettings) -> None:
    """Check that an export can be started with these settings.

    Raises:
        ExportRefusedError: The options don't suit the format.
        NoBaseUrlError: Links need BASE_URL.
        ResultUnknownError: The result of the selected import is not known.
    """
    _operation_of(wanted.selection)
    workspace = SelectedWorkspace(Selection(), on_messages=lambda _number: None)
    options = {**wanted.options, "files": wanted.files}
    exporter_of(wanted.file_format, Path(), workspace, wanted.limits, options)
    if wanted.files == FileMode.LINKS:
        check_base_url()


def _operation_of(selection: Selection) -> ImportOperation | None:
    if selection.operation is None:
        return None
    operation = ImportOperation.objects.filter(pk=selection.operation).first()
    if operation is None or operation.undo_state != UndoState.AVAILABLE:
        raise ResultUnknownError
    return operation


@transaction.atomic
def cancel_export(*, export: WorkspaceExport, actor: Actor) -> None:
    """Cancel an active export. The worker stops within a page and deletes its files.

    Raises:
        ExportForbiddenError: The actor may not read all rooms and users.
        ExportEndedError: The export is not active.
    """
    _require(actor)
    if not WorkspaceExport.objects.move(
        export.pk,
        to=ExportState.CANCELLED,
        allowed=_ACTIVE,
        finished_at=timezone.now(),
        lease_owner="",
        lease_expires_at=None,
    ):
        raise ExportEndedError
    _log(ActivityEntry.Action.CANCELLED, export, actor.author)


@transaction.atomic
def delete_export(*, export: WorkspaceExport, actor: Actor) -> None:
    """Delete an export with its archives and links; cancel it if it is active.

    Raises:
        ExportForbiddenError: The actor may not read all rooms and users.
    """
    _require(actor)
    row = WorkspaceExport.objects.select_for_update().filter(pk=export.pk).first()
    if row is None:
        return
    WorkspaceExport.objects.filter(pk=row.pk).delete()
    if not row.is_active:  # else the worker deletes its files
        transaction.on_commit(lambda: delete_all_archives(row), robust=True)
    _log(ActivityEntry.Action.DELETED, row, actor.author)


def record_export_download(export: WorkspaceExport, name: str, *, by: Author) -> None:
    """Record the download of an archive."""
    _log(ActivityEntry.Action.DOWNLOADED, export, by, {"file": name})


def prune_exports(*, before: datetime) -> int:
    """Delete the archives of expired exports, and folders of no export.

    Args:
        before: Exports that expired earlier are deleted completely.

    Returns:
        The number of exports and folders.
    """
    removed = 0
    for export in WorkspaceExport.objects.expired(timezone.now()):
        delete_all_archives(export)
        removed += WorkspaceExport.objects.move(
            export.pk, to=ExportState.EXPIRED, allowed={ExportState.COMPLETED}
        )
    old = WorkspaceExport.objects.filter(expires_at__lt=before)
    old.exclude(state__in=_ACTIVE).delete()
    return removed + delete_stray_folders()


def export_to_folder(
    *,
    folder: Path,
    wanted: ExportSettings,
    by: Author,
    on_messages: Callable[[int], None],
) -> Export:
    """Write an export to a folder of the caller, without a worker.

    Args:
        folder: New or empty folder for the archives.
        wanted: What to export.
        by: Who exports; recorded in the activity log.
        on_messages: Called with the number of messages of each page.

    Raises:
        FolderNotEmptyError: The folder contains files.
        ExportRefusedError: The options don't suit the format or the workspace.
        NoBaseUrlError: Links need BASE_URL.
        ResultUnknownError: The result of the selected import is not known.
        OSError: A file can't be written.
    """
    operation = _operation_of(wanted.selection)
    public_id = new_public_id()
    has_links = wanted.files == FileMode.LINKS
    now = timezone.now()
    workspace = SelectedWorkspace(
        wanted.selection,
        on_messages=on_messages,
        link=linker(public_id) if has_links else None,
    )
    options = {**wanted.options, "files": wanted.files}
    exporter = exporter_of(
        wanted.file_format, folder, workspace, wanted.limits, options
    )
    export, manifest = write_export(exporter)
    with transaction.atomic():
        row = WorkspaceExport(
            public_id=public_id,
            format=wanted.file_format,
            files=wanted.files,
            selection=wanted.selection.as_document(operation),
            operation=operation,
            state=ExportState.COMPLETED,
            started_at=now,
            finished_at=timezone.now(),
            expires_at=now + timedelta(days=settings.EXPORT_RETENTION_DAYS),
            manifest=manifest,
            size=sum(part.size for part in export.parts),
            done=export.messages,
            written_to=str(folder),
        )
        row.save()
        details = {"folder": str(folder), "messages": export.messages}
        _log(ActivityEntry.Action.EXPORTED, row, by, details)
    return export


def _log(
    action: ActivityEntry.Action,
    export: WorkspaceExport,
    by: Author,
    details: Any = None,
) -> None:
    record_event(
        action,
        ActivityEntry.Subject.MESSAGE,
        str(export),
        by=by,
        details=details or None,
    )
