"""Filters of the list of records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from config.admin.lookups import is_key
from imports_app.error_catalog import EXPLANATIONS, explanation_of
from imports_app.error_catalog.findings import FINDINGS
from imports_app.error_catalog.guesses import GUESSES
from imports_app.models import ImportRecord


class CodeFilter(DropdownFilter):
    """Filter by error code."""

    title = _("failure reason")
    parameter_name = "code"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the error codes of the operation, otherwise all codes."""
        operation = request.GET.get("operation__id__exact", "")
        if is_key(operation):
            counted = ImportRecord.objects.failures_by_code(int(operation))
            codes = [row.code for row in counted]
        else:
            others = FINDINGS.keys() | GUESSES.keys()
            codes = [code for code in EXPLANATIONS if code not in others]
        return [(code, explanation_of(code).title) for code in codes]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the records that failed with the code."""
        return queryset.failed_with(self.value()) if self.value() else queryset


class ImportedFilter(DropdownFilter):
    """Filter by whether the object of a record is in the workspace."""

    title = _("presence in the workspace")
    parameter_name = "came_in"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the only choice."""
        return (("yes", _("imported, updated or unchanged")),)

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the records whose object is in the workspace."""
        return queryset.completed() if self.value() == "yes" else queryset


class RoomFilter(DropdownFilter):
    """Filter the messages of a room, for links from other pages."""

    title = _("room")
    parameter_name = "room"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the room of the address."""
        room = request.GET.get("room", "")
        return [(room, room)] if room else []

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the messages of the room."""
        return queryset.of_room(self.value()) if self.value() else queryset


class GuessFilter(DropdownFilter):
    """Filter by the guess that a record depends on."""

    title = _("guess")
    parameter_name = "guess"

    def lookups(self, request: Any, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return any guess, and the guesses of the operation."""
        operation = request.GET.get("operation__id__exact", "")
        counted = (
            ImportRecord.objects.guesses_by_code(int(operation))
            if is_key(operation)
            else []
        )
        codes = [(row.code, explanation_of(row.code).title) for row in counted]
        return [("any", _("any guess")), *codes]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Return the records that depend on the guess."""
        value = self.value()
        if not value:
            return queryset
        return queryset.guessed() if value == "any" else queryset.guessed_with(value)
