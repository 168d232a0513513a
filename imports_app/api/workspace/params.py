"""Query parameters of the endpoints that read the workspace."""

from __future__ import annotations

from rest_framework import serializers

from config.api.input.fields import Params, Text
from config.api.input.offsets import OffsetParams


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
