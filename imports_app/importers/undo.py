"""Importer of operations that undo another import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from imports_app.importers.base import ImportContext, Importer
from imports_app.records import SourceItem


class UndoImporter(Importer):
    """Importer without a source: the engine reads the journal of the other import."""

    key: ClassVar[str] = "undo"  # `statuses.UNDO_KEY`
    name: ClassVar[str] = "Undo"
    undoes: ClassVar[bool] = True

    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield nothing."""
        return iter(())
