"""Page that lists linked files, and starts and stops their download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.permission_names import PermissionName
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.columns import operation_name
from imports_app.admin.linked_files.panel import download_of, files_panel
from imports_app.admin.links import page_of, step_of
from imports_app.admin.table_view import page_number_of
from imports_app.downloads.addresses import redacted
from imports_app.errors import OperationUnusableError, OperationUnusableStatusError
from imports_app.importers.room_names import room_label
from imports_app.models import (
    FileDownload,
    ImportOperation,
    ImportRecord,
    LinkedFile,
    LinkedFileState,
)
from imports_app.records import Kind
from imports_app.services.review.linked_files import (
    start_file_download,
    stop_file_download,
)
from imports_app.statuses import Status

ROWS: Final = 50
_RELOADED_AFTER: Final = 2
"""Seconds after which the page reloads while files are downloaded."""


@dataclass(frozen=True, slots=True)
class Tab:
    """Files with a result, and their number."""

    label: Any
    address: str
    number: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Linked file as the page shows it."""

    name: str
    size: str
    room: str
    place: str
    address: str
    state: str
    state_label: Any
    reason: str


class LinkedFilePages(AdminPages):
    """Page of the files that an import's messages link to."""

    @action(
        description=_("Linked files"),
        url_path="linked-files",
        icon="attach_file",
        permissions=("view",),
    )
    def linked_files_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """List the files; on POST, start or stop their download."""
        operation = get_object_or_404(
            ImportOperation.objects.select_related("file_download"), pk=object_id
        )
        if request.method == "POST":
            return self._act(request, operation)
        self.require_view(request)
        may_run = request.user.has_perm(PermissionName.RUN_IMPORT)
        panel = files_panel(operation, may_run=may_run)
        if panel is None:
            return self.redirect_stale(request, operation)
        download = download_of(operation)
        page = _page_of(request, download)
        is_reviewed = (
            operation.is_valid and operation.status == Status.USER_SELECTION and may_run
        )
        response = self.show(
            request,
            "linked_files/linked_files.html",
            _("Linked files"),
            operation=operation,
            operation_page=page_of(operation),
            operation_name=operation_name(operation),
            selection_page=step_of(operation, "select") if is_reviewed else "",
            files=panel,
            tabs=_tabs(request, download) if panel.is_listed else [],
            page=page,
            page_query=f"?state={state}&" if (state := _state_of(request)) else "?",
            rows=_rows(operation, list(page.object_list)),
        )
        if download is not None and download.is_running:
            response.headers["Refresh"] = str(_RELOADED_AFTER)
        return response

    def _act(self, request: HttpRequest, operation: ImportOperation) -> HttpResponse:
        if not self.has_run_permission(request):
            raise PermissionDenied
        is_stop = request.POST.get("do") == "stop"
        act = stop_file_download if is_stop else start_file_download
        try:
            act(operation=operation, actor=actor_of(request))
        except (OperationUnusableError, OperationUnusableStatusError):
            return self.redirect_stale(request, operation)
        return HttpResponseRedirect(step_of(operation, "linked_files"))


def _state_of(request: HttpRequest) -> str:
    state = request.GET.get("state", "")
    return state if state in LinkedFileState.values else ""


def _page_of(request: HttpRequest, download: FileDownload | None) -> Page[LinkedFile]:
    key = download.pk if download is not None else 0
    files = LinkedFile.objects.of_download(key).in_state(_state_of(request))
    return Paginator(files, ROWS).get_page(page_number_of(request.GET))


def _tabs(request: HttpRequest, download: FileDownload | None) -> list[Tab]:
    if download is None:
        return []
    current = _state_of(request)
    numbers = {
        LinkedFileState.STORED: download.stored,
        LinkedFileState.GONE: download.gone,
        LinkedFileState.FAILED: download.failed,
        LinkedFileState.WAITING: download.waiting,
    }
    return [
        Tab(_("all"), "?", download.found, is_current=not current),
        *(
            Tab(state.label, f"?state={state.value}", number, state == current)
            for state, number in numbers.items()
            if number or state == current
        ),
    ]


def _rows(operation: ImportOperation, files: Sequence[LinkedFile]) -> list[Row]:
    rooms = ImportRecord.objects.of_kind(operation.pk, Kind.CHANNEL).filter(
        import_id__in={file.room for file in files}
    )
    names = dict(rooms.names())
    return [
        Row(
            name=str(file),
            size="" if file.size is None else filesizeformat(file.size),
            room=f"#{name}"
            if (name := names.get(file.room))
            else room_label(file.room),
            place=_place_of(file),
            address=redacted(file.url),
            state=file.state,
            state_label=LinkedFileState(file.state).label,
            reason=file.reason,
        )
        for file in files
    ]


def _place_of(file: LinkedFile) -> str:
    if file.source_line is None:
        return file.source_file
    return f"{file.source_file}:{file.source_line}"
