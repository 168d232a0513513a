"""All oddities of tables, and the archives that are made of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.archives.tables import files, people, rooms, times
from tests.archives.tables.draft import TablesDraft, TablesOddity

ODDITIES: Final[tuple[TablesOddity, ...]] = (
    *people.ODDITIES,
    *rooms.ODDITIES,
    *files.ODDITIES,
    *times.ODDITIES,
)


def draft_with(oddities: Iterable[TablesOddity]) -> TablesDraft:
    """Return an archive with these oddities."""
    draft = TablesDraft()
    for add in oddities:
        add(draft)
    return draft
