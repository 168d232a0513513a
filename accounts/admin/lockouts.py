"""Failed logins, and the accounts that are locked because of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from accounts.models import FailedLogin
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.logins import unlock
from config.admin.base import GuardedAdmin
from config.admin.formatting import cut, moment


@admin.register(FailedLogin)
class FailedLoginAdmin(GuardedAdmin):
    """Which account was tried from which address, and how often in vain."""

    view_permission = PermissionName.VIEW_USER_ADMINISTRATION

    list_display = ("account", "address", "failures", "last", "state")
    list_display_links = None
    search_fields = ("username", "ip_address")
    search_help_text = _("Search by account or address")
    ordering = ("-attempt_time",)
    actions = ("unlock",)

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may let others in again."""
        return self.allows(request, PermissionName.EDIT_OTHER_USER_ACTIVE_STATUS)

    @admin.action(description=_("Unlock"), permissions=("unlock",))
    def unlock(self, request: HttpRequest, attempts: QuerySet[FailedLogin]) -> None:
        """Let the accounts log in again, from every address."""
        names = set(attempts.values_list("username", flat=True))
        for name in names:
            unlock(name or "", by=author_of(request))
        number = len(names)
        text = ngettext("%d account is unlocked.", "%d accounts are unlocked.", number)
        self.message_user(request, text % number, messages.SUCCESS)

    @display(description=_("account"), ordering="username")
    def account(self, attempt: FailedLogin) -> str:
        """Return the username, or what was typed in its place."""
        return cut(attempt.username or "-")

    @display(description=_("from address"), ordering="ip_address")
    def address(self, attempt: FailedLogin) -> str:
        """Return the address."""
        return attempt.ip_address or "-"

    @display(description=_("failures"), ordering="failures_since_start")
    def failures(self, attempt: FailedLogin) -> int:
        """Count the failures since the last success."""
        return int(attempt.failures_since_start)

    @display(description=_("last failure"), ordering="attempt_time")
    def last(self, attempt: FailedLogin) -> str:
        """Return when it failed last."""
        return moment(attempt.attempt_time)

    @display(
        description=_("state"),
        label={"locked": "danger", "counting": "warning", "over": "success"},
    )
    def state(self, attempt: FailedLogin) -> tuple[str, Any]:
        """Say whether the account is locked for the address."""
        if attempt.attempt_time + settings.AXES_COOLOFF_TIME < timezone.now():
            return "over", _("over")
        if attempt.failures_since_start >= settings.LOGIN_FAILURE_LIMIT:
            return "locked", _("locked")
        return "counting", _("may try again")
