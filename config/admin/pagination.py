"""Lists that stay fast with a million rows: nothing is counted to show 25 of them."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

MOST_ROWS: Final = 10_000
"""How many rows of a list can be gone through; a filter leads to the others."""


class BoundedPaginator(Paginator[Any]):
    """Goes through the first rows; their keys are read once, and each page by its own.

    So a search that finds little walks over the table once, and not again for its rows.
    """

    template_name: ClassVar[str] = "imports_app/admin/pagination.html"
    object_list: Any

    @cached_property
    def _keys(self) -> list[Any]:
        return list(self.object_list.values_list("pk", flat=True)[: MOST_ROWS + 1])

    @cached_property
    def count(self) -> int:
        """How many rows there are to go through."""
        return min(len(self._keys), MOST_ROWS)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than can be gone through."""
        return len(self._keys) > MOST_ROWS

    def page(self, number: Any) -> Page[Any]:
        """Return a page, with its rows yet to be read."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        rows = self.object_list.filter(pk__in=self._keys[start:end])
        return Page(rows, number, self)


class BoundedChangeList(ChangeList):
    """A list whose pages are bounded, also where there is only one."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows by the keys that were found."""
        super().get_results(request)
        self.full_result_count = self.result_count  # the head shows no other
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list
