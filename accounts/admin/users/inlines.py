"""Inlines of a user's page: e-mail addresses, import IDs and tokens."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import AuthToken, EmailAddress, ImportId
from accounts.permission_names import PermissionName
from config.admin.base import GuardedInline
from config.admin.formatting import format_time, link


class _OwnInline(GuardedInline):
    """Rows that need the permission to edit the user."""

    view_permission = PermissionName.VIEW_USER_ADMINISTRATION
    add_permission = PermissionName.EDIT_OTHER_USER_INFO
    change_permission = PermissionName.EDIT_OTHER_USER_INFO
    delete_permission = PermissionName.EDIT_OTHER_USER_INFO
    tab = True


class EmailAddressInline(_OwnInline):
    """The user's e-mail addresses."""

    model = EmailAddress


class ImportIdInline(_OwnInline):
    """The user's IDs in import sources."""

    model = ImportId


class TokenInline(GuardedInline):
    """The user's tokens, read-only."""

    view_permission = PermissionName.ACCESS_PERMISSIONS
    model = AuthToken
    tab = True
    fields = readonly_fields = ("token", "kind", "created", "used", "expires")

    @display(description=_("token"))
    def token(self, token: AuthToken) -> str:
        """Return a link to the token's page."""
        page = reverse("admin:accounts_authtoken_change", args=[token.pk])
        return link(page, token)

    @display(description=_("created"))
    def created(self, token: AuthToken) -> str:
        """Return the creation time."""
        return format_time(token.created_at)

    @display(description=_("last used"))
    def used(self, token: AuthToken) -> str:
        """Return the time of the last use."""
        return format_time(token.last_used_at, missing=str(_("never")))

    @display(description=_("expires"))
    def expires(self, token: AuthToken) -> str:
        """Return the expiry time."""
        return format_time(token.ends_at, missing=str(_("never")))
