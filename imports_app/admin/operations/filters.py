"""Filters of the list of imports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter

from config.admin.filters import DaysFilter
from imports_app.importers.registry import all_importers
from imports_app.models import ImportOperation
from imports_app.querysets.overall_status import OverallStatus
from imports_app.reports.importer_labels import importer_label

_MOST_INITIATORS: Final = 200


class StatusFilter(DropdownFilter):
    """Filter by the overall status."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the statuses that the admin shows."""
        return OverallStatus.choices

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the imports with the selected status."""
        value = self.value()
        if value not in OverallStatus.values:
            return queryset
        return queryset.with_overall_status(OverallStatus(value))


class ImporterFilter(DropdownFilter):
    """Filter by importer."""

    title = _("importer")
    parameter_name = "importer"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return every importer; finding the ones in use would read every row."""
        return [(one.key, importer_label(one.key, one.name)) for one in all_importers()]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the imports of the selected importer."""
        return queryset.filter(importer_key=self.value()) if self.value() else queryset


class InitiatorFilter(DropdownFilter):
    """Filter by the user who started the import."""

    title = _("user")
    parameter_name = "starter"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return users who have started imports, up to a limit; search finds others."""
        initiators = ImportOperation.objects.initiators(_MOST_INITIATORS)
        return [(user.public_id, str(user)) for user in initiators]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the imports that the selected user started."""
        return queryset.filter(user=self.value()) if self.value() else queryset


class ErrorsFilter(RadioFilter):
    """Filter by whether any record failed."""

    title = _("failed records")
    parameter_name = "errors"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return yes and no."""
        return (("yes", _("Yes")), ("no", _("No")))

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the imports with or without errors."""
        if self.value() == "yes":
            return queryset.with_errors()
        return queryset.without_errors() if self.value() == "no" else queryset


class StartedFilter(DaysFilter):
    """Filter by the day on which the import was started, in UTC."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("start")

    def between(self, queryset: Any, first: date | None, last: date | None) -> Any:
        """Return the imports started between the two days."""
        return queryset.started_between(first, last)
