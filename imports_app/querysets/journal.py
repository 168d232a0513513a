"""Query set of journal pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from django.db import models
from django.db.models import Max, Sum

if TYPE_CHECKING:
    from imports_app.models import JournalPage

STORED_FILE: Final = "stored"
"""Table of pages with names of stored contents instead of rows."""


class JournalPageQuerySet(models.QuerySet["JournalPage"]):
    """Query set of journal pages."""

    def of_operation(self, operation_id: int) -> Self:
        """Filter the pages of an operation, oldest first."""
        return self.filter(operation=operation_id).order_by("id")

    def last_key(self, operation_id: int) -> int:
        """Return the key of an operation's last page; 0 if there is none."""
        rows = self.filter(operation=operation_id)
        return rows.aggregate(last=Max("id"))["last"] or 0

    def later_than(self, page_id: int) -> Self:
        """Filter the pages of imports that ran after a page was written.

        Only one import runs at a time, so that pages of imports never interleave.
        """
        return self.filter(pk__gt=page_id)

    def before(self, checkpoint: int) -> Self:
        """Filter the pages before the last undone page; all pages for 0."""
        return self.filter(pk__lt=checkpoint) if checkpoint else self

    def to_undo(self) -> Self:
        """Filter pages of rows, newest first: the order in which they are undone."""
        return self.exclude(table=STORED_FILE).order_by("-id")

    def overlapping(self, table: str, first: int, last: int) -> Self:
        """Filter the pages of a table that may contain one of these keys."""
        return self.filter(table=table, first_key__lte=last, last_key__gte=first)

    def count_rows(self, operation_id: int) -> dict[tuple[str, str], int]:
        """Count an operation's rows by table and effect."""
        rows = self.filter(operation=operation_id).order_by()
        counted = rows.values_list("table", "effect").annotate(Sum("rows"))
        return {(table, effect): number for table, effect, number in counted}
