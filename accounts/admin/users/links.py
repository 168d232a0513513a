"""Where the page of a user leads to; other apps add what they know of the user."""

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
"""An address, and what stands there."""
LinkSource = Callable[[HttpRequest, User], list[UserLink]]
_SOURCES: Final[list[LinkSource]] = []


def add_user_links(source: LinkSource) -> None:
    """Have links added to the pages of users; the source asks what the viewer may."""
    _SOURCES.append(source)


class UserLinks(GuardedAdmin):
    """The links on a user's page."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Put the links first, if there are any for this viewer."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        obj.links = [one for source in _SOURCES for one in source(request, obj)]
        if not obj.links:
            return fieldsets
        return [(None, {"fields": ("elsewhere",)}), *fieldsets]

    @display(description=_("in the workspace"))
    def elsewhere(self, user: Any) -> str:
        """Lead to the pages."""
        cells = ((link(page, text),) for page, text in user.links)
        return format_html_join(" · ", "{}", cells)
