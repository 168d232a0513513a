"""Tokens: issue one, see who holds which, revoke."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import AuthToken
from accounts.permission_names import PermissionName
from accounts.services import IssuedToken, issue_token
from config.admin_guard import GuardedAdmin


@admin.register(AuthToken)
class AuthTokenAdmin(GuardedAdmin):
    """Everybody's tokens; the plain value is shown once, when it is issued."""

    view_permission = PermissionName.ACCESS_PERMISSIONS
    add_permission = PermissionName.ACCESS_PERMISSIONS
    delete_permission = PermissionName.ACCESS_PERMISSIONS

    list_display = (
        "user",
        "name",
        "kind",
        "ending",
        "state",
        "last_used_at",
        "expires_at",
        "created_at",
    )
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("user__username", "name", "last_part")
    search_help_text = _("Search by owner, name or last characters")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for owner, name and expiry; show everything but the digest."""
        if obj is None:
            return ("user", "name", "expires_at", "bypass_two_factor")
        return (
            *("user", "name", "kind", "ending", "state", "created_at"),
            *("last_used_at", "expires_at", "bypass_two_factor"),
        )

    def get_form(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Insist on a name."""
        form = super().get_form(request, obj, **kwargs)
        if "name" in form.base_fields:
            form.base_fields["name"].required = True
        return form

    def save_model(self, request: Any, obj: AuthToken, form: Any, change: bool) -> None:
        """Issue the token, and keep the plain value for the answer only."""
        issued = issue_token(
            user=obj.user,
            name=obj.name,
            expires_at=obj.expires_at,
            bypass_two_factor=obj.bypass_two_factor,
        )
        obj.pk, obj.last_part = issued.token.pk, issued.token.last_part
        obj.kind = issued.token.kind
        request.issued_token = issued

    def response_add(
        self, request: Any, obj: AuthToken, post_url_continue: Any = None
    ) -> HttpResponse:
        """Show the plain value, this once."""
        issued: IssuedToken = request.issued_token
        context = {
            **self.admin_site.each_context(request),
            "title": _("Token issued"),
            "opts": self.opts,
            "token": obj,
            "header_lines": (
                f"X-User-Id: {obj.user.public_id}\nX-Auth-Token: {issued.plain}"
            ),
        }
        response = TemplateResponse(
            request, "admin/accounts/authtoken/issued.html", context
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @display(description=_("ends with"))
    def ending(self, token: AuthToken) -> str:
        """Return the last characters."""
        return f"…{token.last_part}"

    @display(description=_("state"), label={"usable": "success", "expired": "danger"})
    def state(self, token: AuthToken) -> str:
        """Say whether the token still counts."""
        return "expired" if token.has_expired else "usable"
