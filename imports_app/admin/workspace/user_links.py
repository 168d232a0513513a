"""Links from a user's page to rooms and messages."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.users.links import UserLink, add_user_links
from accounts.models import User
from accounts.permission_names import PermissionName


def workspace_links(request: HttpRequest, user: User) -> list[UserLink]:
    """Return links to the user's rooms and messages, if the viewer may read them."""
    if not request.user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION):
        return []
    rooms = reverse("admin:imports_app_room_changelist")
    messages = reverse("admin:imports_app_message_changelist")
    author = urlencode({"author": user.public_id})
    return [
        (f"{rooms}?member={user.pk}", _("Rooms of this user")),
        (f"{messages}?{author}", _("Messages by this user")),
    ]


add_user_links(workspace_links)
