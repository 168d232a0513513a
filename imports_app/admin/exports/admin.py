"""Admin of exports."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.permission_names import PermissionName
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_number, format_time
from config.api.etags import etag_of, is_current
from config.errors import DomainError
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.exports.content import (
    STATE_COLORS,
    content_of,
)
from imports_app.admin.exports.forms import ExportForm, format_label
from imports_app.admin.exports.links import MOST_ROOMS
from imports_app.admin.mattermost.links import imports_page_of, send_page_of
from imports_app.models import Room, WorkspaceExport
from imports_app.services.outgoing.downloads import download_export
from imports_app.services.outgoing.exports import (
    cancel_export,
    delete_export,
    may_export,
    start_export,
)


@admin.register(WorkspaceExport)
class WorkspaceExportAdmin(AdminPages):
    """Exports of the workspace."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION
    add_permission = PermissionName.VIEW_USER_ADMINISTRATION
    delete_permission = PermissionName.VIEW_USER_ADMINISTRATION

    empty_state = EmptyState(
        "drive_file_move",
        _("No exports yet"),
        _("An export writes rooms, users and messages to archives for another server."),
    )
    form = ExportForm
    list_display = ("label", "badge", "selected", "messages", "bytes", "created")
    list_filter = (("state", ChoicesDropdownFilter),)
    ordering = ("-id",)
    actions_detail = ("live_page", "download_page", "cancel_page")
    fieldsets = (
        (None, {"fields": ("format", "file_mode")}),
        (
            _("Selection"),
            {"fields": ("rooms", "users", ("since", "until"), "operation")},
        ),
        (
            _("Options of the format"),
            {"fields": ("reactions", "team", "mail_domain", "existing_users")},
        ),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may read all rooms and users."""
        user: Any = request.user
        return may_export(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkspaceExport]:
        """Return the exports with their starters."""
        return WorkspaceExport.objects.with_starters().order_by("-pk")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the rooms or the import from which the form was opened."""
        keys = request.GET.get("rooms", "").split(",")[:MOST_ROOMS]
        rooms = Room.objects.filter(public_id__in=keys).order_by("name", "pk")
        return {
            "rooms": "\n".join(room.name or room.public_id for room in rooms),
            "operation": request.GET.get("operation", ""),
        }

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form with a single button: the page of the export follows."""
        buttons = ("show_save_and_add_another", "show_save_and_continue")
        context = {
            **dict.fromkeys(buttons, False),
            "title": _("New export"),
            **(extra_context or {}),
        }
        page: HttpResponse = super().add_view(request, form_url, context)
        return page

    def save_model(
        self, request: HttpRequest, obj: WorkspaceExport, form: Any, change: bool
    ) -> None:
        """Start the export."""
        export = start_export(wanted=form.wanted, actor=actor_of(request))
        obj.pk, obj.public_id = export.pk, export.public_id

    def response_add(
        self, request: HttpRequest, obj: WorkspaceExport, post_url_continue: Any = None
    ) -> HttpResponse:
        """Show the page of the export."""
        return HttpResponseRedirect(_page_of(obj))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the export read-only."""
        self.require_view(request)
        export = self.get_object(request, object_id)
        if export is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return missing
        content = self._content_of(request, export)
        return self.show(
            request,
            "exports/export.html",
            content["heading"],
            **content,
            subject=export,
            etag=_etag(request, export),
            cancel_page=_page_of(export, "cancel_page"),
            delete_page=_page_of(export, "delete"),
        )

    def _content_of(
        self, request: HttpRequest, export: WorkspaceExport
    ) -> dict[str, Any]:
        """Return what the page shows to this user."""
        return {
            **content_of(export),
            "send_page": send_page_of(export, request.user),
            "imports_page": imports_page_of(export, request.user),
        }

    @action(description=_("Refresh"), url_path="live", permissions=("view",))
    def live_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return the part of the page that changes, or 304 if nothing has changed."""
        export = get_object_or_404(self.get_queryset(request), pk=object_id)
        etag = _etag(request, export)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if is_current(request.headers.get("If-None-Match", ""), etag):
            return HttpResponseNotModified(headers=headers)
        content = {
            **self._content_of(request, export),
            "etag": etag,
            "cancel_page": _page_of(export, "cancel_page"),
        }
        page = render_to_string("imports_app/admin/exports/live.html", content, request)
        return HttpResponse(page, headers=headers)

    @action(
        description=_("Download"),
        url_path="download",
        icon="download",
        permissions=("view",),
    )
    def download_page(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Return an archive, or all of them in one."""
        export = get_object_or_404(WorkspaceExport, pk=object_id)
        part = request.GET.get("part", "")
        try:
            download = download_export(
                export=export, part=part, actor=actor_of(request)
            )
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(_page_of(export))
        disposition = content_disposition_header(True, download.name)
        response = StreamingHttpResponse(
            download.content,
            content_type="application/zip",
            headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
        )
        if download.size is not None:
            response.headers["Content-Length"] = str(download.size)
        return response

    @action(
        description=_("Cancel export"),
        url_path="cancel",
        icon="cancel",
        permissions=("view",),
    )
    def cancel_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then cancel the export."""
        export = get_object_or_404(WorkspaceExport, pk=object_id)
        if request.method != "POST":
            return self.ask(
                request,
                title=_("Cancel export"),
                subject=export,
                question=_("Archives written so far are deleted."),
                page=_page_of(export),
            )
        try:
            cancel_export(export=export, actor=actor_of(request))
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(_page_of(export))

    def delete_model(self, request: HttpRequest, obj: WorkspaceExport) -> None:
        """Delete the export with its archives."""
        delete_export(export=obj, actor=actor_of(request))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[WorkspaceExport]
    ) -> None:
        """Delete exports with their archives."""
        for export in queryset:
            delete_export(export=export, actor=actor_of(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List the exports; nothing else is deleted with them."""
        names = [str(export) for export in objs]
        may_delete = self.has_delete_permission(request)
        kept = set() if may_delete else {str(self.opts.verbose_name)}
        return names, {str(self.opts.verbose_name_plural): len(names)}, kept, []

    @display(description=_("export"), header=True)
    def label(self, export: WorkspaceExport) -> tuple[str, str]:
        """Return the format, and who started the export."""
        starter = str(export.starter) if export.starter else str(_("command line"))
        return str(format_label(export.format)), starter

    @display(description=_("state"), ordering="state", label=STATE_COLORS)
    def badge(self, export: WorkspaceExport) -> tuple[str, Any]:
        """Return the state as a badge."""
        return export.state, export.get_state_display()

    @display(description=_("selection"))
    def selected(self, export: WorkspaceExport) -> str:
        """Return whether everything or a selection is exported."""
        return str(_("selection") if export.selection else _("everything"))

    @display(description=_("messages"))
    def messages(self, export: WorkspaceExport) -> str:
        """Return the number of messages."""
        manifest: dict[str, Any] = export.manifest or {}
        return format_number(manifest.get("messages", export.done))

    @display(description=_("size"), ordering="size")
    def bytes(self, export: WorkspaceExport) -> str:
        """Return the size of the archives."""
        return "-" if export.size is None else filesizeformat(export.size)

    @display(description=_("created"), ordering="created_at")
    def created(self, export: WorkspaceExport) -> str:
        """Return when the export was started."""
        return format_time(export.created_at)


def _page_of(export: WorkspaceExport, page: str = "change") -> str:
    return reverse(f"admin:imports_app_workspaceexport_{page}", args=[export.pk])


def _etag(request: HttpRequest, export: WorkspaceExport) -> str:
    viewer = f"{request.user.pk} {get_language()}"
    return etag_of(f"{export.pk}.{export.revision} {viewer}")
