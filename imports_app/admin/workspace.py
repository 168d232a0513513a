"""The rooms that imports made, and what was said in them; nothing can be changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter
from unfold.decorators import display

from accounts.permission_names import PermissionName
from config.admin_cells import cut, grouped, link, moment
from config.admin_guard import GuardedAdmin, GuardedInline
from imports_app.models import Room, RoomImportId, RoomMember

_TYPE_COLOURS = {
    Room.Type.PUBLIC: "success",
    Room.Type.PRIVATE: "warning",
    Room.Type.DIRECT: "info",
}


class MemberInline(GuardedInline):
    """Who is in the room."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION
    model = RoomMember
    fields = readonly_fields = ("user", "is_owner")
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoomMember]:
        """Return the members with their accounts."""
        members: QuerySet[RoomMember] = super().get_queryset(request)
        return members.select_related("user")


class ImportIdInline(GuardedInline):
    """By which ids sources know the room."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION
    model = RoomImportId
    fields = readonly_fields = ("value",)


@admin.register(Room)
class RoomAdmin(GuardedAdmin):
    """Channels, private groups and direct conversations."""

    view_permission = PermissionName.VIEW_ROOM_ADMINISTRATION

    inlines = (MemberInline, ImportIdInline)
    list_display = ("label", "badge", "about", "messages_page", "last", "archived")
    list_filter = (
        ("type", ChoicesDropdownFilter),
        ("is_archived", BooleanRadioFilter),
    )
    search_fields = ("name", "display_name", "public_id", "import_ids__value")
    search_help_text = _("Search by name or id")
    ordering = ("name", "id")
    readonly_fields = ("messages_page", "last", "creator", "archived")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "type"),
                    ("display_name", "public_id"),
                    ("messages_page", "last"),
                    ("creator", "created_at"),
                    ("archived",),
                    "topic",
                    "description",
                )
            },
        ),
    )

    @display(description=_("room"), ordering="name")
    def label(self, room: Room) -> str:
        """Return the room's name; of a direct one, who is in it."""
        return str(room)

    @display(description=_("topic"))
    def about(self, room: Room) -> str:
        """Return what the room is about."""
        text = room.topic or room.description
        return cut(text) if text else "-"

    @display(description=_("type"), ordering="type", label=_TYPE_COLOURS)
    def badge(self, room: Room) -> tuple[str, Any]:
        """Return who gets in."""
        return room.type, room.get_type_display()

    @display(description=_("messages"), ordering="message_count")
    def messages_page(self, room: Room) -> str:
        """Lead to what was said."""
        text = ngettext("%s message", "%s messages", room.message_count)
        page = reverse("admin:imports_app_message_changelist")
        href = f"{page}?room__id__exact={room.pk}"
        return link(href, text % grouped(room.message_count))

    @display(description=_("last message"), ordering="last_message_at")
    def last(self, room: Room) -> str:
        """Return when something was said last."""
        return moment(room.last_message_at)

    @display(description=_("archived"), label={True: "warning"})
    def archived(self, room: Room) -> Any:
        """Mark a room that is closed."""
        return (True, _("archived")) if room.is_archived else None
