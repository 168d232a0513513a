"""Admin of message files, stored or pending."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from config.admin.base import GuardedAdmin
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time, link, truncated
from config.files.stored_files import answer_file
from imports_app.engine.downloads.pending import shown_address
from imports_app.models import FileState, Message, MessageFile
from imports_app.services.access_log import record_file_download

_STATE_COLORS = {
    FileState.WAITING: "warning",
    FileState.STORED: "success",
    FileState.FAILED: "danger",
    FileState.LINK: "info",
}


@admin.register(MessageFile)
class MessageFileAdmin(GuardedAdmin):
    """List of message files with downloads of stored ones."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION

    empty_state = EmptyState(
        "attach_file",
        _("No files yet"),
        _(
            "The files of messages appear here after an import, including those not"
            " downloaded yet."
        ),
    )
    list_display = ("label", "badge", "room", "bytes", "sent", "download_cell")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("name", "source_id")
    search_help_text = _("Search by name or ID")
    ordering = ("-id",)
    actions_detail = ("download_page",)
    fields = readonly_fields = (
        *("name", "state", "room", "message_link", "bytes", "content_type"),
        *("sent", "address", "digest"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageFile]:
        """Return the files with their rooms."""
        files: QuerySet[MessageFile] = super().get_queryset(request)
        return files.select_related("room")

    def has_download_permission(self, request: HttpRequest, object_id: Any) -> bool:
        """Return whether the user may download this file and it is stored."""
        stored = MessageFile.objects.filter(pk=object_id, state=FileState.STORED)
        return self.has_view_permission(request) and stored.exists()

    @action(
        description=_("Download"),
        url_path="download",
        icon="download",
        permissions=("download",),
    )
    def download_page(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Return the file as a download."""
        file = get_object_or_404(MessageFile, pk=object_id, state=FileState.STORED)
        answer = answer_file(file.stored_name, file.name)
        record_file_download(file, by=author_of(request))
        return answer

    @display(description=_("file"), ordering="name")
    def label(self, file: MessageFile) -> str:
        """Return the file's name."""
        return truncated(str(file))

    @display(description=_("state"), ordering="state", label=_STATE_COLORS)
    def badge(self, file: MessageFile) -> tuple[str, Any]:
        """Return the state of the file as a badge."""
        return file.state, file.get_state_display()

    @display(description=_("size"), ordering="size")
    def bytes(self, file: MessageFile) -> str:
        """Return the formatted size."""
        return "-" if file.size is None else filesizeformat(file.size)

    @display(description=_("sent"), ordering="sent_at")
    def sent(self, file: MessageFile) -> str:
        """Return when the message was sent."""
        return format_time(file.sent_at)

    @display(description="")
    def download_cell(self, file: MessageFile) -> str:
        """Return a download link."""
        return download_link(file, _("Download"))

    @display(description=_("message"))
    def message_link(self, file: MessageFile) -> str:
        """Return a link to the message."""
        message = Message.objects.filter(
            room=file.room_id, import_id=file.message_import_id
        ).first()
        if message is None:
            return "-"
        page = reverse("admin:imports_app_message_change", args=[message.pk])
        return link(page, message.import_id)

    @display(description=_("URL"))
    def address(self, file: MessageFile) -> str:
        """Return the source URL without secrets."""
        return shown_address(file.url) or "-"


def download_link(file: MessageFile, text: Any) -> str:
    """Return a download link, or an empty string if the file is not stored."""
    if file.state != FileState.STORED:
        return ""
    page = reverse("admin:imports_app_messagefile_download_page", args=[file.pk])
    return link(page, text)
