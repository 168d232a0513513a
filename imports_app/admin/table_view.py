"""View of a table of records: kind, search and page number in the query string."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from imports_app.records import Kind


@dataclass(frozen=True, slots=True)
class TableView:
    """Kind, search and page number; subclasses add a filter."""

    kind: Kind
    text: str
    number: int

    def values(self) -> dict[str, Any]:
        """Return the values of the query string by name, without empty ones."""
        page = self.number if self.number > 1 else ""
        return {"kind": self.kind.value, "q": self.text, "page": page}

    def address(self, **changes: Any) -> str:
        """Return the query string of this view with some values changed."""
        query = QueryDict(mutable=True)
        wanted = {**self.values(), **changes}
        query.update({key: str(value) for key, value in wanted.items() if value})
        return f"?{query.urlencode()}"

    @property
    def page_query(self) -> str:
        """Beginning of the query string of another page."""
        return f"{self.address(page='')}&"

    @property
    def all_records(self) -> str:
        """Query string of all records of the kind."""
        return f"?kind={self.kind.value}"


def text_of(query: QueryDict) -> str:
    """Return the search text of a query string."""
    return query.get("q", "").strip().replace("\0", "")


def page_number_of(query: QueryDict) -> int:
    """Return the page number of a query string; 1 if it is not valid."""
    number = query.get("page", "1")[:9]
    return int(number) if number.isascii() and number.isdigit() else 1
