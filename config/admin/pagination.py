"""Pagination for large tables that avoids counting all rows."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

MOST_ROWS: Final = 10_000
"""Maximum number of rows that can be paged through; filters reach the others."""


class BoundedPaginator(Paginator[Any]):
    """Pages through the first rows by primary key.

    The keys are read once, so that a search with few results scans the table once.
    """

    template_name: ClassVar[str] = "imports_app/admin/pagination.html"
    object_list: Any

    @cached_property
    def _keys(self) -> list[Any]:
        return list(self.object_list.values_list("pk", flat=True)[: MOST_ROWS + 1])

    @cached_property
    def count(self) -> int:
        """The number of rows that can be paged through."""
        return min(len(self._keys), MOST_ROWS)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than `MOST_ROWS`."""
        return len(self._keys) > MOST_ROWS

    def page(self, number: Any) -> Page[Any]:
        """Return a page. Its rows are read lazily."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        rows = self.object_list.filter(pk__in=self._keys[start:end])
        return Page(rows, number, self)


class BoundedChangeList(ChangeList):
    """A change list with bounded pagination."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows by their keys."""
        super().get_results(request)
        self.full_result_count = self.result_count  # avoids counting all rows
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list
