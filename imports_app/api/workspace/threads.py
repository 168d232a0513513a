"""Endpoints for single messages and threads (`chat.`)."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse, QueryDict
from rest_framework.request import Request

from accounts.services.activity import author_of
from config.api.envelope import bare, success
from config.api.input.offsets import InvalidSortError, page_size, read_sort
from imports_app.api.workspace import wire
from imports_app.api.workspace.errors import InvalidMessageError, NotAllowedError
from imports_app.api.workspace.messages import SortedMessagesView
from imports_app.api.workspace.params import (
    MessageParams,
    ThreadParams,
    ThreadsParams,
)
from imports_app.api.workspace.rooms import RoomView
from imports_app.models import Message
from imports_app.services.access_log import record_api_read

_SORTABLE: Final = {"tlm": "last_reply_at", "ts": "sent_at"}


class GetMessageView(RoomView):
    """GET chat.getMessage."""

    query_params = MessageParams

    def get(self, request: Request) -> HttpResponse:
        """Return a message. Without one, Rocket.Chat's error has no text."""
        rooms = self.readable(request)
        room: Any = rooms.with_message(self.params["import_id"]).first()
        if room is None:
            return bare({"success": False}, 400)
        record_api_read(room, by=author_of(request))
        message = Message.objects.with_parts().get(pk=room.message_key)
        return success({"message": wire.message(message)})


class GetThreadMessagesView(SortedMessagesView):
    """GET chat.getThreadMessages."""

    query_params = ThreadParams
    is_newest_first = False

    def get(self, request: Request) -> HttpResponse:
        """Return one page of the replies of a thread, oldest first."""
        offset, import_id = self.params["offset"], self.params["import_id"]
        rooms = self.readable(request).with_message(import_id)
        room: Any = rooms.with_reply_count(import_id).first()
        if room is None:
            raise InvalidMessageError
        record_api_read(room, by=author_of(request))
        replies = Message.objects.in_thread(room.pk, import_id)
        if self.params["is_descending"]:
            replies = replies.newest_first()
        page = list(replies.page(skip=offset, count=page_size(self.params["count"])))
        return success(
            {
                "messages": self.documents(page),
                "count": len(page),
                "offset": offset,
                "total": room.reply_count,
            }
        )


class GetThreadsListView(RoomView):
    """GET chat.getThreadsList."""

    query_params = ThreadsParams

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return the order, by default by last reply, and the page."""
        params = super().parse_query(query)
        order = read_sort(params.get("sort", "{}"), _SORTABLE) or ["-last_reply_at"]
        if len(order) > 1:
            raise InvalidSortError("Use one field in sort")
        return {**params, "order": order[0]}

    def get(self, request: Request) -> HttpResponse:
        """Return one page of the first messages of threads."""
        offset, text = self.params["offset"], self.params.get("text", "")
        rooms = self.readable(request).with_threads(text)
        room: Any = rooms.identified_as(public_id=self.params["public_id"]).first()
        if room is None:
            raise NotAllowedError
        record_api_read(room, by=author_of(request))
        page = Message.objects.threads_page(
            room.pk,
            text,
            order=self.params["order"],
            skip=offset,
            count=page_size(self.params["count"]),
        )
        threads = [wire.message(message) for message in page]
        return success(
            {
                "threads": threads,
                "count": len(threads),
                "offset": offset,
                "total": room.thread_count,
            }
        )
