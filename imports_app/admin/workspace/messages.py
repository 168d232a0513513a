"""Read-only admin of imported messages."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from imports_app.admin.workspace.conversation_lines import LONGEST_WHOLE, build_lines
from imports_app.admin.workspace.links import (
    conversation_url,
    message_url,
    room_title,
)
from imports_app.admin.workspace.message_search import SearchPages
from imports_app.models import Message
from imports_app.services.access_log import record_room_read

_TEXT_URL: Final = "imports_app_message_text"


@admin.register(Message)
class MessageAdmin(SearchPages):
    """Message search and details."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION

    def title_of(self, obj: Any) -> str:
        """Return in which room the message is."""
        return _("Message in %s") % room_title(obj.room)

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Add the download of long texts."""
        custom = super().get_custom_urls()
        return (*custom, ("<int:object_id>/text/", _TEXT_URL, self.text_page))

    def text_page(
        self, request: HttpRequest, object_id: int, **_kwargs: Any
    ) -> HttpResponse:
        """Return the whole text of a message as a download."""
        self.require_view(request)
        message = get_object_or_404(Message.objects.with_authors(), pk=object_id)
        record_room_read(message.room, by=author_of(request))
        answer = HttpResponse(message.text, content_type="text/plain; charset=utf-8")
        name = f'attachment; filename="message-{message.pk}.txt"'
        answer.headers["Content-Disposition"] = name
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kw: Any
    ) -> Any:
        """Show a message with its text and IDs."""
        if request.method != "GET" or not self.has_view_permission(request):
            return super().change_view(request, object_id, *args, **kw)
        found = Message.objects.with_authors().select_related("room")
        message = get_object_or_404(found, pk=unquote(object_id))
        record_room_read(message.room, by=author_of(request))
        return self.show(
            request,
            "workspace/message.html",
            self.title_of(message),
            subject=message,
            lines=build_lines([message], request, is_whole=True),
            longest_text=LONGEST_WHOLE,
            text_page=reverse(f"admin:{_TEXT_URL}", args=[message.pk]),
            message=message,
            room=room_title(message.room),
            room_page=conversation_url(message.room_id),
            conversation=message_url(message),
            thread_root=message.thread and Message.objects.root_of(message),
        )
