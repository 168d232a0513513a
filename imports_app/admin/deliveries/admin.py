"""Admin of deliveries: list, start form, and the page of a delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from accounts.permission_names import PermissionName
from accounts.services.activity import Author, author_of
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_number, format_time
from config.errors import DomainError
from imports_app.admin.base import AdminPages
from imports_app.admin.deliveries.page import context_of
from imports_app.models import Delivery, DeliveryState, Room, Server
from imports_app.services.outgoing.deliveries import (
    DeliverySelection,
    cancel_delivery,
    create_delivery,
    may_deliver,
    resume_delivery,
    start_delivery,
)

_COLORS: Final = {
    DeliveryState.PLANNING: "info",
    DeliveryState.PREVIEW: "warning",
    DeliveryState.RUNNING: "info",
    DeliveryState.BLOCKED: "warning",
    DeliveryState.COMPLETED: "success",
    DeliveryState.FAILED: "danger",
    DeliveryState.CANCELLED: "",
}
_RELOADED_AFTER: Final = 3
"""Seconds after which the page reloads while a worker has something to do."""
_MOST_ROOMS: Final = 1_000


class DeliveryForm(forms.ModelForm[Delivery]):
    """Server, rooms and days of a new delivery."""

    server = forms.ModelChoiceField(
        label=_("Server"),
        queryset=Server.objects.filter(kind=Server.Kind.ROCKETCHAT, is_enabled=True),
        widget=UnfoldAdminSelectWidget,
    )
    room_names = forms.CharField(
        label=_("Rooms"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("Names or IDs, one per line. Leave empty to select all rooms."),
    )
    since = forms.DateField(
        label=_("First day"), required=False, widget=UnfoldAdminDateWidget
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=_("Days are in UTC. Leave both empty to select all days."),
    )

    has_files = forms.BooleanField(
        label=_("Include files and avatars"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("The server downloads them from the address in BASE_URL."),
    )

    class Meta:
        model = Delivery
        fields = ("server",)

    def clean_room_names(self) -> list[int] | None:
        """Return the keys of the rooms; `None` for all."""
        names = str(self.cleaned_data["room_names"]).split("\n")
        wanted = [name.strip() for name in names if name.strip()]
        if not wanted:
            return None
        if len(wanted) > _MOST_ROOMS:
            raise ValidationError(_("Select at most 1,000 rooms, or all of them."))
        keys = []
        for name in wanted:
            room = Room.objects.find_by_name(name)
            if room is None:
                raise ValidationError(_("There is no room %s.") % name[:100])
            keys.append(room.pk)
        return keys

    def selection(self) -> DeliverySelection:
        """Return the selection of a valid form."""
        until = self.cleaned_data["until"]
        return DeliverySelection(
            rooms=self.cleaned_data["room_names"],
            since=self.cleaned_data["since"],
            has_files=self.cleaned_data["has_files"],
            until=until and until + timedelta(days=1),
        )


@admin.register(Delivery)
class DeliveryAdmin(AdminPages):
    """Deliveries, the newest first."""

    view_permission = PermissionName.MANAGE_CONNECTED_SERVERS
    add_permission = PermissionName.MANAGE_CONNECTED_SERVERS

    empty_state = EmptyState(
        "send",
        _("No deliveries yet"),
        _("A delivery sends rooms, users and messages to a connected Rocket.Chat."),
    )
    form = DeliveryForm
    fields = ("server", "room_names", "since", "until")
    list_display = ("name", "server", "badge", "progress", "problem_count", "created")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_select_related = ("server", "starter")
    search_fields = ("public_id", "server__name")
    search_help_text = _("Search by ID or server")
    ordering = ("-id",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may manage servers, and read rooms and users."""
        user: Any = request.user
        return super().has_view_permission(request, obj) and may_deliver(user)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form, and create the delivery whose preview is prepared."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = DeliveryForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                delivery = create_delivery(
                    server=form.cleaned_data["server"],
                    selection=form.selection(),
                    by=author_of(request),
                )
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                return HttpResponseRedirect(_page_of(delivery))
        return self.show(
            request, "deliveries/new_delivery.html", _("New delivery"), form=form
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a delivery; on POST, start, cancel or resume it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Delivery.objects.with_names()
        key = object_id if object_id.isdecimal() and len(object_id) < 19 else "0"
        delivery = get_object_or_404(rows, pk=int(key))
        if request.method == "POST":
            return self._act(request, delivery)
        response = self.show(
            request,
            "deliveries/delivery.html",
            _("Delivery to %s") % delivery.server,
            subject=delivery,
            **context_of(delivery),
        )
        if delivery.state in (DeliveryState.PLANNING, DeliveryState.RUNNING):
            response.headers["Refresh"] = str(_RELOADED_AFTER)
        return response

    def _act(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        by = author_of(request)
        try:
            _ACTIONS[request.POST.get("do", "")](delivery, by, request)
        except KeyError:
            messages.error(request, _("Select one of the buttons."))
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(_page_of(delivery))

    @display(description=_("delivery"))
    def name(self, delivery: Delivery) -> str:
        """Return the ID."""
        return delivery.public_id

    @display(description=_("state"), label=_COLORS)
    def badge(self, delivery: Delivery) -> tuple[str, Any]:
        """Return the state."""
        return delivery.state, delivery.get_state_display()

    @display(description=_("messages sent"))
    def progress(self, delivery: Delivery) -> str:
        """Return the number of messages that were sent, of all."""
        sent = format_number(delivery.messages_sent)
        return f"{sent} / {format_number(delivery.messages_total)}"

    @display(description=_("problems"))
    def problem_count(self, delivery: Delivery) -> str:
        """Return the number of rooms with problems."""
        is_over = delivery.state == DeliveryState.COMPLETED
        return format_number(delivery.problems) if is_over else "-"

    @display(description=_("created"), ordering="created_at")
    def created(self, delivery: Delivery) -> str:
        """Return the creation time."""
        return format_time(delivery.created_at)


def _page_of(delivery: Delivery) -> str:
    return reverse("admin:imports_app_delivery_change", args=[delivery.pk])


def _start(delivery: Delivery, by: Author, request: HttpRequest) -> None:
    matches = request.POST.get("match_usernames") == "on"
    start_delivery(delivery, by=by, matches_usernames=matches)


def _cancel(delivery: Delivery, by: Author, request: HttpRequest) -> None:
    cancel_delivery(delivery, by=by)


def _resume(delivery: Delivery, by: Author, request: HttpRequest) -> None:
    replaces = request.POST.get("replace_others") == "on"
    resume_delivery(delivery, by=by, replaces_foreign=replaces)


_ACTIONS: Final[dict[str, Callable[[Delivery, Author, HttpRequest], None]]] = {
    "start": _start,
    "cancel": _cancel,
    "resume": _resume,
}
