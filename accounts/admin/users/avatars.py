"""Avatars of users in the admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import ActivityEntry, User
from accounts.services.activity import author_of, record_access
from config.admin.base import GuardedAdmin
from config.files.stored_files import answer_picture

_PAGE = "accounts_user_picture"


class UserAvatars(GuardedAdmin):
    """The avatar on a user's page and the view that serves it."""

    def get_urls(self) -> list[Any]:
        """Add the URL of the avatar."""
        view = self.admin_site.admin_view(self.avatar_page)
        return [path("<int:pk>/picture/", view, name=_PAGE), *super().get_urls()]

    def avatar_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Return the avatar file."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        user = get_object_or_404(User, pk=pk)
        answer = answer_picture(user.avatar_name)
        record_access(
            ActivityEntry.Action.DOWNLOADED,
            ActivityEntry.Subject.FILE,
            f"avatar of {user}",
            by=author_of(request),
        )
        return answer

    @display(description=_("avatar"))
    def avatar(self, user: User) -> str:
        """Return the avatar, or whether it is waiting to be downloaded."""
        if user.avatar_name:
            return format_html(
                '<img class="picture" src="{}" alt="{}" width="96" height="96">',
                reverse(f"admin:{_PAGE}", args=[user.pk]),
                _("Avatar of %s") % user,
            )
        return str(_("not downloaded yet")) if user.pending_avatar_url else "-"
