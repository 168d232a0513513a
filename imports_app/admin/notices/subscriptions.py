"""Account page that selects which events a user receives by e-mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.admin.account.frame import account_page, show
from accounts.models import User
from accounts.permission_names import PermissionName
from imports_app.models import MailSubscription, NoticeEvent
from imports_app.services.notices import set_mail_subscriptions


class SubscriptionForm(forms.Form):
    """The events of each scope."""

    own = forms.MultipleChoiceField(
        label=gettext_lazy("Imports that I started"),
        choices=NoticeEvent.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    every = forms.MultipleChoiceField(
        label=gettext_lazy("All imports"),
        choices=NoticeEvent.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


@account_page
def notice_settings(request: Any) -> HttpResponse:
    """Show and change the user's subscriptions.

    Raises:
        Http404: The user may not view imports.
    """
    user: User = request.user
    if not user.has_perm(PermissionName.VIEW_IMPORT_OPERATIONS):
        raise Http404
    form = SubscriptionForm(request.POST or None, initial=_initial(user))
    if request.method == "POST":
        form = SubscriptionForm(request.POST)
        if form.is_valid():
            set_mail_subscriptions(user=user, **form.cleaned_data)
            messages.success(request, _("E-mail notices saved."))
            return HttpResponseRedirect(reverse("notice_settings"))
    return show(
        request,
        "form.html",
        _("E-mail notices"),
        form=form,
        lead=_lead(user),
        button=_("Save"),
    )


def _initial(user: User) -> dict[str, list[str]]:
    rows = MailSubscription.objects.filter(user=user).values_list("scope", "event")
    names = {MailSubscription.Scope.OWN: "own", MailSubscription.Scope.ALL: "every"}
    events: dict[str, list[str]] = {name: [] for name in names.values()}
    for scope, event in rows:
        events[names[MailSubscription.Scope(scope)]].append(event)
    return events


def _lead(user: User) -> str:
    """Return where the e-mail goes, or why there is none."""
    if not settings.EMAIL_HOST:
        return _(
            "This server sends no e-mail. Ask the administrator to set EMAIL_HOST."
        )
    mailable = User.objects.mailable(PermissionName.VIEW_IMPORT_OPERATIONS)
    found = mailable.filter(pk=user.pk).values_list("confirmed_address", flat=True)
    address: str | None = found.first()
    if address is None:
        return _(
            "You don't receive e-mail yet: your account has no verified e-mail"
            " address. Ask an administrator to add one."
        )
    return str(_("E-mail is sent to %s.") % address)
