"""Counts of records in bounded time: a sample of the files, then an estimate."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, Final

from imports_app.errors import SourceError
from imports_app.importers.base import Report
from imports_app.importers.csv.columns import arrangement_of
from imports_app.importers.csv.fields import Table
from imports_app.importers.csv.records import RowReader
from imports_app.importers.csv.table_sources import Rows, text_rows
from imports_app.importers.detection.kinds import Count
from imports_app.importers.reading_options import ReadingOptions
from imports_app.sources.archives import Archive
from imports_app.sources.csv_rows import Row
from imports_app.sources.entry_table import Entry, EntryTable
from imports_app.sources.json_streams import DamagedJsonError, read_array

SAMPLE_BYTES: Final = 4_000_000
"""Maximum bytes that are read of the files of one kind."""
_MOST_FILES: Final = 100
"""Maximum number of files of one kind that are opened."""

CountItems = Callable[[BinaryIO, Entry], int]
"""Counts the records of an opened file."""


class Sample(io.RawIOBase):
    """Beginning of a stream that counts the bytes that were read."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self.taken = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, up to the limit."""
        view = memoryview(buffer)
        chunk = self._stream.read(min(len(view), self._limit - self.taken))
        view[: len(chunk)] = chunk
        self.taken += len(chunk)
        return len(chunk)


def count_in_files(
    archive: Archive, entries: EntryTable, count_items: CountItems
) -> Count | None:
    """Count the records in files of an archive, from a sample if there are many.

    Returns:
        The number; `None` if nothing of the files can be read.
    """
    total, left = entries.total_size, SAMPLE_BYTES
    step = max(-(-len(entries) // _MOST_FILES), -(-total // SAMPLE_BYTES), 1)
    number = taken = 0
    is_damaged = False
    for index, entry in enumerate(entries):
        if index % step or left <= 0:
            continue
        try:
            with archive.read(entry) as stream:
                sample = Sample(stream, left)
                number += count_items(io.BufferedReader(sample), entry)
        except SourceError:  # the importer reports it
            is_damaged = True
            continue
        taken += min(entry.size, sample.taken)
        left -= sample.taken
    if total == taken and not is_damaged:
        return Count(number)
    return Count(round(number * total / taken), is_estimate=True) if taken else None


def count_json(is_counted: Callable[[Any], bool]) -> CountItems:
    """Return a counter of the elements of a JSON array that match a condition."""

    def count(stream: BinaryIO, entry: Entry) -> int:
        number = 0
        with suppress(DamagedJsonError):  # also where the sample ends
            for element in read_array(stream, entry.size):
                number += is_counted(element)
        return number

    return count


def count_lines(kind: str) -> CountItems:
    """Return a counter of the lines of a JSONL export with objects of a kind."""
    start = b'{"kind":"%b"' % kind.encode()

    def count(stream: BinaryIO, entry: Entry) -> int:
        number = 0
        while line := stream.readline(SAMPLE_BYTES):
            number += line.startswith(start)
        return number

    return count


def count_text_rows(table: Table, options: ReadingOptions) -> CountItems:
    """Return a counter of the rows of a text table, without its header."""

    def count(stream: BinaryIO, entry: Entry) -> int:
        reader = RowReader(entry.name, Report())
        return count_rows(text_rows(stream, reader, options), table, options)

    return count


def count_rows(rows: Rows, table: Table | None, options: ReadingOptions) -> int:
    """Count the rows of a table, without its header."""
    first = next(rows, None)
    if first is None:
        return 0
    has_header = (
        table is not None
        and isinstance(first, Row)
        and _has_header(first, table, options)
    )
    return sum(1 for _row in rows) + (not has_header)


def _has_header(row: Row, table: Table, options: ReadingOptions) -> bool:
    with suppress(SourceError):  # an assigned column is missing
        found = arrangement_of(row.cells, table, "", options)
        return found is not None and found.has_header
    return False
