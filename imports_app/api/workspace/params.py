"""Query parameters of the endpoints that read the workspace."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from rest_framework import serializers

from config.api.input.fields import Flag, Params, Text
from config.api.input.offsets import OffsetParams


class Moment(serializers.Field[datetime, str, str, Any]):
    """A date or a date and time in ISO 8601; UTC if it has no time zone."""

    default_error_messages: ClassVar = {"invalid": "must be a date in ISO 8601"}

    def to_internal_value(self, data: str) -> datetime:
        """Return the time."""
        try:
            # A plus sign in a query string is decoded as a space.
            moment = datetime.fromisoformat(data.replace(" ", "+"))
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
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

    sort = serializers.CharField(required=False)
    fields_ = serializers.CharField(required=False)


class MemberPage(OffsetParams):
    """A page of members."""

    filter_ = Text(required=False, max_length=100)


class MembersParams(MemberPage, RoomKeys):
    """Query of channels.members and groups.members."""


class DirectMembersParams(MemberPage, DirectRoomKeys):
    """Query of im.members."""


class MessagePage(OffsetParams):
    """A page of messages in an order."""

    sort = serializers.CharField(required=False)
    fields_ = serializers.CharField(required=False)


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
