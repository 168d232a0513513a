"""The page of one operation, which is shown anew while something happens."""

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
from imports_app.admin.links import step_of
from imports_app.admin.operations.content import content_of
from imports_app.health.progress import is_stalled
from imports_app.models import ImportOperation

_SEEN: Final = (
    PermissionName.RUN_IMPORT,
    PermissionName.VIEW_ROOM_ADMINISTRATION,
    PermissionName.VIEW_USER_ADMINISTRATION,
)
"""The permissions on which the page depends."""


class OperationPages(AdminPages):
    """An operation to look at: what it means, how far it is, what came of it."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the operation. There is nothing to change, so nothing is taken in."""
        self.require_view(request)
        operation = self.get_object(request, object_id)
        if operation is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return missing
        etag = _etag(request, operation)
        shown = content_of(request, operation)
        return self.show(
            request,
            "operations/operation.html",
            shown["heading"],
            **shown,
            etag=etag,
            cancel_page=step_of(operation, "cancel"),
            delete_page=self.has_delete_permission(request, operation)
            and reverse("admin:imports_app_importoperation_delete", args=[object_id]),
        )

    @action(description=_("Shown anew"), url_path="live", permissions=("view",))
    def live_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer what of the page may have changed, or 304 if nothing has.

        For a 304 one query more than whose session it is.
        """
        operation = get_object_or_404(
            ImportOperation.objects.with_initiator().without_large_fields(),
            pk=object_id,
        )
        etag = _etag(request, operation)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if is_current(request.headers.get("If-None-Match", ""), etag):
            return HttpResponseNotModified(headers=headers)
        shown = {**content_of(request, operation), "etag": etag}
        page = render_to_string(
            "imports_app/admin/operations/live.html", shown, request
        )
        return HttpResponse(page, headers=headers)


def _etag(request: HttpRequest, operation: ImportOperation) -> str:
    """Return the ETag of the page as this viewer sees it.

    What passes without a write, such as how long ago a sign of life was, is left out:
    the browser counts it up. Only going silent for too long changes the page.
    """
    rights = "".join("x" if request.user.has_perm(name) else "-" for name in _SEEN)
    silence = " stalled" if is_stalled(operation) else ""
    viewer = f"{request.user.pk} {rights} {get_language()}"
    return etag_of(f"{operation.pk}.{operation.revision}{silence} {viewer}")
