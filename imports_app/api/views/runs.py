"""Endpoints that prepare, start and monitor imports (wire-api.md 2)."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from config.api.envelope import bare, success, successful
from config.api.input.fields import Flag, Number, Params, Properties, Text, Texts
from config.api.wire import JSONDict
from imports_app.api import selection_data, wire
from imports_app.api.actors import actor_of
from imports_app.api.cached_bodies import CachedBody
from imports_app.api.current_operation import current_operation, importer_of
from imports_app.api.operation_rows import (
    OperationRow,
    current_operations,
    current_version,
)
from imports_app.api.schema import runs as schema
from imports_app.api.selection_input import read_selection
from imports_app.api.views.base import (
    CachedView,
    LenientRunImportView,
    RunImportView,
)
from imports_app.errors import (
    ImporterUnusableError,
    InvalidOperationError,
    OperationNotFoundError,
    OperationUnusableError,
    OperationUnusableStatusError,
    SourceError,
)
from imports_app.importers.registry import find_importer, visible_importers
from imports_app.models import MAX_TRIAL_MESSAGES, ImportOperation
from imports_app.selection.rules import EVERY_USER
from imports_app.services.operations import cancel_operation
from imports_app.services.runs import (
    import_rest,
    retry_operation,
    start_preparing,
    start_run,
)
from imports_app.statuses import IMPORTING, PREPARING, Status
from imports_app.transitions import move_operation

_POLL_SECONDS: Final = 0.1
_LARGE: Final = 10_000
"""Number of users, rooms and contacts above which a response is slow to build."""
_LARGE_ANSWER: Final = threading.Lock()
_LOADING: Final = PREPARING | {Status.DOWNLOADING_FILE, Status.UPLOADING}


class GetImportFileDataView(RunImportView):
    """GET getImportFileData."""

    @schema.describe_file_data
    def get(self, request: Request) -> HttpResponse:
        """Start preparing the file, wait briefly and return the selection."""
        operation, importer = current_operation("getImportFileData")
        if operation.status == Status.FILE_LOADED:
            if not operation.is_valid:
                raise _invalid()
            start_preparing(operation=operation, actor=actor_of(request))
            _wait_until_staged(operation)
        if operation.status in _LOADING:
            if not operation.is_valid:
                raise _invalid()
            return success({"waiting": True})
        if operation.status == Status.FAILED and not operation.is_prepared:
            raise SourceError(
                operation.error_code,
                operation.error_message,
                details="getImportFileData",
            )
        if operation.status not in IMPORTING | {Status.USER_SELECTION}:
            move_operation(
                operation=operation, to=Status.USER_SELECTION, actor=actor_of(request)
            )
        return _selection(operation, importer.name)


def _selection(operation: ImportOperation, importer_name: str) -> HttpResponse:
    """Return the records that can be selected.

    A large response occupies a thread for seconds. A process builds one at a time and
    tells other callers to retry, so that threads stay free for other requests.
    """
    counts = (
        operation.count_users,
        operation.count_channels,
        operation.count_contacts,
    )
    if sum(filter(None, counts)) < _LARGE:
        return success(selection_data.selection(operation, importer_name))
    if not _LARGE_ANSWER.acquire(blocking=False):
        return success({"waiting": True})
    try:
        return success(selection_data.selection(operation, importer_name))
    finally:
        _LARGE_ANSWER.release()


def _invalid() -> InvalidOperationError:
    return InvalidOperationError(details="getImportFileData")


def _wait_until_staged(operation: ImportOperation) -> None:
    deadline = time.monotonic() + settings.PREPARE_WAIT_SECONDS
    operation.refresh_from_db()
    while operation.status in _LOADING and operation.is_valid:
        if time.monotonic() >= deadline:
            return
        time.sleep(_POLL_SECONDS)
        operation.refresh_from_db()


def _progress(rows: list[OperationRow]) -> JSONDict:
    if not rows:
        raise OperationNotFoundError(details="getImportProgress")
    [row] = rows
    importer = importer_of(row, "getImportProgress")
    return successful(
        {
            "key": importer.key,
            "name": importer.name,
            "step": row.status,
            "count": {
                "total": row.count_total or 0,
                "completed": row.count_completed or 0,
                "error": row.count_error or 0,
            },
        }
    )


class GetImportProgressView(CachedView, RunImportView):
    """GET getImportProgress."""

    version = staticmethod(current_version)
    cached_body = CachedBody(current_operations, _progress)

    @schema.describe_progress
    def get(self, request: Request) -> HttpResponse:
        """Return the progress of the last operation."""
        return self.respond(request)


class StartImportBody(Params):
    """Body of startImport."""

    input = Properties(help_text="`users`, `channels`, `contacts`.")
    confirm_privileged = Texts(
        required=False,
        help_text="Not in Rocket.Chat: import IDs of users whose match with a"
        " privileged user the caller confirms.",
    )
    archive_existing = Flag(
        default=False,
        help_text="Not in Rocket.Chat: archive existing rooms that are archived in the"
        " source.",
    )
    plan_digest = Text(
        required=False,
        max_length=64,
        help_text="Not in Rocket.Chat: digest of the preview that the run must have.",
    )
    trial_messages = Number(
        required=False,
        min_value=1,
        max_value=MAX_TRIAL_MESSAGES,
        help_text="Not in Rocket.Chat: trial run with this number of messages of each"
        " room.",
    )


class StartImportView(RunImportView):
    """POST startImport."""

    body_params = StartImportBody

    @schema.describe_start
    def post(self, request: Request) -> HttpResponse:
        """Start importing the selected records."""
        selection = replace(
            read_selection(self.body["input"]),
            archives_existing=self.body["archive_existing"],
        )
        operation, _importer = current_operation("startImport")
        start_run(
            operation=operation,
            selection=selection,
            actor=actor_of(request),
            confirm=self.body.get("confirm_privileged", ()),
            plan_digest=self.body.get("plan_digest", ""),
            trial_messages=self.body.get("trial_messages"),
        )
        return success()


def _current(rows: list[OperationRow]) -> JSONDict:
    return successful({"operation": wire.operation(rows[0])} if rows else {})


class GetCurrentImportOperationView(CachedView, RunImportView):
    """GET getCurrentImportOperation."""

    version = staticmethod(current_version)
    cached_body = CachedBody(current_operations, _current)

    @schema.describe_current
    def get(self, request: Request) -> HttpResponse:
        """Return the last operation, if there is one."""
        return self.respond(request)


class ImportersListView(RunImportView):
    """GET importers.list."""

    @schema.describe_importers
    def get(self, request: Request) -> HttpResponse:
        """Return the available importers as a bare array."""
        return bare(
            [
                {"key": importer.key, "name": importer.name}
                for importer in visible_importers()
            ]
        )


def _status(rows: list[OperationRow]) -> JSONDict:
    if not rows:
        return successful({"state": "none"})
    [row] = rows
    return successful({"state": row.state.value, "operation": wire.operation(row)})


class ImportStatusView(CachedView, LenientRunImportView):
    """GET import.status."""

    version = staticmethod(current_version)
    cached_body = CachedBody(current_operations, _status)

    @schema.describe_status
    def get(self, request: Request) -> HttpResponse:
        """Return the state of the last operation."""
        return self.respond(request)


class ImportRunView(LenientRunImportView):
    """POST import.run: import all staged users only."""

    @schema.describe_run
    def post(self, request: Request) -> HttpResponse:
        """Start importing the staged users."""
        operation = ImportOperation.objects.current()
        if operation is None or not operation.is_valid:
            raise OperationUnusableError
        if operation.status != Status.USER_SELECTION:
            raise OperationUnusableStatusError
        if find_importer(operation.importer_key) is None:
            raise ImporterUnusableError
        start_run(
            operation=operation,
            selection=EVERY_USER,
            actor=actor_of(request),
            fails_existing=True,
        )
        return success()


class CancelImportOperationView(RunImportView):
    """POST importOperations/{id}/cancel."""

    @schema.describe_cancel
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Cancel the operation."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        cancel_operation(operation=operation, actor=actor_of(request))
        return success({"operation": wire.operation(operation)})


class RetryImportOperationView(RunImportView):
    """POST importOperations/{id}/retry."""

    @schema.describe_retry
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Retry the failed records in a new operation."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        child = retry_operation(operation=operation, actor=actor_of(request))
        return success({"operation": wire.operation(child)})


class RestOfImportOperationView(RunImportView):
    """POST importOperations/{id}/rest."""

    @schema.describe_rest
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Import the unprocessed records in a new operation."""
        operation = get_object_or_404(ImportOperation, public_id=public_id)
        child = import_rest(operation=operation, actor=actor_of(request))
        return success({"operation": wire.operation(child)})
