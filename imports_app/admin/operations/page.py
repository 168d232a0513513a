"""Page of one operation, which browsers poll while the import is active."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.permission_names import PermissionName
from config.api.etags import etag_of, is_current
from imports_app.admin.base import AdminPages
from imports_app.admin.linked_files.panel import download_of
from imports_app.admin.links import step_of
from imports_app.admin.operations.content import content_of
from imports_app.health.progress import is_stalled
from imports_app.models import ImportOperation

_PERMISSIONS: Final = (
    PermissionName.RUN_IMPORT,
    PermissionName.VIEW_ROOM_ADMINISTRATION,
    PermissionName.VIEW_USER_ADMINISTRATION,
)
"""Permissions that the content of the page depends on."""


class OperationPages(AdminPages):
    """Page of an operation: state, guidance, progress and outcome."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the operation read-only."""
        self.require_view(request)
        operation = self.get_object(request, object_id)
        if operation is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return missing
        etag = _etag(request, operation)
        content = content_of(request, operation)
        return self.show(
            request,
            "operations/operation.html",
            content["heading"],
            **content,
            etag=etag,
            cancel_page=step_of(operation, "cancel"),
            delete_page=self.has_delete_permission(request, operation)
            and reverse("admin:imports_app_importoperation_delete", args=[object_id]),
        )

    @action(description=_("Refresh"), url_path="live", permissions=("view",))
    def live_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return the part of the page that changes, or 304 if nothing has changed.

        A 304 takes one query besides those of the session.
        """
        operation = get_object_or_404(
            ImportOperation.objects.with_initiator()
            .without_large_fields()
            .select_related("file_download"),
            pk=object_id,
        )
        etag = _etag(request, operation)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if is_current(request.headers.get("If-None-Match", ""), etag):
            return HttpResponseNotModified(headers=headers)
        content = {**content_of(request, operation), "etag": etag}
        page = render_to_string(
            "imports_app/admin/operations/live.html", content, request
        )
        return HttpResponse(page, headers=headers)


def _etag(request: HttpRequest, operation: ImportOperation) -> str:
    """Return the ETag of the page for this user.

    The age of the heartbeat is not part of it: the browser updates it. Only an
    operation that becomes stalled changes the page without a write.
    """
    permissions = "".join(
        "x" if request.user.has_perm(name) else "-" for name in _PERMISSIONS
    )
    stalled = " stalled" if is_stalled(operation) else ""
    download = download_of(operation)
    files = f" files {download.version}" if download is not None else ""
    viewer = f"{request.user.pk} {permissions} {get_language()}"
    return etag_of(f"{operation.pk}.{operation.revision}{stalled}{files} {viewer}")
