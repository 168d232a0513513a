"""Query sets of decisions and corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imports_app.models import (
        Correction,
        Decision,
        ImportOperation,
        ImportRecord,
    )


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


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Query set of corrections."""

    def of_operation(self, operation_id: int) -> Self:
        """Filter an operation's corrections, in the order in which they were made."""
        return self.filter(operation=operation_id).order_by("id")

    def before_run(self, operation_id: int) -> Self:
        """Filter the corrections that the run uses, in order."""
        return self.of_operation(operation_id).filter(original__isnull=False)

    def of_messages(self, operation_id: int) -> Self:
        """Filter the corrections of messages that the run uses, in order."""
        return self.of_operation(operation_id).filter(part__isnull=False)

    def of_part(self, operation_id: int, position: int) -> Self:
        """Filter the corrections of a part's messages, in order."""
        return self.of_operation(operation_id).filter(part=position)

    def by_record(self, records: Iterable[ImportRecord]) -> dict[int, Correction]:
        """Return the corrections of some records, by their keys. One query."""
        keys = [record.pk for record in records]
        return {one.record_id: one for one in self.filter(record_id__in=keys)}
