"""Query parameters of the endpoints that read the workspace."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from config.api.input.coercion import to_text
from config.api.input.fields import Converted, Flag, Json, Params, Text
from config.api.input.moments import parse_moment
from config.api.input.offsets import OffsetParams


class Moment(Converted):
    """A date or a date and time in ISO 8601; UTC if it has no time zone."""

    default_error_messages: ClassVar = {"invalid": "must be a date in ISO 8601"}

    def to_internal_value(self, data: Any) -> datetime:
        """Return the time."""
        try:
            return parse_moment(to_text(data))
        except (ValueError, TypeError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        """Return the time as text."""
        return value.isoformat()


class RoomKeys(Params):
    """A room by ID or by name."""

    room_id = Text(required=False, source="public_id")
    room_name = Text(required=False, source="name")


class DirectRoomKeys(Params):
    """Direct messages by ID, or by the other user."""

    room_id = Text(required=False, source="public_id")
    username = Text(required=False)


class ListParams(OffsetParams):
    """A page of a list in an order."""

    sort = Json(required=False)
    fields_ = Json(required=False)


class MemberPage(OffsetParams):
    """A page of members."""

    filter_ = Text(required=False, max_length=100)


class MembersParams(MemberPage, RoomKeys):
    """Query of channels.members and groups.members."""


class DirectMembersParams(MemberPage, DirectRoomKeys):
    """Query of im.members."""


class MessagePage(OffsetParams):
    """A page of messages in an order."""

    sort = Json(required=False)
    fields_ = Json(required=False)


class MessagesParams(MessagePage, RoomKeys):
    """Query of channels.messages and groups.messages."""


class DirectMessagesParams(MessagePage, DirectRoomKeys):
    """Query of im.messages."""


class HistoryPage(OffsetParams):
    """A page of a history, newest first."""

    latest = Moment(required=False)
    oldest = Moment(required=False)
    inclusive = Flag(default=False)
    unreads = Flag(default=False)
    show_thread_messages = Flag(default=False)


class HistoryParams(HistoryPage, RoomKeys):
    """Query of channels.history and groups.history."""


class DirectHistoryParams(HistoryPage, DirectRoomKeys):
    """Query of im.history."""


class MessageParams(Params):
    """Query of chat.getMessage."""

    msg_id = Text(source="import_id")


class ThreadParams(MessagePage):
    """Query of chat.getThreadMessages."""

    tmid = Text(source="import_id")


class ThreadsParams(OffsetParams):
    """Query of chat.getThreadsList."""

    rid = Text(source="public_id")
    text = Text(required=False, max_length=100)
    sort = Json(required=False)


class SearchParams(OffsetParams):
    """Query of chat.search."""

    room_id = Text(source="public_id")
    search_text = Text()


class FilePage(OffsetParams):
    """A page of files, by name."""

    name_ = Text(required=False, max_length=100)
    type_group = Text(required=False, max_length=100)
    only_confirmed = Flag(default=False)
    sort = Json(required=False)


class FilesParams(FilePage, RoomKeys):
    """Query of channels.files and groups.files."""


class DirectFilesParams(FilePage, DirectRoomKeys):
    """Query of im.files."""
