"""Actions on users: set password, log out, activate and deactivate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from accounts.auth.rights import rights_of
from accounts.models import User
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.ended_logins import log_out_everywhere
from accounts.services.users import set_active
from config.admin.base import GuardedAdmin
from config.admin.breadcrumbs import PASSWORD_PAGE


class UserActions(GuardedAdmin):
    """Actions of the list of users and of a user's page."""

    actions: Any = ("activate", "deactivate", "log_out")
    actions_detail: Any = ("password_page", "log_out_page")

    def has_password_permission(self, request: HttpRequest, object_id: Any) -> bool:
        """Return whether the viewer may set this user's password."""
        return self.allows(
            request, PermissionName.EDIT_OTHER_USER_PASSWORD
        ) and self.may_manage(request, object_id)

    def may_manage(self, request: HttpRequest, object_id: Any) -> bool:
        """Return whether the user holds no more permissions than the viewer."""
        users = User.objects.filter(pk=object_id)
        author = author_of(request)
        return author.user in users or not rights_of(author).missing_for_users(users)

    def has_activate_permission(
        self, request: HttpRequest, object_id: Any = None
    ) -> bool:
        """Return whether the viewer may activate and deactivate users."""
        return self.allows(request, PermissionName.EDIT_OTHER_USER_ACTIVE_STATUS) and (
            object_id is None or self.may_manage(request, object_id)
        )

    @action(
        description=_("Set password"),
        url_path="set-password",
        icon="key",
        permissions=("password",),
    )
    def password_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Redirect to the page that sets the password."""
        return HttpResponseRedirect(reverse(f"admin:{PASSWORD_PAGE}", args=[object_id]))

    @action(
        description=_("Log out everywhere"),
        url_path="log-out",
        icon="logout",
        permissions=("activate",),
    )
    def log_out_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for confirmation, then end the user's logins and sessions."""
        user = get_object_or_404(User, pk=object_id)
        if request.method == "POST":
            self.log_out(request, User.objects.filter(pk=user.pk))
            return _page_of(user)
        return self.ask(
            request,
            title=_("Log out everywhere"),
            subject=user,
            question=_(
                "All browser sessions and API logins of this user end. Personal access"
                " tokens keep working."
            ),
            page=_page_of(user).url,
        )

    @admin.action(description=_("Activate"), permissions=("activate",))
    def activate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Activate the selected users."""
        self._set_active(request, users, is_active=True)

    @admin.action(description=_("Deactivate"), permissions=("activate",))
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Deactivate the selected users and end their logins."""
        self._set_active(request, users, is_active=False)

    @admin.action(description=_("Log out everywhere"), permissions=("activate",))
    def log_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """End the users' logins and sessions. Personal access tokens stay."""
        ended = log_out_everywhere(users=list(users), by=author_of(request))
        text = ngettext("%d login ended.", "%d logins ended.", ended)
        self.message_user(request, text % ended, messages.SUCCESS)

    def _set_active(
        self, request: HttpRequest, users: Iterable[User], *, is_active: bool
    ) -> None:
        users = list(users)
        set_active(users=users, is_active=is_active, by=author_of(request))
        for user in users:
            self.log_change(request, user, [{"changed": {"fields": ["Active"]}}])
        text = (
            ngettext("%d user activated.", "%d users activated.", len(users))
            if is_active
            else ngettext(
                "%d user deactivated and logged out everywhere.",
                "%d users deactivated and logged out everywhere.",
                len(users),
            )
        )
        self.message_user(request, text % len(users), messages.SUCCESS)


def _page_of(user: User) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))
