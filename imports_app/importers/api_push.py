"""Importer for records that are pushed through the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from imports_app.importers.base import ImportContext, Importer
from imports_app.records import SourceItem


class ApiImporter(Importer):
    """Importer without a file: `import.addUsers` stages the records directly."""

    key: ClassVar[str] = "api"
    name: ClassVar[str] = "api"

    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield nothing."""
        return iter(())
