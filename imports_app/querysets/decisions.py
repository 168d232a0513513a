"""Query sets of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from imports_app.models import Decision, ImportOperation


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Query set of decisions."""

    def of_operation(self, operation_id: int) -> Self:
        """Filter an operation's decisions, in order."""
        return self.filter(operation=operation_id).order_by("kind", "id")

    def of_record(self, operation_id: int, kind: str, import_id: str) -> Self:
        """Filter the decision about a record."""
        return self.filter(operation=operation_id, kind=kind, import_id=import_id)

    def last_of_source(self, operation: ImportOperation) -> Decision | None:
        """Return a decision of the last other import that may have the same source.

        It has the same importer, and no other workspace.
        """
        others = self.filter(operation__importer_key=operation.importer_key).exclude(
            operation=operation.pk
        )
        if operation.workspace_id:
            workspaces = ("", operation.workspace_id)
            others = others.filter(operation__workspace_id__in=workspaces)
        return others.select_related("operation").order_by("-operation_id").first()
