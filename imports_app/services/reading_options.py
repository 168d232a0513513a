"""How files are read: what their senders say, and what they said before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from accounts.models import User
from imports_app.engine.jobs import limits
from imports_app.errors import InvalidOptionError, SourceError
from imports_app.importers.base import Importer
from imports_app.importers.csv.preview import headers_of, preview_tables
from imports_app.importers.reading_options import ReadingOptions
from imports_app.models import AssignedColumns


def refuse_options(importer: type[Importer], options: ReadingOptions) -> None:
    """Refuse options that the importer does not have.

    Raises:
        InvalidOptionError: There is such an option.
    """
    if surplus := sorted(options.names - importer.options):
        msg = f"The importer {importer.key} has no option {surplus[0]}: leave it out."
        raise InvalidOptionError(msg)


def with_remembered(
    importer: type[Importer], options: ReadingOptions, user: User | None
) -> ReadingOptions:
    """Return the options with the columns that a user assigned in earlier imports."""
    if user is None or "columns" not in importer.options:
        return options
    return replace(options, remembered=AssignedColumns.objects.of(user))


def remember_columns(path: Path, options: ReadingOptions, user: User | None) -> None:
    """Keep the columns that a user assigned, for the next files with such headers."""
    if user is None or not options.columns:
        return
    try:
        previews = preview_tables(path, limits(), options)
    except SourceError:
        return  # the import says why
    AssignedColumns.objects.remember(user, headers_of(previews, options))
