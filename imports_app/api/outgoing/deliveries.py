"""Endpoints of deliveries to connected servers."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.api.callers import caller_of
from accounts.permission_names import PermissionName
from accounts.services.activity import Author
from config.api.envelope import success
from config.api.input.offsets import page_of
from config.api.permissions import demand
from config.api.views import ApiView
from config.http.client_addresses import client_address
from imports_app.api.outgoing.documents import (
    delivery_document,
    event_document,
    room_document,
)
from imports_app.api.outgoing.params import (
    DeliveryData,
    DeliveryPage,
    ResumeData,
    StartData,
)
from imports_app.api.outgoing.schema import deliveries as schema
from imports_app.models import Delivery, Room
from imports_app.services.outgoing.deliveries import (
    DeliverySelection,
    cancel_delivery,
    create_delivery,
    resume_delivery,
    start_delivery,
)
from imports_app.services.outgoing.errors import (
    DeliveryNotFoundError,
    DeliveryRoomUnknownError,
    SendingNotAllowedError,
)
from imports_app.services.outgoing.servers import find_server

_MOST_EVENTS: Final = 200
_READ_PERMISSIONS: Final = (
    PermissionName.VIEW_ROOM_ADMINISTRATION,
    PermissionName.VIEW_USER_ADMINISTRATION,
)
"""A delivery sends all rooms, and the e-mail addresses of users."""


class DeliveryView(ApiView):
    """View that requires the permissions to deliver and to read all rooms and users."""

    required_permission = PermissionName.MANAGE_CONNECTED_SERVERS

    def check_permissions(self, request: Request) -> None:
        """Check all permissions.

        Raises:
            SendingNotAllowedError: The caller may not read all rooms and users.
        """
        super().check_permissions(request)
        for permission in _READ_PERMISSIONS:
            demand(request, permission, SendingNotAllowedError())

    def author_of(self, request: Request) -> Author:
        """Return the caller, for the activity log."""
        return Author(caller_of(request), client_address(request))

    def find(self, public_id: str) -> Delivery:
        """Return a delivery.

        Raises:
            DeliveryNotFoundError: No delivery has this ID.
        """
        delivery = Delivery.objects.find(public_id)
        if delivery is None:
            raise DeliveryNotFoundError
        return delivery


class DeliveriesView(DeliveryView):
    """GET and POST deliveries."""

    query_params = DeliveryPage
    body_params = DeliveryData

    @schema.describe_list
    def get(self, request: Request) -> HttpResponse:
        """Return one page of the deliveries, the newest first."""
        rows = Delivery.objects.with_names().to_server(self.params.get("server"))
        offset = self.params["offset"]
        page = page_of(rows, offset=offset, count=self.params["count"])
        return success(
            {
                "deliveries": [delivery_document(one) for one in page],
                "offset": offset,
                "count": len(page),
                "total": rows.count(),
            }
        )

    @schema.describe_create
    def post(self, request: Request) -> HttpResponse:
        """Create a delivery, whose preview is prepared. Nothing is sent yet."""
        until = self.body.get("until")
        delivery = create_delivery(
            server=find_server(self.body["server"]),
            selection=DeliverySelection(
                rooms=_rooms(self.body.get("rooms")),
                since=self.body.get("since"),
                has_files=self.body["files"],
                until=until and until + timedelta(days=1),
            ),
            by=self.author_of(request),
        )
        return success({"delivery": delivery_document(delivery)})


class OneDeliveryView(DeliveryView):
    """GET deliveries/{id}."""

    @schema.describe_one
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Return a delivery with preview, outcome by room and timeline."""
        delivery = self.find(public_id)
        events = list(delivery.events.order_by("-pk")[:_MOST_EVENTS])
        return success(
            {
                "delivery": {
                    **delivery_document(delivery),
                    "preview": delivery.preview or None,
                    "rooms": [room_document(one) for one in delivery.outcomes.all()],
                    "timeline": [event_document(one) for one in events[::-1]],
                }
            }
        )


class StartDeliveryView(DeliveryView):
    """POST deliveries/{id}/start."""

    body_params = StartData

    @schema.describe_start
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Start a delivery after its preview was reviewed."""
        delivery = start_delivery(
            self.find(public_id),
            by=self.author_of(request),
            matches_usernames=self.body["match_usernames"],
        )
        return success({"delivery": delivery_document(delivery)})


class CancelDeliveryView(DeliveryView):
    """POST deliveries/{id}/cancel."""

    @schema.describe_cancel
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Cancel a delivery."""
        delivery = cancel_delivery(self.find(public_id), by=self.author_of(request))
        return success({"delivery": delivery_document(delivery)})


class ResumeDeliveryView(DeliveryView):
    """POST deliveries/{id}/resume."""

    body_params = ResumeData

    @schema.describe_resume
    def post(self, request: Request, public_id: str) -> HttpResponse:
        """Continue a failed, cancelled or blocked delivery."""
        delivery = resume_delivery(
            self.find(public_id),
            by=self.author_of(request),
            replaces_foreign=self.body["replace_others"],
        )
        return success({"delivery": delivery_document(delivery)})


def _rooms(names: list[str] | None) -> list[int] | None:
    """Return the keys of rooms.

    Raises:
        DeliveryRoomUnknownError: A room does not exist.
    """
    if names is None:
        return None
    keys = []
    for name in names:
        room = Room.objects.find_by_name(name)
        if room is None:
            raise DeliveryRoomUnknownError(
                f"There is no room {name[:100]}. Use the name or the ID of a room."
            )
        keys.append(room.pk)
    return keys
