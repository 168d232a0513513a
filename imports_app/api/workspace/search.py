"""Endpoint that searches the messages of a room."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.services.activity import author_of
from config.api.envelope import bare, success
from config.api.errors import InvalidParamsError
from config.api.input.offsets import page_size
from imports_app.api.workspace import wire
from imports_app.api.workspace.errors import (
    SearchRoomNotNamedError,
    SearchTextMissingError,
)
from imports_app.api.workspace.params import SearchParams
from imports_app.api.workspace.rooms import RoomView
from imports_app.models import Message
from imports_app.search.queries import Search
from imports_app.services.access_log import record_api_search

_MOST_WORDS: Final = 20
_MOST_FOUND: Final = 1_000
"""Maximum number of messages that the pages of a search show."""


class SearchView(RoomView):
    """GET chat.search."""

    query_params = SearchParams

    def get(self, request: Request) -> HttpResponse:
        """Return one page of the messages with all words, newest first."""
        text = self.params["search_text"]
        if not self.params["public_id"]:
            raise SearchRoomNotNamedError
        if not text:
            raise SearchTextMissingError
        rooms = self.readable(request)
        room: Any = rooms.identified_as(public_id=self.params["public_id"]).first()
        if room is None:
            return bare({"success": False}, 400)
        search = Search(text=text, room_id=room.pk)
        if len(search.words) > _MOST_WORDS:
            raise InvalidParamsError(f"searchText: use at most {_MOST_WORDS} words")
        record_api_search(room, text, by=author_of(request))
        start = self.params["offset"]
        end = min(start + page_size(self.params["count"]), _MOST_FOUND)
        if search.is_unanswerable or start >= end:
            return success({"messages": []})
        found = Message.objects.found(search, limit=end)[start:end]
        return success({"messages": [wire.message(message) for message in found]})
