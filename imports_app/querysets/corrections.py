"""Query sets of corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imports_app.models import Correction, ImportRecord


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
