"""Fixtures that import a source as an admin does from the shell."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from accounts.models import User
from tests.cases.importing import Entries, Import, Imported, import_all, pack
from tests.cases.tables import ImportTable


def _importing(folder: Path, importer: str) -> Import:
    """Return what packs a source and imports all of it."""
    numbers = count(1)

    def run(entries: Entries) -> Imported:
        path = folder / f"{importer}-{next(numbers)}.zip"
        return import_all(pack(path, entries), importer)

    return run


@pytest.fixture
def bring_in(admin_user: User, tmp_path: Path) -> Import:
    """Return what packs a Slack export and imports all of it."""
    return _importing(tmp_path, "slack")


@pytest.fixture
def bring_in_tables(admin_user: User, tmp_path: Path) -> Import:
    """Return what packs an archive of tables and imports all of it."""
    return _importing(tmp_path, "csv")


@pytest.fixture
def bring_in_table(admin_user: User, tmp_path: Path) -> ImportTable:
    """Return what imports one table, or a workbook, that is no archive."""
    numbers = count(1)

    def run(content: str | bytes) -> Imported:
        path = tmp_path / f"table-{next(numbers)}.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_all(path, "csv")

    return run
