"""Attached files of Slack messages (importers.md 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, Final

from imports_app.importers.base import Report
from imports_app.importers.slack.content.text import decoded
from imports_app.records import AttachedFile
from imports_app.sources.entry_table import Entry
from imports_app.sources.json_streams import dicts_of, flag_of, number_of, text_of

UPLOADS: Final = "__uploads"
ATTACHMENTS: Final = "attachments"
"""Folders in which export tools store the content of files."""
_NO_BYTES: Final = frozenset({"tombstone", "hidden_by_limit"})
_NO_NAMES: Final = frozenset({"", "untitled"})
_LONGEST: Final = 255
_FIELDS: Final = tuple(field.name for field in fields(AttachedFile))


def stored_files(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Yield the files whose bytes are in the archive: id and entry.

    Tools put them below `__uploads/<id>/<name>` (slack-advanced-exporter) or
    `<room>/attachments/<id>-<name>` (slackdump).
    """
    for entry in entries:
        parts = entry.name.split("/")
        if parts[0] == UPLOADS and len(parts) > 2:
            yield parts[1], entry.name
        elif len(parts) == 3 and parts[1] == ATTACHMENTS:
            identity, dash, _name = parts[2].partition("-")
            if dash:
                yield identity, entry.name


class FileReader:
    """Reader for the attached files of messages.

    Args:
        uploads: Entry names by file ID, if the archive contains attached files.
        report: Receives counts and warnings.
    """

    def __init__(self, uploads: dict[str, str], report: Report) -> None:
        self._uploads = uploads
        self._report = report

    def read(self, element: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
        """Return a message's files, and a line for each file that is not available.

        Slack no longer has the content of such files.
        """
        files = {}
        gone = []
        for file in _all_files(element):
            identity = text_of(file.get("id"))[:_LONGEST]
            entry = self._uploads.get(identity, "")
            url = text_of(file.get("url_private_download")) or text_of(
                file.get("url_private")
            )
            is_unavailable = text_of(file.get("mode")) in _NO_BYTES or not url
            if not identity or (is_unavailable and not entry):
                self._report.count("files that Slack does not have any more")
                self._report.warn(*_FILES_UNAVAILABLE)
                gone.append(_unavailable_line(file))
                continue
            is_link = not entry and flag_of(file.get("is_external"))
            self._report.count(_FILE_FACTS[is_link, bool(entry)])
            if not (is_link or entry):
                self._report.warn(*_FILES_ARE_LINKS)
            size = number_of(file.get("size"))
            files[identity] = AttachedFile(
                id=identity,
                name=self._report.shortened(_name_of(file)),
                url=url,
                entry=entry,
                content_type=text_of(file.get("mimetype"))[:_LONGEST],
                size=None if size is None or size < 0 else int(size),
                is_link=is_link,
            )
        kept = [
            {name: value for name in _FIELDS if (value := getattr(file, name))}
            for file in files.values()
        ]
        return kept, gone


def _name_of(file: dict[str, Any]) -> str:
    """Return a file's name; canvases have their name in the title."""
    name = text_of(file.get("name"))
    is_named = name.casefold() not in _NO_NAMES
    return decoded(name if is_named else text_of(file.get("title")) or name)


def _unavailable_line(file: dict[str, Any]) -> str:
    """Return the line that replaces a file that is not available."""
    name = _name_of(file)
    return f"File not available: {name}" if name else "File not available"


def _all_files(element: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the files of a message and of the messages it shares."""
    files = dicts_of(element.get("files")) or dicts_of([element.get("file")])
    for attachment in dicts_of(element.get("attachments")):
        files = [*files, *dicts_of(attachment.get("files"))]
    return files


_FILES_ARE_LINKS: Final = (
    "importer-files-are-links",
    "The export contains links to files, not the files. The links may expire with the"
    " export's token: download the files before the import.",
)
_FILES_UNAVAILABLE: Final = (
    "importer-files-are-gone",
    "Files that were deleted, or hidden by Slack's free plan, are not imported: the"
    " export has no link to them.",
)
FILES_TO_DOWNLOAD: Final = "files to download"
"""Fact of the report: links to files that a download can get."""
_FILE_FACTS: Final = {
    (False, False): FILES_TO_DOWNLOAD,
    (False, True): "files in the archive",
    (True, False): "links to files elsewhere",
}
