"""Admin page of failed logins and locked accounts."""

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
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time, truncated


@admin.register(FailedLogin)
class FailedLoginAdmin(GuardedAdmin):
    """Failed logins by account and address."""

    view_permission = PermissionName.VIEW_USER_ADMINISTRATION

    empty_state = EmptyState(
        "lock_open",
        _("No failed logins"),
        _(
            "Accounts and addresses appear here after a failed login, with the accounts"
            " that are locked."
        ),
    )
    list_display = ("account", "address", "failures", "last", "state")
    list_display_links = None
    search_fields = ("username", "ip_address")
    search_help_text = _("Search by account or IP address")
    ordering = ("-attempt_time",)
    actions = ("unlock",)

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        """Return whether the viewer may unlock accounts."""
        return self.allows(request, PermissionName.EDIT_OTHER_USER_ACTIVE_STATUS)

    @admin.action(description=_("Unlock"), permissions=("unlock",))
    def unlock(self, request: HttpRequest, attempts: QuerySet[FailedLogin]) -> None:
        """Unlock the selected accounts for every address."""
        names = set(attempts.values_list("username", flat=True))
        for name in names:
            unlock(name or "", by=author_of(request))
        number = len(names)
        text = ngettext("%d account unlocked.", "%d accounts unlocked.", number)
        self.message_user(request, text % number, messages.SUCCESS)

    @display(description=_("account"), ordering="username")
    def account(self, attempt: FailedLogin) -> str:
        """Return the username, or the text that was entered."""
        return truncated(attempt.username or "-")

    @display(description=_("IP address"), ordering="ip_address")
    def address(self, attempt: FailedLogin) -> str:
        """Return the address."""
        return attempt.ip_address or "-"

    @display(description=_("failures"), ordering="failures_since_start")
    def failures(self, attempt: FailedLogin) -> int:
        """Return the number of failures since the last successful login."""
        return int(attempt.failures_since_start)

    @display(description=_("last failure"), ordering="attempt_time")
    def last(self, attempt: FailedLogin) -> str:
        """Return the time of the last failure."""
        return format_time(attempt.attempt_time)

    @display(
        description=_("state"),
        label={"locked": "danger", "counting": "warning", "over": "success"},
    )
    def state(self, attempt: FailedLogin) -> tuple[str, Any]:
        """Return whether the account is locked for the address."""
        if attempt.attempt_time + settings.AXES_COOLOFF_TIME < timezone.now():
            return "over", _("expired")
        if attempt.failures_since_start >= settings.LOGIN_FAILURE_LIMIT:
            return "locked", _("locked")
        return "counting", _("not locked")
