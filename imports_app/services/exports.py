"""Exports of the workspace to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from accounts.models import ActivityEntry
from accounts.services.activity import Author, record_event
from imports_app.engine.exports.workspace import SelectedWorkspace, Selection
from imports_app.errors import FolderNotEmptyError
from imports_app.exporters.base import Export
from imports_app.exporters.parts import Limits
from imports_app.exporters.registry import EXPORTERS

MANIFEST: Final = "export.json"
"""File that is written last; without it, an export is incomplete."""


def export_workspace(
    *,
    folder: Path,
    file_format: str,
    selection: Selection,
    limits: Limits,
    by: Author,
    on_messages: Callable[[int], None],
    **options: Any,
) -> Export:
    """Write rooms, users and messages to archives, and a list of them.

    Args:
        folder: New or empty folder for the archives.
        file_format: Key of the format.
        selection: Rooms and days.
        limits: Maximum size of an archive.
        by: Who exports; recorded in the activity log.
        on_messages: Called with the number of messages of each page.
        options: Options of the format.

    Raises:
        FolderNotEmptyError: The folder contains files.
        ExportRefusedError: The options don't suit the format or the workspace.
        OSError: A file can't be written.
    """
    workspace = SelectedWorkspace(selection, on_messages=on_messages)
    exporter = EXPORTERS[file_format](folder, workspace, limits, **options)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderNotEmptyError(folder)
    export = exporter.export()
    (folder / MANIFEST).write_bytes(
        orjson.dumps(_manifest(export, file_format), option=orjson.OPT_INDENT_2)
    )
    record_event(
        ActivityEntry.Action.DOWNLOADED,
        ActivityEntry.Subject.MESSAGE,
        f"export ({file_format})",
        by=by,
        details={
            "folder": str(folder),
            "rooms": len(export.rooms),
            "messages": export.messages,
        },
    )
    return export


def _manifest(export: Export, file_format: str) -> dict[str, Any]:
    return {
        "format": file_format,
        "users": export.users,
        "messages": export.messages,
        "archives": [
            {
                "file": part.name,
                "messages": part.messages,
                "bytes": part.size,
                "sha256": part.digest,
            }
            for part in export.parts
        ],
        "rooms": [
            {"id": room.id, "name": room.name, "messages": room.messages}
            for room in export.rooms
        ],
        "notIncluded": [
            {"what": loss.value, "number": number}
            for loss, number in export.losses.items()
        ],
    }
