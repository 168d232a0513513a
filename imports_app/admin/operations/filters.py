"""What the list of operations can be narrowed to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    DropdownFilter,
    RadioFilter,
)

from config.admin.filters import DaysFilter
from imports_app.importers.registry import all_importers
from imports_app.models import ImportOperation
from imports_app.statuses import State

_MOST_STARTERS: Final = 200


class StateFilter(DropdownFilter):
    """Filters by what `import.status` reports."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Offer the states."""
        return State.choices

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep operations in the chosen state."""
        value = self.value()
        return queryset.in_state(State(value)) if value in State.values else queryset


class ImporterFilter(DropdownFilter):
    """Filters by the importer."""

    title = _("importer")
    parameter_name = "importer"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Offer every importer; asking which were used would read every row."""
        return [(importer.key, importer.name) for importer in all_importers()]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep the importer's operations."""
        return queryset.filter(importer_key=self.value()) if self.value() else queryset


class StarterFilter(DropdownFilter):
    """Filters by who started it."""

    title = _("starter")
    parameter_name = "starter"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Offer those who ever started an import; the search finds the others."""
        starters = ImportOperation.objects.initiators(_MOST_STARTERS)
        return [(user.public_id, str(user)) for user in starters]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep operations that the account started."""
        return queryset.filter(user=self.value()) if self.value() else queryset


class ValidFilter(BooleanRadioFilter):
    """Filters by whether it may still be used; one operation at most may."""

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Look the valid one up, where SQLite would walk over all of them in order."""
        if self.value() == "1":
            one = ImportOperation.objects.valid().order_by().values("pk")
            return queryset.filter(pk__in=one)
        return super().queryset(request, queryset)


class ErrorsFilter(RadioFilter):
    """Filters by whether anything failed."""

    title = _("has errors")
    parameter_name = "errors"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Offer yes and no."""
        return (("yes", _("Yes")), ("no", _("No")))

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep operations with errors, or without."""
        if self.value() == "yes":
            return queryset.with_errors()
        return queryset.without_errors() if self.value() == "no" else queryset


class StartedFilter(DaysFilter):
    """Filters by the day on which the operation was started, in UTC."""

    def between(self, queryset: Any, first: date | None, last: date | None) -> Any:
        """Keep operations started on the days given."""
        return queryset.started_between(first, last)
