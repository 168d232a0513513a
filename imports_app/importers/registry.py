"""Registry of all importers, in the order of the selection list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from imports_app.importers.api_push import ApiImporter
from imports_app.importers.base import Importer
from imports_app.importers.csv.archive import CsvImporter
from imports_app.importers.jsonl.archive import JsonlImporter
from imports_app.importers.pending import (
    PendingAvatarsImporter,
    PendingFilesImporter,
)
from imports_app.importers.slack.archive import SlackImporter
from imports_app.importers.slack.member_list import SlackUsersImporter
from imports_app.importers.undo import UndoImporter

_IMPORTERS: Final[tuple[type[Importer], ...]] = (
    CsvImporter,
    SlackImporter,
    SlackUsersImporter,
    JsonlImporter,
    PendingFilesImporter,
    PendingAvatarsImporter,
    ApiImporter,
    UndoImporter,
)
_BY_KEY: Final = {importer.key: importer for importer in _IMPORTERS}


def find_importer(key: str) -> type[Importer] | None:
    """Return the importer with this key, or `None`."""
    return _BY_KEY.get(key)


def identifies_users_by_username(key: str) -> bool:
    """Return whether an importer's sources identify users by username."""
    importer = find_importer(key)
    return importer is not None and importer.identifies_users_by_username


def all_importers() -> Sequence[type[Importer]]:
    """Return every importer."""
    return _IMPORTERS


def visible_importers() -> list[type[Importer]]:
    """Return the importers of the selection list."""
    return [importer for importer in _IMPORTERS if importer.guide is not None]
