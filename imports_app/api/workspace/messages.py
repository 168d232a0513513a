"""Endpoints that list the messages of rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

from django.http import HttpResponse, QueryDict
from rest_framework.request import Request

from accounts.services.activity import author_of
from config.api.envelope import success
from config.api.input.offsets import page_size, project, read_fields, read_sort
from config.api.wire import JSONDict
from imports_app.api.workspace import wire
from imports_app.api.workspace.kinds import RoomKind
from imports_app.api.workspace.pages import NUMBER, SHOWN, read_page
from imports_app.api.workspace.params import HistoryParams, MessagesParams
from imports_app.api.workspace.rooms import RoomView, reject_query
from imports_app.models import Message
from imports_app.querysets.reading.messages import Period
from imports_app.services.access_log import record_api_read

_SORTABLE: Final = {"ts": "sent_at"}


class SortedMessagesView(RoomView):
    """View of messages in an order by time, with a projection."""

    is_newest_first: ClassVar[bool] = True
    """Whether the newest messages come first by default."""

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return direction, projection and page. Rocket.Chat's `query` is rejected."""
        reject_query(query)
        params = super().parse_query(query)
        default = ["-sent_at"] if self.is_newest_first else ["sent_at"]
        order = read_sort(params.get("sort", "{}"), _SORTABLE) or default
        return {
            **params,
            "is_descending": order == ["-sent_at"],
            "fields": read_fields(params.get("fields_", "{}")),
        }

    def documents(self, page: list[Message]) -> list[JSONDict]:
        """Return the projected documents of messages."""
        fields = self.params["fields"]
        return [project(wire.message(message), fields) for message in page]


class MessagesView(SortedMessagesView):
    """GET channels.messages, groups.messages and im.messages."""

    kind: ClassVar[RoomKind]
    query_params = MessagesParams

    def get(self, request: Request) -> HttpResponse:
        """Return one page of all messages, replies included."""
        offset, is_descending = self.params["offset"], self.params["is_descending"]
        rooms = self.readable(request)
        room = self.find(
            request, rooms.with_anchor(NUMBER, offset, is_descending=is_descending)
        )
        record_api_read(room, by=author_of(request))
        page = read_page(
            room,
            Message.objects.history(room.pk),
            column=NUMBER,
            offset=offset,
            count=self.params["count"],
            is_descending=is_descending,
        )
        return success(
            {
                "messages": self.documents(page),
                "count": len(page),
                "offset": offset,
                "total": room.message_count,
            }
        )


class HistoryView(RoomView):
    """GET channels.history, groups.history and im.history."""

    kind: ClassVar[RoomKind]
    query_params = HistoryParams

    @property
    def period(self) -> Period:
        """The requested period."""
        return Period(
            oldest=self.params.get("oldest"),
            latest=self.params.get("latest"),
            is_inclusive=self.params["inclusive"],
        )

    def get(self, request: Request) -> HttpResponse:
        """Return one page, newest first. Replies are hidden unless they are wanted."""
        offset, period = self.params["offset"], self.period
        column = NUMBER if self.params["show_thread_messages"] else SHOWN
        wants_unread = self.params["unreads"] and period.oldest is not None
        rooms = self.readable(request).with_anchor(column, offset, is_descending=True)
        if wants_unread:
            rooms = rooms.with_unread(period, with_replies=column == NUMBER)
        room = self.find(request, rooms)
        record_api_read(room, by=author_of(request))
        if not _ends_with_room(period.latest, room.last_message_at):
            room.anchor_number = room.anchor_shown = None
        messages = Message.objects.history(room.pk).within(period)
        page = read_page(
            room,
            messages if column == NUMBER else messages.without_replies(),
            column=column,
            offset=offset,
            count=self.params["count"],
            is_descending=True,
            also=room.first_unread if wants_unread else None,
        )
        if wants_unread:
            size = page_size(self.params["count"])
            return success(_with_unread(page, room.unread_count - offset, size))
        return success({"messages": [wire.message(message) for message in page]})


def _ends_with_room(latest: datetime | None, last: datetime | None) -> bool:
    """Return whether a period ends after all messages of a room."""
    return latest is None or last is None or latest > last


def _with_unread(page: list[Message], unread_count: int, size: int) -> JSONDict:
    """Return a page with the first of the unread messages before it.

    Args:
        page: The messages, followed by the first unread one if it is not among them.
        unread_count: Number of messages of the page and before it.
        size: Maximum number of messages of the page.
    """
    is_rest = unread_count > size
    messages = page[:-1] if is_rest else page[: max(0, unread_count)]
    document: JSONDict = {
        "messages": [wire.message(message) for message in messages],
        "unreadNotLoaded": unread_count - size if is_rest else 0,
    }
    if is_rest:
        document["firstUnread"] = wire.message(page[-1])
    return document
