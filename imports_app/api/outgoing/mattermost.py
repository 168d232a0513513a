"""Endpoints of imports of exports into Mattermost."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from accounts.api.callers import caller_of
from accounts.permission_names import PermissionName
from config.api.envelope import success
from config.api.input.offsets import page_of
from config.api.views import ApiView
from config.api.wire import JSONDict, drop_none, iso_ms
from imports_app.api.actors import actor_of
from imports_app.api.outgoing.mattermost_params import (
    MattermostImportData,
    MattermostImportPage,
)
from imports_app.api.outgoing.schema import mattermost as schema
from imports_app.models import MattermostImport, WorkspaceExport
from imports_app.services.outgoing.mattermost import (
    MattermostForbiddenError,
    MattermostImportNotFoundError,
    cancel_mattermost_import,
    may_send,
    start_mattermost_import,
)
from imports_app.services.outgoing.servers import find_server


class MattermostView(ApiView):
    """View that requires the permissions for connected servers and for exports."""

    required_permission = PermissionName.MANAGE_CONNECTED_SERVERS

    def check_permissions(self, request: Request) -> None:
        """Check all permissions.

        Raises:
            MattermostForbiddenError: The caller may not read all rooms and users.
        """
        super().check_permissions(request)
        if not may_send(caller_of(request)):
            raise MattermostForbiddenError

    def find(self, public_id: str) -> MattermostImport:
        """Return an import.

        Raises:
            MattermostImportNotFoundError: No import has this ID.
        """
        found = MattermostImport.objects.find(public_id)
        if found is None:
            raise MattermostImportNotFoundError
        return found


class MattermostImportsView(MattermostView):
    """GET and POST mattermostImports."""

    query_params = MattermostImportPage
    body_params = MattermostImportData

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return one page of the imports, the newest first."""
        rows = MattermostImport.objects.with_names()
        rows = rows.to_server(self.params.get("server"))
        rows = rows.of_export(self.params.get("export"))
        offset = self.params["offset"]
        page = page_of(rows, offset=offset, count=self.params["count"])
        return success(
            {
                "imports": [_document(one) for one in page],
                "offset": offset,
                "count": len(page),
                "total": rows.count(),
            }
        )

    @schema.describe_start
    def post(self, request: Request) -> HttpResponse:
        """Enqueue sending an export to Mattermost and importing it."""
        export = get_object_or_404(
            WorkspaceExport.objects.all(), public_id=self.body["export"]
        )
        started = start_mattermost_import(
            export=export,
            server=find_server(self.body["server"]),
            actor=actor_of(request),
            repeats=self.body["again"],
        )
        return success({"import": _document(started)})


class MattermostImportView(MattermostView):
    """GET mattermostImports/{id}."""

    @schema.describe_one
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return an import."""
        return success({"import": _document(self.find(public_id))})


class CancelMattermostImportView(MattermostView):
    """POST mattermostImports/{id}/cancel."""

    @schema.describe_cancel
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Cancel an import, and return it."""
        cancel_mattermost_import(job=self.find(public_id), actor=actor_of(request))
        return success({"import": _document(self.find(public_id))})


def _document(job: MattermostImport) -> JSONDict:
    """Return an import, read `with_names`."""
    return drop_none(
        {
            "_id": job.public_id,
            "export": job.export and job.export.public_id,
            "server": job.server.name,
            "archive": job.archive,
            "sha256": job.digest,
            "state": job.state,
            "phase": job.phase,
            "user": job.starter and job.starter.public_id,
            "ts": iso_ms(job.created_at),
            "startedAt": job.started_at and iso_ms(job.started_at),
            "finishedAt": job.finished_at and iso_ms(job.finished_at),
            "_updatedAt": iso_ms(job.updated_at),
            "progress": {"bytes": job.bytes_sent, "total": job.bytes_total},
            "note": job.note or None,
            "error": job.error or None,
            "errorType": job.error_code or None,
        }
    )
