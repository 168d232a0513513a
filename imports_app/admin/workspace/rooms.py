"""Read-only admin of imported rooms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    RadioFilter,
)
from unfold.decorators import action, display

from accounts.models import User
from accounts.permission_names import PermissionName
from config.admin.base import GuardedInline
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_number, format_time, link
from config.admin.lookups import is_key
from imports_app.admin.exports.links import MOST_ROOMS, new_export_page
from imports_app.admin.workspace.conversation import ConversationPages
from imports_app.admin.workspace.links import conversation_url, room_title
from imports_app.admin.workspace.message_content import user_page
from imports_app.models import Room, RoomImportId, RoomMember
from imports_app.services.outgoing.exports import may_export

_LONGEST_TOPIC: Final = 500
"""Maximum characters of a topic before truncation, which normalizes its whole input."""
_TYPE_COLORS = {
    Room.Type.PUBLIC: "success",
    Room.Type.PRIVATE: "warning",
    Room.Type.DIRECT: "info",
}


class MemberInline(GuardedInline):
    """Members of a room."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION
    model = RoomMember
    fields = readonly_fields = ("person", "is_owner")
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoomMember]:
        """Return the members with their users."""
        members: QuerySet[RoomMember] = super().get_queryset(request)
        self.request = request
        return members.select_related("user")

    @display(description=_("user"))
    def person(self, member: RoomMember) -> str:
        """Return the member's name, with a link if the viewer may open it."""
        page = user_page(member.user, self.request)
        text = (
            f"{member.user.name} (@{member.user})" if member.user.name else member.user
        )
        return link(page, text) if page else str(text)


class ImportIdInline(GuardedInline):
    """Import IDs of a room."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION
    model = RoomImportId
    fields = readonly_fields = ("value",)


class MemberFilter(RadioFilter):
    """Filter for the rooms of one user, linked from the user's page."""

    title = _("member")
    parameter_name = "member"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the user that the URL selects."""
        value = self.value() or ""
        if not is_key(value):
            return ()
        users = User.objects.filter(pk=value)
        return [(value, str(user)) for user in users] or [(value, _("unknown user"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Filter the rooms of the user."""
        value = self.value() or ""
        return queryset.of_member(value) if is_key(value) else queryset


class RoomList(ChangeList):
    """List of rooms with member counts and links to conversations."""

    def url_for_result(self, result: Any) -> str:
        """Return the URL of the room's conversation."""
        return conversation_url(result.pk)

    def get_results(self, request: HttpRequest) -> None:
        """Count the members of the rooms on the page, in one query."""
        super().get_results(request)
        rooms: list[Any] = list(self.result_list)
        counts = RoomMember.objects.counts(rooms)
        for room in rooms:
            room.member_count = counts.get(room.pk, 0)
        self.result_list = rooms


@admin.register(Room)
class RoomAdmin(ConversationPages):
    """Admin of public rooms, private rooms and direct messages."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION

    class Media:
        css: ClassVar = {"all": ("imports_app/workspace.css",)}

    inlines = (MemberInline, ImportIdInline)
    empty_state = EmptyState(
        "forum",
        _("No rooms yet"),
        _("Rooms appear here when an import has created them."),
    )
    actions = ("export_rooms",)
    list_display = (
        *("label", "badge", "members", "messages", "last", "archived", "details"),
    )
    list_filter = (
        ("type", ChoicesDropdownFilter),
        ("is_archived", BooleanRadioFilter),
        MemberFilter,
    )
    search_fields = (
        *("name", "display_name", "topic", "public_id", "import_ids__value"),
    )
    search_help_text = _("Search by name, topic or ID")
    ordering = (F("last_message_at").desc(nulls_last=True), "id")
    readonly_fields = ("messages", "last", "creator")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "type"),
                    ("display_name", "public_id"),
                    ("messages", "last"),
                    ("creator", "created_at"),
                    ("is_archived",),
                    "topic",
                    "description",
                )
            },
        ),
    )

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may export rooms."""
        user: Any = request.user
        return may_export(user)

    @action(description=_("Export selected rooms"), permissions=["export"])
    def export_rooms(
        self, request: HttpRequest, queryset: QuerySet[Room]
    ) -> HttpResponse | None:
        """Open the form of an export with the selected rooms."""
        found = queryset.order_by("pk").values_list("public_id", flat=True)
        keys = list(found[: MOST_ROOMS + 1])
        if len(keys) > MOST_ROOMS:
            text = _("Select at most %d rooms, or export all rooms.")
            messages.error(request, text % MOST_ROOMS)
            return None
        return HttpResponseRedirect(new_export_page(rooms=keys))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list class with member counts."""
        return RoomList

    @display(description=_("room"), ordering="name", header=True)
    def label(self, room: Room) -> tuple[str, str]:
        """Return the room's title and topic."""
        about = (room.topic or room.description)[:_LONGEST_TOPIC]
        return room_title(room), Truncator(about).chars(60)

    @display(description=_("type"), ordering="type", label=_TYPE_COLORS)
    def badge(self, room: Room) -> tuple[str, Any]:
        """Return the room's type as a badge."""
        return room.type, room.get_type_display()

    @display(description=_("members"))
    def members(self, room: Any) -> str:
        """Return the number of members."""
        return format_number(room.member_count)

    @display(description=_("messages"), ordering="message_count")
    def messages(self, room: Room) -> str:
        """Return the number of messages."""
        return format_number(room.message_count)

    @display(description=_("last message"), ordering="last_message_at")
    def last(self, room: Room) -> str:
        """Return the time of the last message."""
        return format_time(room.last_message_at)

    @display(description=_("archived"), label={True: "warning"})
    def archived(self, room: Room) -> Any:
        """Return a badge for an archived room."""
        return (True, _("archived")) if room.is_archived else None

    @display(description="")
    def details(self, room: Room) -> str:
        """Return a link to members and IDs."""
        page = reverse("admin:imports_app_room_change", args=[room.pk])
        return link(page, _("Details"))
