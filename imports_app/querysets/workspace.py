"""Query sets of rooms, messages and files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.db.models.expressions import Combinable

from config.db.bulk import in_chunks
from imports_app.querysets.reading.files import ListedFiles
from imports_app.querysets.reading.messages import ReadableMessages
from imports_app.querysets.reading.positions import shown_condition
from imports_app.querysets.reading.rooms import ListedMembers, ReadableRooms
from imports_app.search.queries import Search

if TYPE_CHECKING:
    from imports_app.models import Message, Room


class RoomQuerySet(ReadableRooms):
    """Query set of rooms."""

    def of_member(self, user_id: int) -> Self:
        """Filter the rooms of a member."""
        return self.filter(members__user=user_id)

    def with_ownership(self) -> Self:
        """Annotate the rooms `of_member` with whether the member is an owner."""
        return self.annotate(is_owned=F("members__is_owner"))

    def find_by_name(self, text: str) -> Room | None:
        """Return the room with this name, or else with this ID, or `None`."""
        by_name = self.filter(name=text.removeprefix("#")).first()
        return by_name or self.filter(public_id=text).first()

    def from_name(self, text: str) -> Self:
        """Return named rooms in the order of names, from this text on.

        Rooms whose name begins with the text come first. The index has this order, so
        a slice reads few rows.
        """
        return self.filter(name__gte=text).order_by("name")


class RoomMemberQuerySet(ListedMembers):
    """Query set of memberships."""

    def counts(self, rooms: Iterable[Room]) -> dict[int, int]:
        """Count the members of each of these rooms."""
        rows = self.filter(room__in=[room.pk for room in rooms]).order_by()
        return dict(rows.values_list("room").annotate(members=Count("pk")))


class MessageFileQuerySet(ListedFiles):
    """Query set of files of messages."""

    def wanted(self) -> Self:
        """Filter files with a pending download."""
        return self.filter(state__in=("waiting", "failed")).order_by("id")

    def names_among(self, names: Iterable[str]) -> set[str]:
        """Return those names of stored contents that a file of a message has."""
        found: set[str] = set()
        for chunk in in_chunks(names):
            rows = self.filter(stored_name__in=chunk)
            found.update(rows.values_list("stored_name", flat=True))
        return found

    def of_message(self, room_id: int, message_import_id: str) -> Self:
        """Filter a message's files, in order."""
        return self.of_messages(room_id, [message_import_id])

    def of_messages(self, room_id: int, import_ids: Collection[str]) -> Self:
        """Filter the files of a room's messages, in order."""
        rows = self.filter(room=room_id, message_import_id__in=import_ids)
        return rows.order_by("id")


@dataclass(frozen=True, slots=True)
class ThreadSize:
    """Number of a thread's replies, and time of the last one."""

    replies: int
    last: datetime


@dataclass(frozen=True, slots=True)
class AuthorSize:
    """Number of an author's messages, and of the rooms with them."""

    messages: int
    rooms: int


class MessageQuerySet(ReadableMessages):
    """Query set of messages."""

    def history(self, room_id: int) -> Self:
        """Filter the messages of a room, oldest first."""
        return self.filter(room=room_id).order_by("sent_at", "id")

    def with_roots(self) -> Self:
        """Annotate each message with whether its thread's first message exists."""
        return self.annotate(is_reply=Exists(self._roots()))

    def _roots(self) -> models.QuerySet[Message]:
        return self.model._default_manager.filter(
            room=OuterRef("room"), import_id=OuterRef("thread")
        )

    def without_replies(self) -> Self:
        """Exclude replies, except broadcasts and those without their first message."""
        return self.filter(shown_condition())

    def of_authors(self, public_ids: Collection[Any]) -> Self:
        """Filter the messages of users, also of deleted ones."""
        return self.filter(author_id__in=public_ids)

    def with_authors(self) -> Self:
        """Also load the authors."""
        return self.select_related("author")

    def by_keys(self, keys: Iterable[int | None]) -> dict[int, Message]:
        """Return messages with their rooms, by key."""
        wanted = [key for key in keys if key is not None]
        if not wanted:
            return {}
        return self.select_related("room").in_bulk(wanted)

    def find_by_key(self, pk: int) -> Message | None:
        """Return the message with this key and its author, or `None`."""
        return self.with_authors().filter(pk=pk).first()

    def since(self, moment: datetime) -> Self:
        """Filter messages sent at a time or later."""
        return self.filter(sent_at__gte=moment)

    def after_message(self, other: Message) -> Self:
        """Filter the messages after a message, in order of time."""
        same = Q(sent_at=other.sent_at, pk__gt=other.pk)
        later = Q(sent_at__gt=other.sent_at)
        return self.filter(same | later, sent_at__gte=other.sent_at)

    def before_message(self, other: Message) -> Self:
        """Filter the messages before a message, the nearest first."""
        same = Q(sent_at=other.sent_at, pk__lt=other.pk)
        earlier = Q(sent_at__lt=other.sent_at)
        rows = self.filter(same | earlier, sent_at__lte=other.sent_at)
        return rows.order_by("-sent_at", "-id")

    def replies(self, room_id: int, import_id: str) -> Self:
        """Filter the replies of a thread, oldest first."""
        return self.history(room_id).filter(thread=import_id)

    def root_of(self, reply: Message) -> Message | None:
        """Return the first message of a reply's thread, or `None`."""
        return self.filter(room=reply.room_id, import_id=reply.thread).first()

    def thread_sizes(
        self, room_id: int, import_ids: Collection[str]
    ) -> dict[str, ThreadSize]:
        """Count the replies of a room's messages, if they have any."""
        rows = self.filter(room=room_id, thread__in=import_ids).order_by()
        sizes = rows.values_list("thread").annotate(Count("pk"), Max("sent_at"))
        return {root: ThreadSize(replies, last) for root, replies, last in sizes}

    def note_moved(self, keys: Iterable[int]) -> None:
        """Mark the positions in rooms whose messages may have moved as outdated."""
        rooms = apps.get_model("imports_app", "Room").objects
        for chunk in in_chunks(keys):
            changed = self.filter(pk__in=chunk).order_by().values("room")
            rooms.unset_positions(changed)

    def author_sizes(self, public_ids: Iterable[str]) -> dict[str, AuthorSize]:
        """Count the messages of authors and the rooms with them, if there are any.

        Reads the whole table, because messages have no index by author.
        """
        sizes = {}
        for chunk in in_chunks(public_ids):
            rows = (
                self.filter(author__public_id__in=chunk)
                .order_by()
                .values_list("author_id")
            )
            counts = rows.annotate(Count("pk"), Count("room", distinct=True))
            sizes.update({author: AuthorSize(*size) for author, *size in counts})
        return sizes

    def replies_without_root(self, room_ids: models.QuerySet[Any, Any]) -> Self:
        """Filter replies in these rooms whose thread's first message is missing."""
        replies = self.filter(room__in=room_ids, thread__isnull=False)
        return replies.with_roots().filter(is_reply=False)

    def not_indexed(self, search: Search, *, behind: int | Combinable) -> Self:
        """Filter matching messages that are not indexed yet, newest import first.

        Args:
            search: Search criteria.
            behind: Key of the last indexed message, or an expression for it.
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
