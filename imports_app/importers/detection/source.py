"""Detection of the importer of a file by its content."""

from __future__ import annotations

from pathlib import Path

from imports_app.importers.base import ImportContext
from imports_app.importers.detection.archives import detect_archive
from imports_app.importers.detection.kinds import ACCEPTED, OWN_EXPORT, Detection
from imports_app.importers.detection.mattermost import refuse_mattermost_file
from imports_app.importers.detection.tables import detect_text_table, detect_workbook
from imports_app.importers.jsonl.archive import JsonlImporter
from imports_app.importers.jsonl.lines import parse_header
from imports_app.importers.reading_options import ReadingOptions
from imports_app.sources.archives import Archive, looks_like_zip, open_file
from imports_app.sources.file_types import refuse_other_file_types
from imports_app.sources.limits import ArchiveLimits
from imports_app.sources.workbooks import is_workbook


def detect_source(
    path: Path, limits: ArchiveLimits, options: ReadingOptions, file_name: str = ""
) -> Detection:
    """Detect the kind of a file, and estimate its content.

    Only the directory of an archive, the lists of users and rooms, and samples of
    large files are read: within the request of an upload.

    Args:
        path: The file.
        limits: Limits on archives.
        options: Reading options of the uploader, for tables.
        file_name: The original name, which must agree with the content.

    Raises:
        SourceError: The file is not recognized, is ambiguous, is of a kind that can't
            be imported, or is a damaged or unsafe archive.
    """
    if not looks_like_zip(path):
        with open_file(path) as stream:
            refuse_mattermost_file(stream)
            stream.seek(0)
            if parse_header(stream) is not None:
                return Detection.of(JsonlImporter.key, OWN_EXPORT, {})
            stream.seek(0)
            refuse_other_file_types(stream.read(4096), file_name, wanted=ACCEPTED)
        return detect_text_table(path, options)
    with Archive(path, limits) as archive:
        if not is_workbook(archive):
            return detect_archive(archive, ImportContext(path, limits, options=options))
    return detect_workbook(path, limits, options)
