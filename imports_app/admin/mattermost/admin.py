"""Admin of imports into Mattermost: list, start form, and the page of an import."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from accounts.permission_names import PermissionName
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time
from config.errors import DomainError
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.mattermost.page import COLORS, context_of
from imports_app.models import MattermostImport, Server, WorkspaceExport
from imports_app.services.outgoing.mattermost import (
    cancel_mattermost_import,
    may_send,
    start_mattermost_import,
)

_RELOADED_AFTER: Final = 3
"""Seconds after which the page of an active import reloads."""


class _ExportField(forms.ModelChoiceField[WorkspaceExport]):
    def label_from_instance(self, obj: WorkspaceExport) -> str:
        """Return ID, time and size."""
        size = filesizeformat(obj.size or 0)
        return f"{obj.public_id}, {obj.finished_at:%Y-%m-%d %H:%M} UTC, {size}"


class MattermostImportForm(forms.ModelForm[MattermostImport]):
    """Export and server of a new import."""

    export = _ExportField(
        label=_("Export"),
        queryset=WorkspaceExport.objects.none(),
        widget=UnfoldAdminSelectWidget,
        to_field_name="public_id",
    )
    server = forms.ModelChoiceField(
        label=_("Server"),
        queryset=Server.objects.filter(kind=Server.Kind.MATTERMOST, is_enabled=True),
        widget=UnfoldAdminSelectWidget,
    )
    again = forms.BooleanField(
        label=_("Import again"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_(
            "Import the archive even if Mattermost has already imported it. Its"
            " messages are not duplicated."
        ),
    )

    class Meta:
        model = MattermostImport
        fields = ("export", "server")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        exports = WorkspaceExport.objects.for_mattermost(timezone.now()).order_by("-pk")
        self.fields["export"].queryset = exports  # type: ignore[attr-defined]


@admin.register(MattermostImport)
class MattermostImportAdmin(AdminPages):
    """Imports into Mattermost, the newest first."""

    view_permission = PermissionName.MANAGE_CONNECTED_SERVERS
    add_permission = PermissionName.MANAGE_CONNECTED_SERVERS

    empty_state = EmptyState(
        "upload",
        _("No imports into Mattermost yet"),
        _("Create an export in the format for Mattermost, then send it from here."),
    )
    form = MattermostImportForm
    list_display = ("name", "server", "badge", "uploaded", "created")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_select_related = ("server", "export", "starter")
    search_fields = ("public_id", "server__name", "export__public_id")
    search_help_text = _("Search by ID, server or export")
    ordering = ("-id",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may manage servers and read all rooms and users."""
        user: Any = request.user
        return may_send(user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may send exports."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MattermostImport]:
        """Return the imports with their exports, servers and starters."""
        return MattermostImport.objects.with_names().order_by("-pk")

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form, and send the export."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"export": request.GET.get("export", "")}
        form = MattermostImportForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                job = start_mattermost_import(
                    export=form.cleaned_data["export"],
                    server=form.cleaned_data["server"],
                    actor=actor_of(request),
                    repeats=form.cleaned_data["again"],
                )
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                return HttpResponseRedirect(_page_of(job))
        title = _("Send an export to Mattermost")
        return self.show(request, "mattermost/new_import.html", title, form=form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an import; on POST, cancel it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        key = object_id if object_id.isdecimal() and len(object_id) < 19 else "0"
        job = get_object_or_404(self.get_queryset(request), pk=int(key))
        if request.method == "POST":
            try:
                cancel_mattermost_import(job=job, actor=actor_of(request))
            except DomainError as error:
                messages.error(request, error.message)
            return HttpResponseRedirect(_page_of(job))
        response = self.show(
            request,
            "mattermost/import.html",
            _("Import into %s") % job.server,
            subject=job,
            **context_of(job),
        )
        if job.is_active:
            response.headers["Refresh"] = str(_RELOADED_AFTER)
        return response

    @display(description=_("import"), header=True)
    def name(self, job: MattermostImport) -> tuple[str, str]:
        """Return the ID, and below it that of the export."""
        export = job.export.public_id if job.export else _("deleted")
        return job.public_id, str(_("export %s") % export)

    @display(description=_("state"), label=COLORS)
    def badge(self, job: MattermostImport) -> tuple[str, Any]:
        """Return the state."""
        return job.state, job.get_state_display()

    @display(description=_("uploaded"))
    def uploaded(self, job: MattermostImport) -> str:
        """Return the size of what Mattermost has, of all."""
        return f"{filesizeformat(job.bytes_sent)} / {filesizeformat(job.bytes_total)}"

    @display(description=_("created"), ordering="created_at")
    def created(self, job: MattermostImport) -> str:
        """Return the creation time."""
        return format_time(job.created_at)


def _page_of(job: MattermostImport) -> str:
    return reverse("admin:imports_app_mattermostimport_change", args=[job.pk])
