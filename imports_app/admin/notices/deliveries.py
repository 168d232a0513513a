"""Admin of deliveries: the delivery log of notices, with replay."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.services.activity import author_of
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_number, format_time, link, wrapped
from imports_app.admin.columns import operation_name
from imports_app.admin.links import page_of
from imports_app.admin.notices.access import OutgoingAdmin
from imports_app.models import NoticeDelivery
from imports_app.services.notices import replay_deliveries

_State = NoticeDelivery.State
_COLORS: Final = {
    _State.PENDING: "info",
    _State.DELIVERED: "success",
    _State.FAILED: "danger",
    _State.SKIPPED: "",
}


@admin.register(NoticeDelivery)
class NoticeDeliveryAdmin(OutgoingAdmin):
    """List of deliveries, newest first."""

    empty_state = EmptyState(
        "outgoing_mail",
        _("No deliveries yet"),
        _(
            "Each e-mail and each call of a webhook about an import appears here, with"
            " its result."
        ),
    )
    list_display = ("event", "operation", "to", "badge", "response", "last", "next")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("notice__event", ChoicesDropdownFilter),
    )
    list_select_related = ("notice__operation", "webhook", "user")
    search_fields = ("notice__public_id", "webhook__name", "user__username")
    search_help_text = _("Search by notice ID, webhook or username")
    ordering = ("-id",)
    actions = ("replay",)
    actions_detail = ("replay_page",)
    fields = readonly_fields = (
        *("event", "notice_id_text", "operation", "to", "state", "attempts"),
        *("response", "reason", "duration", "last", "next"),
    )

    def has_replay_permission(
        self, request: HttpRequest, object_id: Any = None
    ) -> bool:
        """Return whether the user may send notices again."""
        return self.has_view_permission(request)

    @admin.action(description=_("Send selected notices again"), permissions=("replay",))
    def replay(
        self, request: HttpRequest, deliveries: QuerySet[NoticeDelivery]
    ) -> None:
        """Send the selected notices again to the same recipients."""
        self._replay(request, deliveries)

    @action(
        description=_("Send notice again"),
        url_path="replay",
        icon="replay",
        permissions=("replay",),
    )
    def replay_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then send the notice again."""
        found = self.get_queryset(request).select_related("notice", "webhook", "user")
        delivery = get_object_or_404(found, pk=object_id)
        page = reverse("admin:imports_app_noticedelivery_change", args=[object_id])
        if request.method == "POST":
            self._replay(request, NoticeDelivery.objects.filter(pk=object_id))
            return HttpResponseRedirect(page)
        return self.ask(
            request,
            title=_("Send notice again"),
            subject=delivery,
            question=_(
                "The recipient gets the notice again, with the same ID and content."
            ),
            page=page,
        )

    def _replay(
        self, request: HttpRequest, deliveries: QuerySet[NoticeDelivery]
    ) -> None:
        number = replay_deliveries(deliveries, by=author_of(request))
        left = deliveries.count() - number
        text = ngettext(
            "%s notice will be sent again.", "%s notices will be sent again.", number
        )
        self.message_user(request, text % format_number(number), messages.SUCCESS)
        if left:
            text = ngettext(
                "%s notice was skipped: it is pending, or its webhook is inactive.",
                "%s notices were skipped: they are pending, or their webhook is"
                " inactive.",
                left,
            )
            self.message_user(request, text % format_number(left), messages.WARNING)

    @display(description=_("event"), ordering="notice__event")
    def event(self, delivery: NoticeDelivery) -> Any:
        """Return what happened."""
        return delivery.notice.get_event_display()

    @display(description=_("ID of the notice"))
    def notice_id_text(self, delivery: NoticeDelivery) -> str:
        """Return the `webhook-id`."""
        return delivery.notice.public_id

    @display(description=_("import"))
    def operation(self, delivery: NoticeDelivery) -> str:
        """Return a link to the import."""
        operation = delivery.notice.operation
        return link(page_of(operation), operation_name(operation))

    @display(description=_("recipient"))
    def to(self, delivery: NoticeDelivery) -> str:
        """Return the webhook, or the user who gets e-mail."""
        if delivery.webhook is not None:
            return delivery.recipient
        return str(_("%s (e-mail)") % delivery.recipient)

    @display(description=_("state"), ordering="state", label=_COLORS)
    def badge(self, delivery: NoticeDelivery) -> tuple[str, Any]:
        """Return the state as a badge."""
        return delivery.state, delivery.get_state_display()

    @display(description=_("response"), ordering="response_status")
    def response(self, delivery: NoticeDelivery) -> str:
        """Return the status of the last response."""
        return str(delivery.response_status or "-")

    @display(description=_("reason"))
    def reason(self, delivery: NoticeDelivery) -> str:
        """Return why the last attempt failed."""
        return wrapped(delivery.error or "-")

    @display(description=_("duration of the last attempt"))
    def duration(self, delivery: NoticeDelivery) -> str:
        """Return the duration in milliseconds."""
        if delivery.duration_ms is None:
            return "-"
        return str(_("%s ms") % format_number(delivery.duration_ms))

    @display(description=_("last attempt"), ordering="attempted_at")
    def last(self, delivery: NoticeDelivery) -> str:
        """Return the time of the last attempt."""
        return format_time(delivery.attempted_at)

    @display(description=_("next attempt"), ordering="due_at")
    def next(self, delivery: NoticeDelivery) -> str:
        """Return the time of the next attempt."""
        return format_time(delivery.due_at)
