"""Links on a user's page. Other apps register links to their own pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import User
from config.admin.base import GuardedAdmin
from config.admin.formatting import link

UserLink = tuple[str, Any]
"""URL and link text."""
LinkSource = Callable[[HttpRequest, User], list[UserLink]]
_SOURCES: Final[list[LinkSource]] = []


def add_user_links(source: LinkSource) -> None:
    """Register a source of links. The source checks the viewer's permissions."""
    _SOURCES.append(source)


class UserLinks(GuardedAdmin):
    """The links on a user's page."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets, starting with the links if there are any."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        obj.links = [found for source in _SOURCES for found in source(request, obj)]
        if not obj.links:
            return fieldsets
        return [(None, {"fields": ("workspace_links",)}), *fieldsets]

    @display(description=_("in the workspace"))
    def workspace_links(self, user: Any) -> str:
        """Return the links."""
        cells = ((link(page, text),) for page, text in user.links)
        return format_html_join(" · ", "{}", cells)
