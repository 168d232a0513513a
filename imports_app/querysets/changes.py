"""Query sets of changes since the last import of the same source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from imports_app.statuses import Status

if TYPE_CHECKING:
    from imports_app.models import ChangedRecord, ChangedRoom, SourceChanges


class SourceChangesQuerySet(models.QuerySet["SourceChanges"]):
    """Query set of comparisons with earlier imports."""

    def of_operation(self, operation_id: int) -> SourceChanges | None:
        """Return the comparison of an operation, also while it is computed."""
        return self.select_related("earlier").filter(operation=operation_id).first()

    def wanted(self, pk: int) -> Self:
        """Filter a comparison whose import is waiting for its review."""
        return self.filter(
            pk=pk, operation__is_valid=True, operation__status=Status.USER_SELECTION
        )


class ChangedRecordQuerySet(models.QuerySet["ChangedRecord"]):
    """Query set of new, changed and gone records."""

    def narrowed(self, changes_id: int, *, kind: str, effect: str = "") -> Self:
        """Filter the records of a comparison by kind and effect, in order."""
        rows = self.filter(changes=changes_id, kind=kind)
        if effect:
            rows = rows.filter(effect=effect)
        return rows.order_by("id")


class ChangedRoomQuerySet(models.QuerySet["ChangedRoom"]):
    """Query set of changes by room."""

    def narrowed(self, changes_id: int, *, effect: str = "") -> Self:
        """Filter the rooms of a comparison that have messages with this effect."""
        rows = self.filter(changes=changes_id)
        if effect:
            rows = rows.filter(**{f"{effect}__gt": 0})
        return rows.order_by("id")
