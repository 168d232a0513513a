"""Detection of single tables by their columns, and of workbooks."""

from __future__ import annotations

import io
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Final

from imports_app.importers.base import ImportContext, Report
from imports_app.importers.csv.archive import CsvImporter
from imports_app.importers.csv.columns import is_member_list, table_of
from imports_app.importers.csv.fields import Table
from imports_app.importers.csv.reading import BARE_MESSAGES
from imports_app.importers.csv.records import RowReader
from imports_app.importers.csv.table_sources import (
    Rows,
    is_slow_to_open,
    open_tables,
    text_rows,
)
from imports_app.importers.detection.counting import SAMPLE_BYTES, Sample, count_rows
from imports_app.importers.detection.kinds import (
    Count,
    Detection,
    not_recognized,
    table_of_file,
    unit_of_table,
)
from imports_app.importers.reading_options import ReadingOptions
from imports_app.importers.slack.member_list import SlackUsersImporter
from imports_app.sources.archives import open_file
from imports_app.sources.csv_rows import BadRow, Row
from imports_app.sources.limits import ArchiveLimits

_HEAD_ROWS: Final = 20
_USUAL: Final = 0.6
"""Share of rows that have the same number of cells in a table."""
_WORKBOOK: Final = "an Excel workbook"
_UNKNOWN_COLUMNS: Final = (
    "Its columns are not recognized: assign them after the upload."
)


def detect_text_table(path: Path, options: ReadingOptions) -> Detection:
    """Detect the table of a text file, and estimate its rows from a sample.

    Raises:
        SourceError: The file is not a table, or has messages without a room.
    """
    with open_file(path) as stream:
        sample = Sample(stream, SAMPLE_BYTES)
        reader = RowReader("", Report())
        rows = text_rows(io.BufferedReader(sample), reader, options)
        found = _of_rows(rows, options, "a CSV table")
    size = path.stat().st_size
    if sample.taken >= size:
        return found
    counts = {
        unit: Count(round(count.number * size / sample.taken), is_estimate=True)
        for unit, count in found.counts.items()
    }
    return Detection(found.importer_key, found.kind, counts, found.advice)


def detect_workbook(
    path: Path, limits: ArchiveLimits, options: ReadingOptions
) -> Detection:
    """Detect the tables of a workbook; those of a large one are not counted.

    Raises:
        SourceError: The workbook is damaged, or has only messages without a room.
    """
    if is_slow_to_open(path, limits):
        return Detection.of(CsvImporter.key, _WORKBOOK, {})
    with open_tables(path, ImportContext(path, limits, options=options)) as tables:
        if (single := tables.single) is not None:
            with tables.rows(single, RowReader(single.name, Report())) as rows:
                return _of_rows(rows, options, _WORKBOOK)
        numbers: Counter[str] = Counter()
        for sheet in tables.files():
            if (table := table_of_file(sheet)) is not None:
                with tables.rows(sheet, RowReader(sheet.name, Report())) as rows:
                    numbers[unit_of_table(table)] += count_rows(rows, table, options)
    counts = {unit: Count(number) for unit, number in numbers.items()}
    return Detection.of(CsvImporter.key, _WORKBOOK, counts)


def _of_rows(rows: Rows, options: ReadingOptions, kind: str) -> Detection:
    head = list(islice(rows, _HEAD_ROWS))
    good = [row.cells for row in head if isinstance(row, Row)]
    rest = sum(1 for _row in rows)
    if good and is_member_list(good[0]):
        count = Count(len(head) - 1 + rest)
        member_list = "Slack's member list"
        return Detection.of(SlackUsersImporter.key, member_list, {"users": count})
    table = table_of(head, options)
    if table in (Table.MESSAGES, Table.DIRECT):
        raise BARE_MESSAGES
    number = count_rows(iter(head), table, options) + rest
    if table is not None:
        counts = {unit_of_table(table): Count(number)}
        return Detection.of(CsvImporter.key, kind, counts)
    if not _is_regular(head):
        raise not_recognized("a text without columns" if good else "not a table")
    counts = {"rows": Count(number)}
    return Detection.of(CsvImporter.key, kind, counts, _UNKNOWN_COLUMNS)


def _is_regular(rows: list[Row | BadRow]) -> bool:
    """Return whether most rows have the same number of cells, at least two."""
    widths = Counter(len(row.cells) for row in rows if isinstance(row, Row))
    if not widths:
        return False
    width, number = widths.most_common(1)[0]
    return width > 1 and number >= _USUAL * len(rows)
