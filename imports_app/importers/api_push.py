"""Records that are pushed through the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from imports_app.importers.base import ImportContext, Importer
from imports_app.records import SourceItem


class ApiImporter(Importer):
    """Reads nothing: `import.addUsers` stages the records itself."""

    key: ClassVar[str] = "api"
    name: ClassVar[str] = "api"

    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield nothing."""
        return iter(())
