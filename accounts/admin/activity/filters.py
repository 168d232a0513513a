"""Filters of the activity log. Each is backed by a database index."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import TextFilter

from config.admin.filters import DaysFilter


class AuthorFilter(TextFilter):
    """Filter by author."""

    title = _("username")
    parameter_name = "by"

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the entries of the author."""
        return queryset.filter(author_name=self.value()) if self.value() else queryset


class AddressFilter(TextFilter):
    """Filter by client address."""

    title = _("IP address")
    parameter_name = "from"

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the entries from the address."""
        return queryset.filter(address=self.value()) if self.value() else queryset


class TimeFilter(DaysFilter):
    """Filter by day in UTC."""

    def between(self, queryset: Any, first: date | None, last: date | None) -> Any:
        """Return the entries between two days."""
        return queryset.on_days(first, last)
