"""Reads over rooms, messages and their files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Q

from imports_app.search.queries import Search

if TYPE_CHECKING:
    from imports_app.models import Message, MessageFile, Room, RoomMember


class RoomQuerySet(models.QuerySet["Room"]):
    """Rooms."""

    def of_member(self, user_id: int) -> Self:
        """Rooms that somebody is in."""
        return self.filter(members__user=user_id)

    def called(self, text: str) -> Room | None:
        """Return the room of this name, else the one with this id, if any."""
        by_name = self.filter(name=text.removeprefix("#")).first()
        return by_name or self.filter(public_id=text).first()


class RoomMemberQuerySet(models.QuerySet["RoomMember"]):
    """Memberships."""

    def counts(self, rooms: Iterable[Room]) -> dict[int, int]:
        """Count who is in each of these rooms."""
        rows = self.filter(room__in=[room.pk for room in rooms]).order_by()
        return dict(rows.values_list("room").annotate(members=Count("pk")))


class MessageFileQuerySet(models.QuerySet["MessageFile"]):
    """Files of messages."""

    def wanted(self) -> Self:
        """Files whose bytes are not here, and can be fetched."""
        return self.filter(state__in=("waiting", "failed")).order_by("id")

    def of_message(self, room_id: int, message_import_id: str) -> Self:
        """A message's files, in their order."""
        return self.of_messages(room_id, [message_import_id])

    def of_messages(self, room_id: int, import_ids: Collection[str]) -> Self:
        """The files of a room's messages, in their order."""
        rows = self.filter(room=room_id, message_import_id__in=import_ids)
        return rows.order_by("id")


@dataclass(frozen=True, slots=True)
class ThreadSize:
    """How many replies a thread has, and when the last one was sent."""

    replies: int
    last: datetime


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages."""

    def history(self, room_id: int) -> Self:
        """What was said in a room, the oldest first."""
        return self.filter(room=room_id).order_by("sent_at", "id")

    def with_roots(self) -> Self:
        """Tell for each message whether the one that it replies to is there."""
        return self.annotate(is_reply=Exists(self._roots()))

    def _roots(self) -> models.QuerySet[Message]:
        return self.model._default_manager.filter(
            room=OuterRef("room"), import_id=OuterRef("thread")
        )

    def out_of_threads(self) -> Self:
        """Leave out replies, except to what is not there."""
        return self.filter(Q(thread=None) | ~Exists(self._roots()))

    def to_show(self) -> Self:
        """Messages with their authors."""
        return self.select_related("author")

    def keyed(self, pk: int) -> Message | None:
        """Return the message of this key with its author, if it is among these."""
        return self.to_show().filter(pk=pk).first()

    def since(self, moment: datetime) -> Self:
        """What was sent at a moment or after it."""
        return self.filter(sent_at__gte=moment)

    def behind(self, other: Message) -> Self:
        """What comes after a message, in the order of time."""
        same = Q(sent_at=other.sent_at, pk__gt=other.pk)
        later = Q(sent_at__gt=other.sent_at)
        return self.filter(same | later, sent_at__gte=other.sent_at)

    def ahead_of(self, other: Message) -> Self:
        """What comes before a message, the nearest first."""
        same = Q(sent_at=other.sent_at, pk__lt=other.pk)
        earlier = Q(sent_at__lt=other.sent_at)
        rows = self.filter(same | earlier, sent_at__lte=other.sent_at)
        return rows.order_by("-sent_at", "-id")

    def replies(self, room_id: int, import_id: str) -> Self:
        """What was said in a thread, the oldest first."""
        return self.history(room_id).filter(thread=import_id)

    def root_of(self, reply: Message) -> Message | None:
        """Return the message that began a thread, if it is there."""
        return self.filter(room=reply.room_id, import_id=reply.thread).first()

    def thread_sizes(
        self, room_id: int, import_ids: Collection[str]
    ) -> dict[str, ThreadSize]:
        """Count the replies to those of a room's messages that have some."""
        rows = self.filter(room=room_id, thread__in=import_ids).order_by()
        sizes = rows.values_list("thread").annotate(Count("pk"), Max("sent_at"))
        return {root: ThreadSize(replies, last) for root, replies, last in sizes}

    def rootless_replies(self, room_ids: models.QuerySet[Any, Any]) -> Self:
        """Replies in these rooms to what is not there."""
        replies = self.filter(room__in=room_ids, thread__isnull=False)
        return replies.with_roots().filter(is_reply=False)

    def not_indexed(self, search: Search, *, behind: int) -> Self:
        """Messages that match, one by one; those that came in last first.

        Args:
            search: What to look for.
            behind: The key of the last message that has an entry.
        """
        given = {
            "room": search.room_id,
            "author": search.author_id,
            "sent_at__gte": search.since,
            "sent_at__lt": search.until,
        }
        rows = self.filter(pk__gt=behind)
        rows = rows.filter(**{key: one for key, one in given.items() if one})
        for wanted in search.words:
            rows = rows.filter(text__icontains=wanted.word)
        return rows.select_related("room", "author").order_by("-pk")
