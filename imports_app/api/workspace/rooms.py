"""Endpoints that list and show rooms and their members."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Self

from django.http import HttpResponse, QueryDict
from rest_framework.request import Request

from accounts.api.callers import caller_of
from config.api.envelope import success
from config.api.errors import InvalidParamsError
from config.api.input.offsets import page_of, project, read_fields, read_sort
from config.api.permissions import Access
from config.api.views import ApiView
from imports_app.api.workspace import wire
from imports_app.api.workspace.errors import (
    DirectRoomNotNamedError,
    RoomNotFoundError,
    RoomNotNamedError,
)
from imports_app.api.workspace.kinds import DIRECT, RoomKind
from imports_app.api.workspace.params import (
    ListParams,
    MembersParams,
    RoomKeys,
)
from imports_app.models import Room, RoomMember
from imports_app.querysets.workspace import RoomQuerySet

_SORTABLE: Final = {
    "_id": "public_id",
    "name": "name",
    "fname": "display_name",
    "ts": "created_at",
    "lm": "last_message_at",
    "msgs": "message_count",
    "usersCount": "user_count",
}


class RoomView(ApiView):
    """View that reads rooms of a kind, or of any kind.

    Callers without view-room-administration only find the rooms in which they are
    readers. For other rooms, the response is the same as for rooms that do not exist.
    """

    required_permission = Access.SIGNED_IN
    kind: ClassVar[RoomKind | None] = None

    @classmethod
    def of(cls, kind: RoomKind, **attributes: Any) -> type[Self]:
        """Return the view of a kind of rooms, with a name of its own."""
        name = f"{kind.many.title()}{cls.__name__}"
        return type(name, (cls,), {"kind": kind, **attributes})

    def readable(self, request: Request) -> RoomQuerySet:
        """Return the rooms of the kind that the caller may read."""
        rooms: RoomQuerySet = Room.objects.readable_by(caller_of(request))
        return rooms if self.kind is None else rooms.of_type(self.kind.type)

    def find(self, request: Request, rooms: RoomQuerySet) -> Any:
        """Return the room that the call names, with all annotations. One query.

        Raises:
            RoomNotNamedError: The room parameter is missing.
            DirectRoomNotNamedError: The parameter for direct messages is missing.
            RoomNotFoundError: The room does not exist, or the caller may not read it.
        """
        public_id = self.params.get("public_id")
        name, username = self.params.get("name"), self.params.get("username")
        if not (public_id or name or username):
            if self.kind is DIRECT:
                raise DirectRoomNotNamedError
            raise RoomNotNamedError
        if username and not public_id:
            found = rooms.between(caller_of(request), username)
        else:
            found = rooms.identified_as(public_id=public_id, name=name)
        room = found.first()
        if room is None:
            raise RoomNotFoundError.of(self.kind)
        return room


class ListView(RoomView):
    """GET channels.list, groups.list and im.list."""

    kind: ClassVar[RoomKind]
    query_params = ListParams

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return order, projection and page. Rocket.Chat's `query` is rejected."""
        reject_query(query)
        params = super().parse_query(query)
        return {
            **params,
            "sort": read_sort(params.get("sort", "{}"), _SORTABLE),
            "fields": read_fields(params.get("fields_", "{}")),
        }

    def get(self, request: Request) -> HttpResponse:
        """Return one page of the rooms that the caller may read."""
        offset, fields = self.params["offset"], self.params["fields"]
        rooms = self.readable(request)
        page = page_of(
            rooms.with_details().order_by(*(self.params["sort"] or ["name"]), "id"),
            offset=offset,
            count=self.params["count"],
        )
        return success(
            {
                self.kind.many: [project(wire.room(room), fields) for room in page],
                "offset": offset,
                "count": len(page),
                "total": rooms.count(),
            }
        )


class InfoView(RoomView):
    """GET channels.info, groups.info and im.info. Only im.info is an addition."""

    query_params = RoomKeys

    def get(self, request: Request) -> HttpResponse:
        """Return the room."""
        room = self.find(request, self.readable(request).with_details())
        name = "room" if self.kind is None else self.kind.one
        return success({name: wire.room(room)})


class RoomsInfoView(InfoView):
    """GET rooms.info: a room of any kind."""


class MembersView(RoomView):
    """GET channels.members, groups.members and im.members."""

    query_params = MembersParams

    def get(self, request: Request) -> HttpResponse:
        """Return one page of the members."""
        text = self.params.get("filter_", "")
        room = self.find(request, self.readable(request).with_member_count(text))
        offset = self.params["offset"]
        members = RoomMember.objects.of_room(room.pk).named_like(text)
        page = page_of(members, offset=offset, count=self.params["count"])
        return success(
            {
                "members": [wire.member(member) for member in page],
                "offset": offset,
                "count": len(page),
                "total": room.user_count,
            }
        )


def reject_query(query: QueryDict) -> None:
    """Reject Rocket.Chat's `query`, which filters by any field."""
    if "query" in query:
        msg = "query: not supported; use sort, fields, offset and count"
        raise InvalidParamsError(msg)
