"""Recognition of Mattermost's bulk exports, which no importer reads."""

from __future__ import annotations

from typing import BinaryIO, Final

import orjson

from imports_app.errors import SourceError
from imports_app.importers.detection.kinds import ACCEPTED
from imports_app.sources.archives import Archive

_LONGEST_LINE: Final = 64 * 1024
"""Bytes of the first line that are read."""


def refuse_mattermost_archive(archive: Archive) -> None:
    """Refuse an archive whose first `.jsonl` file is a bulk export.

    Raises:
        SourceError: It is a bulk export.
    """
    for entry in archive.entries:
        if entry.name.lower().endswith(".jsonl"):
            with archive.read(entry) as stream:
                refuse_mattermost_file(stream)
            return


def refuse_mattermost_file(stream: BinaryIO) -> None:
    """Refuse a bulk export, which begins with a line that states its version.

    Raises:
        SourceError: It is a bulk export.
    """
    line = stream.readline(_LONGEST_LINE)
    try:
        first = orjson.loads(line)
    except orjson.JSONDecodeError:
        return
    if isinstance(first, dict) and first.get("type") == "version":
        raise SourceError(
            "importer-mattermost-export",
            "This is a bulk export of Mattermost, which can't be imported. Upload"
            f" {ACCEPTED}.",
        )
