"""Previews of tables, for assigning their columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from imports_app.errors import SourceError
from imports_app.importers.base import ImportContext, Report
from imports_app.importers.csv.columns import (
    Arrangement,
    arranged,
    arrangement_of,
    header_key,
)
from imports_app.importers.csv.fields import ORDER, Table
from imports_app.importers.csv.reading import (
    ROOT_TABLES,
    is_direct,
    single_table,
)
from imports_app.importers.csv.records import RowReader
from imports_app.importers.csv.table_sources import (
    TableFile,
    Tables,
    is_slow_to_open,
    open_tables,
)
from imports_app.importers.reading_options import ReadingOptions
from imports_app.sources.csv_rows import Row
from imports_app.sources.limits import ArchiveLimits

_ROWS: Final = 6
_MOST_COLUMNS: Final = 40
_LONGEST_CELL: Final = 60


@dataclass(frozen=True, slots=True)
class TablePreview:
    """First rows of a table and its detected columns."""

    table: Table | None
    """`None` if a single table could not be detected by its columns."""
    file: str
    rows: list[list[str]]
    """First rows, with long cells cut."""
    header: list[str]
    """The first row, uncut."""
    places: dict[str, int]
    """Column index by field."""
    has_header: bool
    is_single: bool
    """Whether it is the only table, detected by its columns alone."""
    problem: str
    """Why the table cannot be read with these columns; empty if it can."""


def preview_tables(
    path: Path,
    limits: ArchiveLimits,
    options: ReadingOptions,
    single: Table | None = None,
) -> list[TablePreview]:
    """Return a preview of the first table of each kind.

    Args:
        path: The source.
        limits: Limits on the archive.
        options: Reading options.
        single: The table of a source with one table, if it was chosen by hand.

    Raises:
        SourceError: The source can't be read.
    """
    if is_slow_to_open(path, limits):
        raise SourceError(
            "importer-workbook-too-large",
            "The workbook is too large for a preview. Name the columns in the first row"
            " of each sheet, or save the sheets as CSV in UTF-8.",
        )
    context = ImportContext(path, limits, options=options)
    with open_tables(path, context) as tables:
        if tables.is_ours:
            return []
        if (bare := tables.single) is not None:
            return [_preview(tables, bare, single, is_single=True)]
        return [_preview(tables, file, table) for file, table in _first_files(tables)]


def headers_of(
    previews: list[TablePreview], options: ReadingOptions
) -> dict[str, dict[str, str]]:
    """Return columns that were assigned by name, by header key."""
    return {
        header_key(preview.table, preview.header): dict(columns)
        for preview in previews
        if preview.table is not None
        and (columns := options.columns.get(preview.table.value)) is not None
        and not all(map(str.isdecimal, columns.values()))
        and not preview.problem
    }


def _first_files(tables: Tables) -> Iterator[tuple[TableFile, Table]]:
    met: set[Table] = set()
    for file in tables.files():
        if file.root:
            table = ROOT_TABLES.get(file.root)
        else:
            table = Table.DIRECT if is_direct(file) else Table.MESSAGES
        if table is not None and table not in met:
            met.add(table)
            yield file, table


def _preview(
    tables: Tables, file: TableFile, table: Table | None, *, is_single: bool = False
) -> TablePreview:
    reader = RowReader(file.name, Report())
    problem = ""
    with tables.rows(file, reader) as rows:
        head = [row for row in islice(rows, _ROWS) if isinstance(row, Row)]
    first = head[0].cells if head else []
    arrangement: Arrangement | None = None
    try:
        if table is None:
            table = single_table(tables, file)
        if table is not None and first:
            reader.file = file.name or f"{table.value}.csv"
            arrangement = arrangement_of(first, table, reader.file, tables.options)
            next(arranged(iter(head), table, reader, tables.options), None)
    except SourceError as error:
        problem = error.message
    order = {} if table is None else _in_order(table, len(first))
    return TablePreview(
        table=table,
        file=file.name,
        rows=[
            [cell[:_LONGEST_CELL] for cell in row.cells[:_MOST_COLUMNS]] for row in head
        ],
        header=first,
        places=order if arrangement is None else dict(arrangement.places),
        has_header=arrangement is not None and arrangement.has_header,
        is_single=is_single,
        problem=problem,
    )


def _in_order(table: Table, width: int) -> dict[str, int]:
    return {field: index for index, field in enumerate(ORDER[table]) if index < width}
