"""The admin site: its pages load with the URLs; its context costs little per page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.apps.config import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.core.checks import CheckMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite

from config.admin.theme import NAVIGATION


class ConsoleSite(UnfoldAdminSite):
    """Admin site of the product."""

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        """Return the apps and models that the user may view, computed on use.

        Django asks for it on every page. The sidebar of these pages does not show it.
        """
        compute = partial(super().get_app_list, request, app_label)
        return SimpleLazyObject(compute)  # type: ignore[return-value] # acts as a list

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the sidebar's groups with the links that the user may open.

        Unfold's method copies the configuration deeply and creates a class for each
        link, which is a tenth of the time of a page.
        """
        home = reverse(f"{self.name}:index")
        groups = []
        for group in NAVIGATION:
            items = []
            for item in group["items"]:
                if item["permission"](request):
                    link = str(item["link"])
                    is_current = request.path == link or (
                        link != home and request.path.startswith(link)
                    )
                    items.append({**item, "link": link, "active": is_current})
            if items:
                groups.append({**group, "items": items})
        return groups

    def check(
        self, app_configs: Sequence[AppConfig] | None = None
    ) -> list[CheckMessage]:
        """Check all admin pages, also before the URLs were loaded."""
        admin.autodiscover()
        messages: list[CheckMessage] = super().check(app_configs)
        return messages


class ConsoleConfig(SimpleAdminConfig):
    """The admin as an app that does not load its pages.

    `config.urls` loads them. Workers and most commands need no pages; loading these
    takes as much time and memory as everything else together.
    """

    default_site = "config.admin.site.ConsoleSite"
