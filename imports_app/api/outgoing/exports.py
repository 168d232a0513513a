"""Endpoints of exports."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from accounts.permission_names import PermissionName
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.cursors import Cursor
from config.api.input.fields import Choice, Flag, NamedParams, Number, Text, Texts
from config.api.input.params import read_params
from config.api.views import ApiView
from config.api.wire import JSONDict, drop_none, iso_ms
from imports_app.api.actors import actor_of
from imports_app.api.outgoing.schema import exports as schema
from imports_app.api.params import CursorParams
from imports_app.api.waiting.versions import EXPORTS, export_topic_of
from imports_app.exporters.base import FileMode
from imports_app.exporters.parts import Limits
from imports_app.exporters.registry import EXPORTERS
from imports_app.models import WorkspaceExport
from imports_app.services.outgoing.downloads import download_export
from imports_app.services.outgoing.exports import (
    ExportSettings,
    cancel_export,
    delete_export,
    start_export,
)
from imports_app.services.outgoing.selections import select

_LIST: Final = "export"
"""Ordering of the list."""
_LIMITS: Final = Limits()
_OPTIONS: Final = {
    "reactions": "has_reactions",
    "team": "team",
    "mail_domain": "mail_domain",
    "existing_users": "existing_users",
}
"""Options of formats by name of the parameter."""
_MOST_NAMES: Final = 10_000


class ExportBody(NamedParams):
    """Body of POST exports."""

    format = Choice(choices=sorted(EXPORTERS))
    files = Choice(choices=list(FileMode), default=FileMode.NONE.value)
    rooms = Texts(required=False, max_length=_MOST_NAMES)
    users = Texts(required=False, max_length=_MOST_NAMES)
    since = Text(required=False)
    until = Text(required=False)
    operation = Text(required=False)
    max_messages = Number(default=_LIMITS.messages, min_value=1)
    max_bytes = Number(default=_LIMITS.size, min_value=1)
    reactions = Flag(required=False)
    team = Text(required=False)
    mail_domain = Text(required=False)
    existing_users = Texts(required=False, max_length=100_000)


class ExportsView(ApiView):
    """GET and POST exports."""

    required_permission = PermissionName.VIEW_ROOM_ADMINISTRATION
    topics = (EXPORTS,)
    body_params = ExportBody

    def parse_query(self, query: Any) -> dict[str, Any]:
        """Return the page's parameters; POST has none."""
        if self.request.method == "GET":
            return read_params(CursorParams, query.dict())
        return super().parse_query(query)

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return one page of exports."""
        query = request._request.META.get("QUERY_STRING", "")
        self.check_version(request, f"{WorkspaceExport.objects.version()} {query}")
        count = self.params["count"]
        exports = WorkspaceExport.objects.with_starters().order_by("-pk")
        if (position := self._position()) is not None:
            exports = exports.filter(pk__lt=position)
        page = list(exports[: count + 1])
        cursor = None
        if len(page) > count:
            page.pop()
            cursor = Cursor(_LIST, 0, page[-1].pk).encode()
        return success({"exports": list(map(_document, page)), "cursor": cursor})

    def _position(self) -> int | None:
        text = self.params.get("cursor")
        if text is None:
            return None
        cursor = Cursor.decode(text)
        if cursor.ordering != _LIST:
            raise InvalidParamsError("cursor: belongs to another list")
        return cursor.id

    @schema.describe_start
    def post(self, request: Request) -> HttpResponse:
        """Start an export, and return it."""
        body = self.body
        wanted = ExportSettings(
            file_format=body["format"],
            files=FileMode(body["files"]),
            selection=select(
                rooms=body.get("rooms"),
                users=body.get("users"),
                since=_day(body, "since"),
                until=_day(body, "until"),
                operation=body.get("operation"),
            ),
            limits=Limits(body["max_messages"], body["max_bytes"]),
            options={
                option: body[name] for name, option in _OPTIONS.items() if name in body
            },
        )
        export = start_export(wanted=wanted, actor=actor_of(request))
        return success({"export": _document(export)})


class ExportView(ApiView):
    """GET and DELETE exports/{id}."""

    required_permission = PermissionName.VIEW_ROOM_ADMINISTRATION
    topics: tuple[str, ...] = ()

    @schema.describe_export
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return the export."""
        export = _find(public_id)
        self.topics = (export_topic_of(export),)
        self.check_version(request, f"{export.pk} {export.revision}")
        return success({"export": _document(export)})

    @schema.describe_delete
    def delete(self, request: Request, public_id: str) -> HttpResponse:
        """Delete the export."""
        delete_export(export=_find(public_id), actor=actor_of(request))
        return success()


class CancelExportView(ApiView):
    """POST exports/{id}/cancel."""

    required_permission = PermissionName.VIEW_ROOM_ADMINISTRATION

    @schema.describe_cancel
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Cancel the export, and return it."""
        cancel_export(export=_find(public_id), actor=actor_of(request))
        return success({"export": _document(_find(public_id))})


class ExportFileParams(NamedParams):
    """Query parameters of a download."""

    part = Text(required=False)


class ExportFileView(ApiView):
    """GET exports/{id}/file."""

    required_permission = PermissionName.VIEW_ROOM_ADMINISTRATION
    query_params = ExportFileParams

    @schema.describe_file
    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        """Return an archive, or all of them in one."""
        download = download_export(
            export=_find(public_id),
            part=self.params.get("part", ""),
            actor=actor_of(request),
        )
        disposition = content_disposition_header(True, download.name)
        response = StreamingHttpResponse(
            download.content,
            content_type="application/zip",
            headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
        )
        if download.size is not None:
            response.headers["Content-Length"] = str(download.size)
        return response


def _find(public_id: str) -> WorkspaceExport:
    return get_object_or_404(
        WorkspaceExport.objects.with_starters(), public_id=public_id
    )


def _day(body: dict[str, Any], name: str) -> date | None:
    if not (text := body.get(name)):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{name}: must be a day such as 2026-01-31"
        raise InvalidParamsError(msg) from None


def _document(export: WorkspaceExport) -> JSONDict:
    """Return an export as the API shows it."""
    manifest: JSONDict = export.manifest or {}
    starter = export.starter
    return drop_none(
        {
            "id": export.public_id,
            "format": export.format,
            "files": export.files,
            "selection": export.selection,
            "state": export.state,
            "startedBy": starter
            and {"_id": starter.public_id, "username": str(starter)},
            "createdAt": iso_ms(export.created_at),
            "startedAt": export.started_at and iso_ms(export.started_at),
            "finishedAt": export.finished_at and iso_ms(export.finished_at),
            "expiresAt": iso_ms(export.expires_at),
            "progress": drop_none({"messages": export.done, "total": export.total}),
            "error": {"code": export.error_code, "message": export.error}
            if export.error
            else None,
            "bytes": export.size,
            **{
                name: manifest.get(name)
                for name in ("users", "messages", "rooms", "archives", "notIncluded")
            },
        }
    )
