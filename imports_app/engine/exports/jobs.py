"""Job that writes an export."""

from __future__ import annotations

import logging
import shutil
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, Final

from django.db import InterfaceError, OperationalError, transaction

from accounts.models import ActivityEntry
from accounts.permission_names import PermissionName
from accounts.services.activity import Author, record_change, record_event
from config.db.errors import unavailability_of
from config.db.ids import new_public_id
from config.errors import DomainError
from imports_app.engine.exports.archives import (
    delete_all_archives,
    delete_archives,
    folder_of,
    publish,
)
from imports_app.engine.exports.lease import ExportLease
from imports_app.engine.exports.links import linker
from imports_app.engine.exports.selection import Selection
from imports_app.engine.exports.workspace import SelectedWorkspace, count_messages
from imports_app.engine.exports.writing import exporter_of, write_export
from imports_app.engine.lease import LeaseLostError
from imports_app.engine.retries import StoppedError, is_disk_full, retry_on_disconnect
from imports_app.errors import StorageFullError
from imports_app.exporters.base import FileMode
from imports_app.exporters.parts import Limits
from imports_app.models import ExportState, WorkspaceExport

logger = logging.getLogger(__name__)

EXPORT_PERMISSIONS: Final = (
    PermissionName.VIEW_ROOM_ADMINISTRATION,
    PermissionName.VIEW_USER_ADMINISTRATION,
)
"""An export contains all rooms, and the e-mail addresses of users."""
SEND_PERMISSIONS: Final = (PermissionName.MANAGE_CONNECTED_SERVERS, *EXPORT_PERMISSIONS)
"""Permissions to send this content to a connected server."""
_LONGEST: Final = 500


class InitiatorNotAllowedError(DomainError):
    """The initiator of an export may no longer read its content."""

    code: ClassVar[str] = "error-export-not-allowed"
    default_message: ClassVar[str] = (
        "The user who started this export may no longer read all rooms and users, or"
        " was deleted. Start the export again."
    )


def run_export(export_id: int, watch: Callable[[], None] = lambda: None) -> None:
    """Write an export that is waiting or whose worker has stopped.

    Args:
        export_id: Key of the `WorkspaceExport`.
        watch: Called after each page.
    """
    lease = retry_on_disconnect(lambda: ExportLease.take(export_id, watch))
    if lease is None:
        return
    export = lease.export
    with suppress(OSError):  # they are deleted with the export
        delete_all_archives(export)
    try:
        _write(lease)
    except LeaseLostError:
        logger.info("export %s: cancelled, or taken over", export.public_id)
        _discard(export)
    except StoppedError:
        logger.info("export %s: released for the next worker", export.public_id)
        _discard(export)
        with suppress(OperationalError, InterfaceError):
            lease.release()
    except DomainError as error:
        logger.warning("export %s: %s", export.public_id, error.code)
        _fail(lease, error.code or "", error.message)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and (
            unavailability_of(error) is not None
        ):
            _discard(export)
            raise  # the lease expires
        _fail(lease, *_describe(export, error))
        if not isinstance(error, OSError):
            raise


def _write(lease: ExportLease) -> None:
    export = lease.export
    starter = export.starter
    if (
        starter is None
        or not starter.is_active
        or not all(map(starter.has_perm, EXPORT_PERMISSIONS))
    ):
        raise InitiatorNotAllowedError
    selection = Selection.of_document(export.selection, export.operation_id)
    WorkspaceExport.objects.filter(pk=export.pk).update(total=count_messages(selection))
    workspace = SelectedWorkspace(
        selection,
        on_messages=lease.count,
        link=linker(export.public_id) if export.files == FileMode.LINKS else None,
    )
    options: dict[str, Any] = {**export.options, "files": FileMode(export.files)}
    limits = Limits(options.pop("messages"), options.pop("bytes"))
    folder = folder_of(export.public_id, export.attempt)
    exporter = exporter_of(export.format, folder, workspace, limits, options)
    _result, manifest = write_export(exporter, watch=lease.keep)
    publish(export.public_id, export.attempt)
    with transaction.atomic():
        lease.end(
            ExportState.COMPLETED,
            manifest=manifest,
            size=sum(one["bytes"] for one in manifest["archives"]),
        )
        record_event(
            ActivityEntry.Action.EXPORTED,
            ActivityEntry.Subject.MESSAGE,
            str(export),
            by=Author(starter),
            details={"messages": manifest["messages"]},
        )


def _fail(lease: ExportLease, code: str, message: str) -> None:
    _discard(lease.export)
    with suppress(LeaseLostError), transaction.atomic():
        lease.end(ExportState.FAILED, error_code=code, error=message[:_LONGEST])
        record_change(
            ActivityEntry.Subject.MESSAGE,
            str(lease.export),
            by=Author(lease.export.starter, name="worker"),
            before={"state": str(ExportState.RUNNING)},
            after={"state": str(ExportState.FAILED), "error": code},
        )


def _discard(export: WorkspaceExport) -> None:
    """Delete the archives of this attempt."""
    shutil.rmtree(folder_of(export.public_id, export.attempt), ignore_errors=True)
    with suppress(OSError):
        delete_archives(export.public_id, export.attempt)


def _describe(export: WorkspaceExport, error: Exception) -> tuple[str, str]:
    if is_disk_full(error):
        return StorageFullError.code, _DISK_FULL
    reference = new_public_id()[:8]
    logger.error(
        "export %s: failed, reference %s\n%s",
        export.public_id,
        reference,
        traceback.format_exc(),
    )
    return "error-export-failed", (
        "Something went wrong on the server. Try again. If it fails again, ask the"
        f" administrator to search the server's log for {reference}."
    )


_DISK_FULL: Final = (
    "The server's disk is full. Ask the administrator to free disk space, then start"
    " the export again."
)
