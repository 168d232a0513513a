"""Pages of staged records, the same in a plan and in the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import orjson
from django.db.models import QuerySet

from imports_app.engine.outcomes import StagedRecord
from imports_app.models import ImportRecord
from imports_app.querysets.records import ImportRecordQuerySet

PAGE: Final = 500
"""Records in a page."""
_MOST_CHARACTERS: Final = 500_000
"""Characters of JSON after which a page ends: a room may have 100,000 members."""
_FETCHED: Final = 50
"""Records that are read from the database at once."""


def take_page(rows: ImportRecordQuerySet) -> list[StagedRecord]:
    """Return the first records, so that large rooms are in pages of their own."""
    page: list[StagedRecord] = []
    size = 0
    texts: QuerySet[ImportRecord, tuple[int, str, str]] = rows.as_texts()[:PAGE]
    for pk, import_id, data in texts.iterator(_FETCHED):
        page.append(StagedRecord(pk, import_id, orjson.loads(data)))
        size += len(data)
        if size >= _MOST_CHARACTERS:
            break
    return page


def iterate_pages(rows: ImportRecordQuerySet) -> Iterator[list[StagedRecord]]:
    """Yield all records of a query in pages."""
    last = 0
    while page := take_page(rows.after(last)):
        yield page
        last = page[-1].pk
