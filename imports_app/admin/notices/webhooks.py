"""Admin of webhooks: list, form, and the secret that is shown once."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.admin.reauthentication import (
    ReauthenticatedAdmin,
    require_reauthentication,
)
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time, truncated
from imports_app.admin.notices.access import OutgoingAdmin
from imports_app.downloads.addresses import redacted
from imports_app.errors import WebhookAddressError
from imports_app.models import NoticeEvent, Webhook
from imports_app.services.notices import (
    check_webhook_url,
    create_webhook,
    delete_webhooks,
    renew_webhook_secret,
    update_webhook,
)


class WebhookForm(forms.ModelForm[Webhook]):
    """The form of a webhook."""

    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=NoticeEvent.choices,
        initial=NoticeEvent.values,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "events", "is_active")
        help_texts: ClassVar = {
            "url": _(
                "Receives a POST request for each event of every import. It must begin"
                " with https:// and must not be in a private network, unless"
                " WEBHOOK_ALLOWED_HOSTS contains its host."
            ),
            "is_active": _(
                "If you deactivate a webhook, its pending deliveries are cancelled."
            ),
        }

    def clean_url(self) -> str:
        """Reject a URL that the server may not contact."""
        url: str = self.cleaned_data["url"]
        try:
            check_webhook_url(url)
        except WebhookAddressError as error:
            raise ValidationError(error.message) from error
        return url


@admin.register(Webhook)
class WebhookAdmin(OutgoingAdmin, ReauthenticatedAdmin):
    """Webhooks of the server."""

    add_permission = PermissionName.MANAGE_OUTGOING_INTEGRATIONS
    change_permission = PermissionName.MANAGE_OUTGOING_INTEGRATIONS
    delete_permission = PermissionName.MANAGE_OUTGOING_INTEGRATIONS
    reauthenticated_acts = frozenset({"add", "change", "delete"})

    empty_state = EmptyState(
        "webhook",
        _("No webhooks yet"),
        _(
            "The server calls a webhook when an import needs a review, completes, fails"
            " or stalls."
        ),
    )
    form = WebhookForm
    fields = ("name", "url", "events", "is_active")
    list_display = ("name", "host", "event_names", "state", "created")
    search_fields = ("name",)
    search_help_text = _("Search by name")
    actions_detail = ("secret_page",)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form with a single button, because the secret follows."""
        buttons = ("show_save_and_add_another", "show_save_and_continue")
        context = {**dict.fromkeys(buttons, False), **(extra_context or {})}
        page: HttpResponse = super().add_view(request, form_url, context)
        return page

    def save_model(self, request: Any, obj: Webhook, form: Any, change: bool) -> None:
        """Store the webhook, and keep the secret of a new one for this response."""
        if change:
            update_webhook(obj, by=author_of(request))
        else:
            request.webhook_secret = create_webhook(obj, by=author_of(request))

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        """Delete the webhook."""
        self.delete_queryset(request, Webhook.objects.filter(pk=obj.pk))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Webhook]
    ) -> None:
        """Delete the webhooks."""
        delete_webhooks(queryset, by=author_of(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List the webhooks; their deliveries are deleted with them."""
        names = [str(webhook) for webhook in objs]
        may_delete = self.has_delete_permission(request)
        kept = set() if may_delete else {str(self.opts.verbose_name)}
        return names, {str(self.opts.verbose_name_plural): len(names)}, kept, []

    def response_add(
        self, request: Any, obj: Webhook, post_url_continue: Any = None
    ) -> HttpResponse:
        """Show the secret once."""
        return self._show_secret(request, obj, request.webhook_secret)

    def has_renew_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may change webhooks."""
        return self.has_change_permission(request)

    @action(
        description=_("Create new secret"),
        url_path="secret",
        icon="key",
        permissions=("renew",),
    )
    def secret_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then replace the secret and show it once."""
        webhook = get_object_or_404(Webhook, pk=object_id)
        question = require_reauthentication(request)
        if question is not None:
            return question
        if request.method == "POST":
            secret = renew_webhook_secret(webhook, by=author_of(request))
            return self._show_secret(request, webhook, secret)
        return self.ask(
            request,
            title=_("Create new secret"),
            subject=webhook,
            question=_(
                "All further notices, including pending ones, are signed with the new"
                " secret. The receiver rejects them until it has the new secret."
            ),
            page=reverse("admin:imports_app_webhook_change", args=[webhook.pk]),
        )

    def _show_secret(
        self, request: HttpRequest, webhook: Webhook, secret: str
    ) -> HttpResponse:
        response = self._render(
            request, webhook, "secret.html", _("Secret created"), secret=secret
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _render(
        self,
        request: HttpRequest,
        webhook: Webhook,
        template: str,
        title: Any,
        **context: Any,
    ) -> HttpResponse:
        full_context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "webhook": webhook,
            **context,
        }
        return TemplateResponse(
            request, f"imports_app/admin/notices/{template}", full_context
        )

    @display(description=_("URL"))
    def host(self, webhook: Webhook) -> str:
        """Return the URL without its query, which may contain a secret."""
        return truncated(redacted(webhook.url))

    @display(description=_("events"))
    def event_names(self, webhook: Webhook) -> str:
        """Return the names of the events."""
        if set(webhook.events) == set(NoticeEvent.values):
            return str(_("All"))
        return ", ".join(str(NoticeEvent(event).label) for event in webhook.events)

    @display(description=_("state"), label={True: "success", False: ""})
    def state(self, webhook: Webhook) -> tuple[bool, Any]:
        """Return whether it is active."""
        return webhook.is_active, _("active") if webhook.is_active else _("inactive")

    @display(description=_("created"), ordering="created_at")
    def created(self, webhook: Webhook) -> str:
        """Return the creation time."""
        return format_time(webhook.created_at)
