"""Pages of a room's conversation and its threads."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.services.activity import author_of
from imports_app.admin.base import AdminPages
from imports_app.admin.workspace.conversation_lines import build_lines
from imports_app.admin.workspace.keyset import PagePosition, parse_key, read_page
from imports_app.admin.workspace.links import message_url, room_title, thread_url
from imports_app.admin.workspace.message_html import render_text
from imports_app.models import Message, Room, RoomMember
from imports_app.services.access_log import record_room_read


class ConversationPages(AdminPages):
    """Admin pages that show a room's conversation."""

    actions_detail: Any = ("conversation_page",)

    def title_of(self, obj: Any) -> str:
        """Return the room's name with `#`, or the members of direct messages."""
        return room_title(obj)

    @action(
        description=_("Conversation"),
        url_path="conversation",
        icon="forum",
        permissions=("view",),
    )
    def conversation_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a page of the conversation or of a thread."""
        room = get_object_or_404(Room, pk=object_id)
        record_room_read(room, by=author_of(request))
        thread = parse_key(request.GET, "thread")
        if thread is not None:
            return self._thread(request, room, thread)
        history = Message.objects.history(room.pk)
        page = read_page(
            history.without_replies(), history, PagePosition.from_query(request.GET)
        )
        if page.focus is not None and (root := _thread_root(page.focus)) is not None:
            return HttpResponseRedirect(thread_url(root, page.focus))
        return self.show(
            request,
            "workspace/conversation.html",
            room_title(room),
            subject=room,
            step=_("Conversation"),
            room=room,
            topic=render_text(room.topic or ""),
            page=page,
            lines=build_lines(page.messages, request, focus=page.focus),
            members=RoomMember.objects.counts([room]).get(room.pk, 0),
            details=reverse("admin:imports_app_room_change", args=[room.pk]),
            search=reverse("admin:imports_app_message_changelist"),
            asked_day=request.GET.get("date", ""),
        )

    def _thread(self, request: HttpRequest, room: Room, key: int) -> HttpResponse:
        history = Message.objects.history(room.pk)
        root = history.find_by_key(key)
        if root is None:
            raise Http404
        replies = Message.objects.replies(room.pk, root.import_id)
        place = PagePosition.from_query(request.GET)
        if place == PagePosition():
            place = PagePosition(is_start=True)
        page = read_page(replies, history, place)
        return self.show(
            request,
            "workspace/thread.html",
            _("Thread in %s") % room_title(room),
            subject=room,
            step=_("Thread"),
            room=room,
            page=page,
            root=build_lines([root], request),
            lines=build_lines(page.messages, request, focus=page.focus, in_thread=True),
            conversation=message_url(root),
        )


def _thread_root(message: Message) -> Message | None:
    """Return the first message of the thread, if it was imported."""
    if message.thread is None:
        return None
    return Message.objects.root_of(message)
