"""Writing of an export to a folder, with the list of its archives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from imports_app.errors import FolderNotEmptyError
from imports_app.exporters.base import Export, Exporter, ExportRefusedError
from imports_app.exporters.parts import Limits
from imports_app.exporters.records import Workspace
from imports_app.exporters.registry import EXPORTERS

MANIFEST: Final = "export.json"
"""File that is written last; without it, an export is incomplete."""


def write_export(
    exporter: Exporter, *, watch: Callable[[], None] | None = None
) -> tuple[Export, dict[str, Any]]:
    """Write the archives, and last their list; return the result and the list.

    Args:
        exporter: Exporter with a new or empty folder.
        watch: Called with each piece of an archive.

    Raises:
        FolderNotEmptyError: The folder contains files.
        ExportRefusedError: The options don't suit the workspace.
        OSError: A file can't be written.
    """
    folder = exporter.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderNotEmptyError(folder)
    if watch is not None:
        exporter.watch = watch
    export = exporter.export()
    manifest = _manifest(export, exporter.key)
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return export, manifest


def exporter_of(
    file_format: str,
    folder: Path,
    workspace: Workspace,
    limits: Limits,
    options: dict[str, Any],
) -> Exporter:
    """Return the exporter of a format.

    Raises:
        ExportRefusedError: The format does not exist, or an option is not valid.
    """
    exporter = EXPORTERS.get(file_format)
    if exporter is None:
        formats = ", ".join(sorted(EXPORTERS))
        msg = f"There is no format {file_format!r}. Use one of: {formats}."
        raise ExportRefusedError(msg)
    if unknown := sorted(options.keys() - exporter.options - {"files"}):
        msg = f"The format {file_format} has no option {unknown[0]}."
        raise ExportRefusedError(msg)
    return exporter(folder, workspace, limits, **options)


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
