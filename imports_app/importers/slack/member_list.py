"""Importer for the member list that Slack exports as CSV (importers.md 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext, Importer
from imports_app.importers.csv.records import STATUS, RowReader
from imports_app.importers.csv.table_sources import text_rows
from imports_app.importers.guide import Guide
from imports_app.importers.slack.guides import SLACK_USERS_GUIDE
from imports_app.records import Kind, SourceItem, UserRecord
from imports_app.sources.archives import looks_like_zip, open_file
from imports_app.sources.csv_rows import BadRow
from imports_app.sources.file_types import refuse_other_file_types

_FILE: Final = "members.csv"
_COLUMNS: Final = 10
_ROLES: Final = {"admin": ("admin",), "bot": ("bot",)}
"""Roles by status in lower case."""
_MEMBERS: Final = ("member", "admin", "owner", "guest", "bot")
"""Endings of the statuses of active members."""
_WANTED: Final = "Slack's member list, a CSV file"


class SlackUsersImporter(Importer):
    """Importer for members; a header is skipped."""

    key: ClassVar[str] = "slack-users"
    name: ClassVar[str] = "Slack_Users"
    guide: ClassVar[Guide | None] = SLACK_USERS_GUIDE
    options: ClassVar[frozenset[str]] = frozenset({"delimiter", "encoding"})

    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield the members who have an e-mail address.

        Raises:
            SourceError: The file is not a member list, or is empty.
        """
        path = context.path
        if path is None:
            raise SourceError(
                "importer-file-missing", "The import has no file. Upload one."
            )
        _refuse_archive(context)
        reader = RowReader(_FILE, context.report)
        is_empty = True
        with open_file(path) as stream:
            for row in text_rows(stream, reader, context.options):
                if isinstance(row, BadRow):
                    is_empty = False
                    yield reader.bad(Kind.USER, row, row.code, row.message)
                    continue
                cells = [cell.strip() for cell in reader.cells(row, _COLUMNS)]
                if "@" not in cells[1]:
                    if row.line > 1:
                        context.report.warn(
                            "importer-user-without-email",
                            "Members without an e-mail address were skipped. Add the"
                            " address to import them.",
                            file=_FILE,
                            line=row.line,
                        )
                    continue
                is_empty = False
                is_unclear = _is_unclear(cells[2].casefold())
                if is_unclear:
                    context.report.guess(*STATUS, file=_FILE, line=row.line)
                guess = STATUS[0] if is_unclear else ""
                yield reader.found(_member(cells), row.line, guess)
        if is_empty:
            raise SourceError(
                "importer-nothing-found",
                "The file contains no members with an e-mail address. Upload the CSV"
                " file of Slack's member list.",
            )

    def check(self, context: ImportContext) -> None:
        """Report a file that is not a table."""
        try:
            if context.path is not None:
                _refuse_archive(context)
        except SourceError as error:
            context.report.warn(str(error.code), error.message)


def _refuse_archive(context: ImportContext) -> None:
    if context.path is None:
        return
    if looks_like_zip(context.path):
        raise SourceError(
            "importer-wrong-archive",
            f"The file is a ZIP archive. Upload {_WANTED}, or choose another importer.",
        )
    with open_file(context.path) as stream:
        head = stream.read(4096)
        refuse_other_file_types(head, context.file_name, wanted=_WANTED)


def _member(cells: list[str]) -> UserRecord:
    username, email, status, *_flags, user_id, full_name, shown, _expiry = cells
    status = status.casefold()
    is_inactive = status.startswith("invited") or status == "deactivated"
    return UserRecord(
        import_ids=tuple(filter(None, (email, user_id))),
        username=username or None,
        emails=(email,),
        name=full_name or shown or username or None,
        is_bot=status == "bot",
        is_guest=status.endswith("guest"),
        is_deleted=True if is_inactive or _is_unclear(status) else None,
        roles=_ROLES.get(status, ()),
    )


def _is_unclear(status: str) -> bool:
    """Return whether a status, in lower case, is not one that Slack writes."""
    is_known = status.startswith("invited") or status in ("", "deactivated")
    return not (is_known or status.endswith(_MEMBERS))
