"""Sensitive actions on users: re-authentication and two-factor reset."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.consequences import ConsequencesAdmin
from accounts.admin.reauthentication import require_reauthentication
from accounts.admin.users.actions import UserActions
from accounts.models import Role, User
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.two_factor import reset_two_factor
from config.errors import DomainError

_ROLES_FIELD: Final = "account_roles"


class UserSecurity(UserActions, ConsequencesAdmin):
    """Sensitive actions on the pages of users."""

    actions_detail = (*UserActions.actions_detail, "reset_two_factor_page")

    reauthenticated_acts = frozenset({"delete"})

    def needs_reauthentication(
        self, request: HttpRequest, act: str, object_id: str | None
    ) -> bool:
        """Return whether the action deletes users or changes privileged roles."""
        if super().needs_reauthentication(request, act, object_id):
            return True
        is_save = act in {"add", "change"} and request.method == "POST"
        if not is_save or not self.allows(request, PermissionName.ACCESS_PERMISSIONS):
            return False
        changed = self._changed_roles(request, object_id)
        return Role.objects.privileged().filter(pk__in=changed).exists()

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Require re-authentication before a password is set."""
        if page := require_reauthentication(request):
            return page
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        return answer

    @action(
        description=_("Reset two-factor authentication"),
        url_path="reset-two-factor",
        icon="phonelink_erase",
        permissions=("password",),
    )
    def reset_two_factor_page(
        self, request: HttpRequest, object_id: int
    ) -> HttpResponse:
        """Ask for confirmation, then remove the user's second factor."""
        user = get_object_or_404(User, pk=object_id)
        if not self.has_password_permission(request, object_id):
            raise PermissionDenied
        if page := require_reauthentication(request):
            return page
        user_page = reverse("admin:accounts_user_change", args=[user.pk])
        if request.method != "POST":
            return self.ask(
                request,
                title=_("Reset two-factor authentication"),
                subject=user,
                question=_(
                    "Until it is set up again, the user can log in with only the"
                    " password. All sessions and API logins end. Personal access tokens"
                    " keep working."
                ),
                page=user_page,
            )
        try:
            reset_two_factor(user=user, by=author_of(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = _("Two-factor authentication was reset. The user is logged out.")
            messages.success(request, text)
        return HttpResponseRedirect(user_page)

    def _changed_roles(self, request: HttpRequest, object_id: str | None) -> set[int]:
        selected = {int(pk) for pk in request.POST.getlist(_ROLES_FIELD) if _is_key(pk)}
        held: set[int] = set()
        if object_id is not None and _is_key(object_id):
            roles = Role.objects.of_accounts().filter(users=int(object_id))
            held = set(roles.values_list("pk", flat=True))
        return selected ^ held


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(2**63 - 1)) - 1
