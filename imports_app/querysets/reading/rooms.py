"""Query set methods of rooms and members for the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import JSONField
from django.db.models.functions import Coalesce, JSONArray, Lower

from accounts.permission_names import PermissionName
from config.db.json_rows import JSONRows
from imports_app.querysets.reading.messages import Period
from imports_app.querysets.reading.positions import PositionedRooms

if TYPE_CHECKING:
    from accounts.models import User
    from imports_app.models import RoomMember

_PERSON = ("user__public_id", "user__username", "user__name")


class ReadableRooms(PositionedRooms):
    """Methods that read rooms for a user."""

    def readable_by(self, user: User) -> Self:
        """Filter the rooms that a user may read through the API.

        These are all rooms for holders of view-room-administration, and otherwise the
        rooms in which the user is a reader.
        """
        if user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION):
            return self.all()
        return self.filter(Exists(_members().filter(user=user, is_reader=True)))

    def of_type(self, kind: str) -> Self:
        """Filter rooms of a type."""
        return self.filter(type=kind)

    def identified_as(
        self, *, public_id: str | None = None, name: str | None = None
    ) -> Self:
        """Filter the room with this ID, else the one with this name."""
        return self.filter(public_id=public_id) if public_id else self.filter(name=name)

    def between(self, user: User, username: str) -> Self:
        """Filter the direct messages of a user with one other user, or alone."""
        members = _members().alias(key=Lower("user__username"))
        named = Lower(Value(username))
        return self.filter(
            Exists(_members().filter(user=user)),
            Exists(members.filter(key=named)),
            ~Exists(members.exclude(user=user).exclude(key=named)),
            type="d",
        )

    def with_details(self) -> Self:
        """Also load creators, numbers of members, and the members of direct rooms."""
        people = _members().order_by("pk").annotate(value=JSONArray(*_PERSON))
        return self.select_related("creator").annotate(
            user_count=_count(_members()),
            people=Case(
                When(type="d", then=JSONRows(people.values("value"))),
                default=None,
                output_field=JSONField(),
            ),
        )

    def with_unread(self, period: Period, *, with_replies: bool) -> Self:
        """Annotate number and first key of the messages of a period.

        Args:
            period: The period since the room was last read.
            with_replies: Whether hidden replies count.
        """
        messages = apps.get_model("imports_app", "Message").objects
        unread = messages.filter(room=OuterRef("pk")).within(period)
        if not with_replies:
            unread = unread.without_replies()
        first = unread.order_by("sent_at", "pk").values("pk")
        return self.annotate(
            unread_count=_count(unread.order_by()), first_unread=Subquery(first[:1])
        )

    def with_message(self, import_id: str) -> Self:
        """Filter the rooms with this message, and annotate its key.

        The index of messages begins with the room. So the time depends on the number of
        rooms, not on the number of messages.
        """
        messages = apps.get_model("imports_app", "Message").objects
        found = messages.filter(room=OuterRef("pk"), import_id=import_id)
        rows = self.annotate(message_key=Subquery(found.order_by().values("pk")[:1]))
        return rows.filter(message_key__isnull=False).order_by("pk")

    def with_reply_count(self, import_id: str) -> Self:
        """Annotate the number of replies to a message."""
        messages = apps.get_model("imports_app", "Message").objects
        replies = messages.filter(room=OuterRef("pk"), thread=import_id).order_by()
        return self.annotate(reply_count=_count(replies))

    def with_threads(self, text: str) -> Self:
        """Annotate the number of threads whose first message contains a text."""
        messages = apps.get_model("imports_app", "Message").objects
        replies = messages.filter(room=OuterRef("pk")).replies_to(text).order_by()
        return self.annotate(thread_count=_count(replies, "thread"))

    def with_file_count(self, *, name: str, group: str, is_stored: bool) -> Self:
        """Annotate the number of files, filtered as in `matching`."""
        files = apps.get_model("imports_app", "MessageFile").objects
        rows = files.in_room(OuterRef("pk")).matching(
            name=name, group=group, is_stored=is_stored
        )
        return self.annotate(file_count=_count(rows.order_by()))

    def with_member_count(self, text: str) -> Self:
        """Annotate the number of members whose name contains a text."""
        return self.annotate(user_count=_count(_members().named_like(text)))


class ListedMembers(QuerySet["RoomMember"]):
    """Methods that list members."""

    def of_room(self, room_id: int) -> Self:
        """Filter the members of a room, with their users, by username."""
        rows = self.filter(room=room_id).select_related("user")
        return rows.order_by("user__username", "pk")

    def named_like(self, text: str) -> Self:
        """Filter members whose username or name contains a text, ignoring case."""
        if not text:
            return self.all()
        return self.filter(
            Q(user__username__icontains=text) | Q(user__name__icontains=text)
        )


def _members() -> Any:
    members = apps.get_model("imports_app", "RoomMember").objects
    return members.filter(room=OuterRef("pk")).order_by()


def _count(rows: QuerySet[Any], column: str = "pk") -> Coalesce:
    """Return the number of rows, or of different values of a column."""
    number = Count(column, distinct=column != "pk")
    counts = rows.values("room").annotate(number=number).values("number")
    return Coalesce(Subquery(counts), 0)
