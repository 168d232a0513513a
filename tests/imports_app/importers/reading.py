"""Helpers that read sources without a database."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imports_app.importers.base import ImportContext, Importer
from imports_app.records import SourceItem
from imports_app.sources.limits import ArchiveLimits

LIMITS = ArchiveLimits(
    unpacked_bytes=50_000_000, entry_bytes=40_000_000, ratio=200, entries=1000
)


def pack(path: Path, entries: Mapping[str, str | bytes]) -> Path:
    """Write an archive with these files, in this order."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def read(
    importer: type[Importer], path: Path
) -> tuple[list[SourceItem], dict[str, Any]]:
    """Return the records, and warnings and guesses by code."""
    context = ImportContext(path, LIMITS)
    found = list(importer().read(context))
    return found, context.report.warnings | context.report.guesses


def check(importer: type[Importer], path: Path) -> set[str]:
    """Return the codes of the warnings at upload."""
    context = ImportContext(path, LIMITS)
    importer().check(context)
    return set(context.report.warnings | context.report.guesses)
