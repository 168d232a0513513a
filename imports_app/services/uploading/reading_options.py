"""Reading options: validation and remembered column assignments."""

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


def check_options(importer: type[Importer], options: ReadingOptions) -> None:
    """Check that the importer supports the options.

    Raises:
        InvalidOptionError: An option is not supported.
    """
    if unsupported := sorted(options.names - importer.options):
        msg = (
            f"The importer {importer.key} does not support the option"
            f" {unsupported[0]}. Remove it."
        )
        raise InvalidOptionError(msg)


def add_remembered_columns(
    importer: type[Importer], options: ReadingOptions, user: User | None
) -> ReadingOptions:
    """Return the options with the columns that the user assigned in earlier imports."""
    if user is None or "columns" not in importer.options:
        return options
    return replace(options, remembered=AssignedColumns.objects.of(user))


def remember_columns(path: Path, options: ReadingOptions, user: User | None) -> None:
    """Store the user's column assignments for files with the same header."""
    if user is None or not options.columns:
        return
    try:
        previews = preview_tables(path, limits(), options)
    except SourceError:
        return  # the import reports the error
    AssignedColumns.objects.remember(user, headers_of(previews, options))
