"""Query set methods of files for the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONArray

from config.db.json_rows import JSONRows

if TYPE_CHECKING:
    from imports_app.models import MessageFile

_LONGEST_KEY = 18
_PERSON = ("author_id", "author__username", "author__name")


class ListedFiles(QuerySet["MessageFile"]):
    """Methods that list the files of rooms."""

    def in_room(self, room_id: int | OuterRef) -> Self:
        """Filter the files of a room, by name."""
        return self.filter(room=room_id).order_by("name", "pk")

    def in_rooms(self, rooms: QuerySet[Any]) -> Self:
        """Filter the files of these rooms."""
        return self.filter(room__in=rooms)

    def matching(
        self, *, name: str = "", group: str = "", is_stored: bool = False
    ) -> Self:
        """Filter files by a part of the name, and by a group of types (`image`).

        Args:
            name: The part of the name.
            group: The group of types.
            is_stored: Whether to exclude files that are not stored.
        """
        rows = self.filter(name__icontains=name) if name else self.all()
        rows = rows.filter(state="stored") if is_stored else rows
        return rows.filter(content_type__startswith=f"{group}/") if group else rows

    def with_authors(self) -> Self:
        """Load the rooms, and the authors of the messages."""
        messages: Any = apps.get_model("imports_app", "Message").objects
        message = messages.filter(
            room=OuterRef("room"), import_id=OuterRef("message_import_id")
        ).order_by("pk")
        people = message.annotate(value=JSONArray(*_PERSON)).values("value")
        return self.select_related("room").annotate(people=JSONRows(people))

    def stored(self, key: str) -> Self:
        """Filter the stored file with this key."""
        if not (key.isascii() and key.isdecimal() and len(key) <= _LONGEST_KEY):
            return self.none()
        return self.filter(pk=key, state="stored").select_related("room")
