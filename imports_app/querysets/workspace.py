"""Reads over rooms, messages and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef

if TYPE_CHECKING:
    from imports_app.models import Message, MessageFile, Room


class RoomQuerySet(models.QuerySet["Room"]):
    """Rooms."""

    def of_member(self, user_id: int) -> Self:
        """Rooms that somebody is in."""
        return self.filter(members__user=user_id)


class MessageFileQuerySet(models.QuerySet["MessageFile"]):
    """Files of messages."""

    def wanted(self) -> Self:
        """Files whose bytes are not here, and can be fetched."""
        return self.filter(state__in=("waiting", "failed")).order_by("id")

    def of_message(self, room_id: int, message_import_id: str) -> Self:
        """A message's files, in their order."""
        rows = self.filter(room=room_id, message_import_id=message_import_id)
        return rows.order_by("id")


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages."""

    def history(self, room_id: int) -> Self:
        """What was said in a room, the oldest first."""
        return self.filter(room=room_id).order_by("sent_at", "id")

    def with_roots(self) -> Self:
        """Tell for each message whether the one that it replies to is there."""
        root = self.model._default_manager.filter(
            room=OuterRef("room"), import_id=OuterRef("thread")
        )
        return self.annotate(is_reply=Exists(root))

    def replies(self, room_id: int, import_id: str) -> Self:
        """What was said in a thread, the oldest first."""
        return self.history(room_id).filter(thread=import_id)

    def rootless_replies(self, room_ids: models.QuerySet[Any, Any]) -> Self:
        """Replies in these rooms to what is not there."""
        replies = self.filter(room__in=room_ids, thread__isnull=False)
        return replies.with_roots().filter(is_reply=False)
