"""The filters of the activity log. Each has an index that finds its entries."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import TextFilter

from config.admin.filters import DaysFilter


class AuthorFilter(TextFilter):
    """Filters by who did it."""

    title = _("username")
    parameter_name = "by"

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep the entries of this author."""
        return queryset.filter(author_name=self.value()) if self.value() else queryset


class AddressFilter(TextFilter):
    """Filters by the address of the client."""

    title = _("address")
    parameter_name = "from"

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep the entries of this address."""
        return queryset.filter(address=self.value()) if self.value() else queryset


class TimeFilter(DaysFilter):
    """Filters by the day of the entry, in UTC."""

    def between(self, queryset: Any, first: date | None, last: date | None) -> Any:
        """Keep the entries of the days given."""
        return queryset.on_days(first, last)
