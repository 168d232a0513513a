"""The JSONL importer: archives of `manage.py export --format jsonl`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar, Final

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext, Importer, Report
from imports_app.importers.guide import Guide
from imports_app.importers.jsonl.documents import Documents
from imports_app.importers.jsonl.guides import JSONL_GUIDE
from imports_app.importers.jsonl.lines import ExportFile, Line, open_export
from imports_app.importers.workspace_scopes import (
    Workspace,
    WorkspacePerson,
    add_scope,
)
from imports_app.records import BadRecord, Kind, SourceItem, UserRecord
from imports_app.sources.json_streams import excerpt_of, text_of

_READ_AT_UPLOAD: Final = 20_000_000
"""Maximum bytes of lines that are checked at upload, within the request."""
_LOOKED_AT: Final = 1_000
"""Number of users in the sample that identifies the workspace."""
_WORKSPACE_ID: Final = re.compile(r"[A-Za-z0-9]{1,40}")


class JsonlImporter(Importer):
    """Importer for JSONL exports: users, rooms, messages and files."""

    key: ClassVar[str] = "jsonl"
    name: ClassVar[str] = "JSONL"
    guide: ClassVar[Guide | None] = JSONL_GUIDE

    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield users, rooms and messages in the order of the file.

        Raises:
            SourceError: The file is not an export, or is empty.
        """
        is_empty = True
        with open_export(context.path, context.limits) as export:
            for found in _items(export, export.lines(), context.report):
                is_empty = False
                yield add_scope(found, context.scope) if context.scope else found
        if is_empty:
            raise SourceError(
                "importer-nothing-found",
                "The export contains no users, rooms or messages. Export again.",
            )

    def workspace(self, context: ImportContext) -> Workspace | None:
        """Return the server that wrote the export.

        Raises:
            SourceError: The file is not an export.
        """
        if context.path is None:
            return None
        people = []
        with open_export(context.path, context.limits) as export:
            first = islice(export.lines(), _LOOKED_AT)
            for found in _items(export, first, Report()):
                user = found.record
                if isinstance(user, UserRecord):
                    address = next(iter(user.emails), "")
                    people.append(
                        WorkspacePerson(
                            user.import_ids[0], user.username or "", address
                        )
                    )
            key = export.workspace
        return Workspace(key if _WORKSPACE_ID.fullmatch(key) else "", tuple(people))

    def check(self, context: ImportContext) -> None:
        """Count the records of the first 20 MB, and report unreadable lines."""
        try:
            with open_export(context.path, context.limits) as export:
                _check(export, context.report)
        except SourceError as error:
            context.report.warn(str(error.code), error.message)


def _check(export: ExportFile, report: Report) -> None:
    part = Report()
    read = 0

    def beginning() -> Iterator[Line]:
        nonlocal read
        for line in export.lines():
            if read >= _READ_AT_UPLOAD:
                return
            read += line.size
            yield line

    for found in _items(export, beginning(), part):
        record = found.record
        if isinstance(record, BadRecord):
            part.warn(record.code, record.message, file=found.file, line=found.line)
    if read < _READ_AT_UPLOAD:
        report.facts.update(part.facts)
        report.warnings.update(part.warnings)
        return
    report.add_part(part, export.size / read)
    report.warn(
        "importer-looked-at-in-part",
        "The export is large, so only its first 20 MB were checked. Numbers with"
        " 'about' are estimates until the file is read.",
    )


def _items(
    export: ExportFile, lines: Iterator[Line], report: Report
) -> Iterator[SourceItem]:
    """Yield the record of each line; bad lines have the kind of the line before."""
    documents = Documents(export.contents, report)
    readers = {
        "user": (Kind.USER, documents.user),
        "room": (Kind.CHANNEL, documents.room),
        "message": (Kind.MESSAGE, documents.message),
    }
    kind = Kind.USER
    for line in lines:
        record = None
        if line.document is not None:
            reader = readers.get(text_of(line.document.get("kind")))
            if reader is not None:
                kind, read = reader
                record = read(line.document)
        yield SourceItem(record or _bad(kind, line), line.file, line.number)


def _bad(kind: Kind, line: Line) -> BadRecord:
    excerpt = line.excerpt or excerpt_of(line.document, 200)
    return BadRecord(
        kind=kind,
        cells=("", "", excerpt) if kind is Kind.MESSAGE else (excerpt,),
        code="importer-message-malformed"
        if kind is Kind.MESSAGE
        else "importer-record-malformed",
        message=f'The line begins with "{excerpt_of(excerpt)}" and is not a valid'
        " user, room or message. Compare it with docs/export.schema.json, or export"
        " again.",
    )
