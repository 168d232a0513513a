"""What was said in rooms; nothing can be changed."""

from __future__ import annotations

import json
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.permission_names import PermissionName
from config.admin_cells import link, moment, wrapping
from config.admin_guard import GuardedAdmin
from imports_app.admin.files import download_link
from imports_app.models import Message, MessageFile

_LONGEST_TEXT: Final = 300
_EVENTS: Final = {
    "uj": _("joined"),
    "ul": _("left"),
    "r": _("renamed the room: %s"),
    "room_changed_topic": _("changed the topic: %s"),
    "room_changed_description": _("changed the purpose: %s"),
    "room-archived": _("archived the room"),
    "room-unarchived": _("opened the room again"),
    "message_pinned": _("pinned a message %s"),
}


@admin.register(Message)
class MessageAdmin(GuardedAdmin):
    """What was said, escaped, the latest first."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION

    list_display = ("said", "text_cell", "room")
    search_fields = ("text",)
    search_help_text = _("Search in the texts")
    show_full_result_count = False
    ordering = ("-sent_at", "-id")
    fields = readonly_fields = (
        *("room", "author_name", "sent_at", "text_cell", "edited", "in_reply_to"),
        *("reactions", "files", "attachments", "import_id"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Return the messages with rooms and authors."""
        messages: QuerySet[Message] = super().get_queryset(request)
        return messages.select_related("room", "author")

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Let pages of rooms lead to their messages."""
        return lookup == "room__id__exact" or super().lookup_allowed(
            lookup, value, request
        )

    @display(description=_("who, and when"), ordering="sent_at", header=True)
    def said(self, message: Message) -> tuple[str, str]:
        """Return the author, and the moment."""
        return self.author_name(message), moment(message.sent_at)

    @display(description=_("text"))
    def text_cell(self, message: Message) -> str:
        """Return the text, cut where the column ends; of an event what happened."""
        text = Truncator(message.text).chars(_LONGEST_TEXT)
        if message.event:
            event = str(_EVENTS.get(message.event, message.event))
            return format_html("<em>{}</em>", event % text if "%s" in event else event)
        return wrapping(text or "-")

    @display(description=_("author"))
    def author_name(self, message: Message) -> str:
        """Return the author's name, or the id if the account is gone."""
        alias = _part(message, "alias")
        if message.author is None:
            return str(_("%s (account deleted)") % message.author_id)
        if alias and alias != str(message.author):
            return f"{alias} ({message.author})"
        return str(message.author)

    @display(description=_("edited"))
    def edited(self, message: Message) -> str:
        """Return when the text was changed last."""
        return moment(message.edited_at)

    @display(description=_("reply to"))
    def in_reply_to(self, message: Message) -> str:
        """Lead to the message that began the thread, if it is there."""
        if message.thread is None:
            return "-"
        root = Message.objects.filter(
            room=message.room_id, import_id=message.thread
        ).first()
        if root is None:
            return str(_("%s (not here)") % message.thread)
        page = reverse("admin:imports_app_message_change", args=[root.pk])
        return link(page, Truncator(root.text or root.import_id).chars(80))

    @display(description=_("reactions"))
    def reactions(self, message: Message) -> str:
        """Return who reacted with what."""
        reactions = _part(message, "reactions") or {}
        lines = ((emoji, ", ".join(users)) for emoji, users in reactions.items())
        return format_html_join("", "<div>{} {}</div>", lines) or "-"

    @display(description=_("files"))
    def files(self, message: Message) -> str:
        """Lead to the files."""
        files = MessageFile.objects.of_message(message.room_id, message.import_id)
        cells = (
            (download_link(file, file) or f"{file} ({file.get_state_display()})",)
            for file in files
        )
        return format_html_join("", "<div>{}</div>", cells) or "-"

    @display(description=_("attachments"))
    def attachments(self, message: Message) -> str:
        """Return what apps attached, as it was kept."""
        attachments = _part(message, "attachments")
        if not attachments:
            return "-"
        return wrapping(json.dumps(attachments, ensure_ascii=False, indent=1))


def _part(message: Message, name: str) -> Any:
    return (message.extras or {}).get(name)
