"""Mapping of a table's columns to fields: assigned, by header, or by order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, islice
from typing import Final

from imports_app.errors import SourceError
from imports_app.importers.csv.fields import (
    HARMLESS,
    KNOWN,
    NEEDED,
    OPTIONAL,
    ORDER,
    RANKS,
    Table,
    plain_name,
)
from imports_app.importers.csv.records import RowReader
from imports_app.importers.csv.times import read_time
from imports_app.importers.csv.values import inverted_room_type, room_type, status_of
from imports_app.importers.reading_options import MOST_COLUMNS, ReadingOptions
from imports_app.sources.csv_rows import BadRow, Row

_SAMPLE_ROWS: Final = 20
_MEMBER_LIST: Final = frozenset({"userid", "billing active", "has 2fa"})
"""Columns that only Slack's member list has."""
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Columns of a table's fields in a file."""

    places: Mapping[str, int]
    """Column index by field."""
    has_header: bool
    """Whether the first row is a header."""
    unknown: tuple[str, ...] = ()
    """Names of columns that are not imported."""
    is_remembered: bool = False
    """Whether the columns were assigned in an earlier import."""


def arranged(
    rows: Iterator[Row | BadRow],
    table: Table,
    reader: RowReader,
    options: ReadingOptions,
) -> Iterator[Row | BadRow]:
    """Yield the rows of a table with their cells in the documented order.

    With a header, columns can be in any order; the header itself is not yielded.

    Raises:
        SourceError: The header lacks a column, an assigned column is missing, or the
            second column of users has no e-mail addresses.
    """
    head = list(islice(rows, _SAMPLE_ROWS))
    first = next((row for row in head if isinstance(row, Row)), None)
    rest = chain(head, rows)
    if first is None:
        return rest
    arrangement = arrangement_of(first.cells, table, reader.file, options)
    if arrangement is None:
        _refuse_late_header(head, table, reader.file)
        if table is Table.USERS:
            _refuse_users_without_addresses(head, reader.file)
        return _without_optional(rest, table) if table in OPTIONAL else rest
    _refuse_incomplete(arrangement, table, reader.file)
    _note(arrangement, first, reader)
    return _reordered(rest, first, arrangement, table)


def arrangement_of(
    cells: Sequence[str], table: Table, file: str, options: ReadingOptions
) -> Arrangement | None:
    """Return the columns of a file; `None` for the documented order without a header.

    Args:
        cells: The first row.
        table: The table of the rows.
        file: The file's name, for messages.
        options: Reading options; assigned columns take precedence over the header.

    Raises:
        SourceError: An assigned column is not in the first row.
    """
    cells = cells[:MOST_COLUMNS]
    if (columns := options.columns.get(table.value)) is not None:
        return _assigned(cells, columns, table, file)
    remembered = options.remembered.get(header_key(table, cells))
    if remembered is not None:
        return _assigned(cells, remembered, table, file, is_remembered=True)
    return _recognised(cells, table)


def header_key(table: Table, cells: Sequence[str]) -> str:
    """Return the key under which assigned columns of a header are stored."""
    names = "\0".join((table.value, *map(plain_name, cells[:MOST_COLUMNS])))
    return blake2b(names.encode("utf-8", "replace"), digest_size=16).hexdigest()


def table_of(rows: Sequence[Row | BadRow], options: ReadingOptions) -> Table | None:
    """Detect the table of a single file by its columns; `None` if ambiguous.

    Raises:
        SourceError: The file is Slack's member list.
    """
    if len(options.columns) == 1:
        return Table(next(iter(options.columns)))
    good = [row.cells[:MOST_COLUMNS] for row in rows if isinstance(row, Row)]
    if not good:
        return None
    for table in Table:
        if header_key(table, good[0]) in options.remembered:
            return table
    if is_member_list(good[0]):
        raise SourceError(
            "importer-wrong-archive",
            "This is Slack's member list. Choose the importer Slack member list.",
        )
    for table in Table:
        header = _recognised(good[0], table)
        if header is not None and set(NEEDED[table]) <= header.places.keys():
            return table
    if _share(good, 1, _is_address) > 0.5:
        return Table.USERS
    if _share(good, 2, _is_time) > 0.5:
        return Table.DIRECT
    if _share(good, 1, _is_time) > 0.5:
        return Table.MESSAGES
    if _share(good, 2, lambda cell: bool(cell) and room_type(cell) is not None) > 0.5:
        return Table.CHANNELS
    return None


def is_member_list(cells: Sequence[str]) -> bool:
    """Return whether a first row is the header of Slack's member list."""
    return {plain_name(cell) for cell in cells[:MOST_COLUMNS]} >= _MEMBER_LIST


def _assigned(
    cells: Sequence[str],
    columns: Mapping[str, str],
    table: Table,
    file: str,
    *,
    is_remembered: bool = False,
) -> Arrangement:
    names = [plain_name(cell) for cell in cells]
    places: dict[str, int] = {}
    has_names = False
    for field, column in columns.items():
        if column.isdecimal():
            places[field] = int(column) - 1
            continue
        has_names = True
        if plain_name(column) not in names:
            raise SourceError(
                "importer-columns-unknown",
                f"{file}: the first row has no column {column!r}. Its columns are"
                f" {_listed(cells)}.",
            )
        places[field] = names.index(plain_name(column))
    used = set(places.values())
    has_header = has_names or _is_header(cells, places, table)
    others = (cell.strip() for index, cell in enumerate(cells) if index not in used)
    unknown = tuple(filter(None, others)) if has_header else ()
    return Arrangement(places, has_header, unknown, is_remembered)


def _is_header(cells: Sequence[str], places: Mapping[str, int], table: Table) -> bool:
    """Return whether the first row is a header when columns are assigned by number."""
    if _recognised(cells, table) is not None:
        return True
    telling = {Table.USERS: "email", Table.CHANNELS: ""}.get(table, "time")
    place = places.get(telling, len(cells))
    cell = cells[place].strip() if place < len(cells) else ""
    if table is Table.USERS:
        return bool(cell) and "@" not in cell
    return bool(cell) and not any(map(str.isdigit, cell))


def _recognised(cells: Sequence[str], table: Table) -> Arrangement | None:
    """Return the columns that a header names; `None` if the row is not a header."""
    known, ranks = KNOWN[table], RANKS[table]
    names = [plain_name(cell) for cell in cells]
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        field = known.get(name)
        if field and (field not in places or ranks[name] < ranks[names[places[field]]]):
            places[field] = index
    used = set(places.values())
    others = [cell.strip() for index, cell in enumerate(cells) if index not in used]
    is_whole = _lacks_nothing(places, table)
    looks_like_data = any(
        "@" in cell or (cell.isdecimal() and not is_whole) for cell in others
    )
    is_alone = len(cells) == 1 and table is Table.USERS
    # Other tables may have a status as well.
    telling = len(places.keys() - {"active", "deactivated"})
    if looks_like_data or telling < (1 if is_alone else 2):
        return None
    return Arrangement(places, has_header=True, unknown=tuple(filter(None, others)))


def _lacks_nothing(places: Collection[str], table: Table) -> bool:
    if table is Table.USERS:
        return "username" in places or "email" in places
    return set(NEEDED[table]) <= set(places)


def _refuse_incomplete(arrangement: Arrangement, table: Table, file: str) -> None:
    places = arrangement.places
    missing = [field for field in NEEDED[table] if field not in places]
    if table is Table.USERS and not _lacks_nothing(places, table):
        missing = ["username or email"]
    if missing:
        raise SourceError(
            "importer-columns-unknown",
            f"{file}: no column found for {', '.join(missing)}. Name the columns"
            f" {', '.join(ORDER[table])} in the first row, or assign them.",
        )
    if table is Table.CHANNELS and arrangement.has_header:
        _refuse_unknown_privacy(arrangement, file)


def _refuse_unknown_privacy(arrangement: Arrangement, file: str) -> None:
    """Reject a list of rooms in which an unknown column may mark private rooms."""
    says = {"type", "public"} & arrangement.places.keys()
    others = [name for name in arrangement.unknown if plain_name(name) not in HARMLESS]
    known = [name for name in others if KNOWN[Table.CHANNELS].get(plain_name(name))]
    if len(says) == 2 or (says and known) or (not says and others):
        raise SourceError(
            "importer-columns-unknown",
            f"{file}: it is not clear which column says whether a room is private."
            ' Name it "type" or assign it; its values are "private" or "public".'
            f" Unclear columns: {_listed(others or list(says))}.",
        )


def _refuse_late_header(head: list[Row | BadRow], table: Table, file: str) -> None:
    """Refuse tables whose header is not the first row, such as below a title."""
    for row in head[1:]:
        if (
            isinstance(row, Row)
            and (found := _recognised(row.cells[:MOST_COLUMNS], table)) is not None
            and len(found.places) > 1
            and _lacks_nothing(found.places, table)
        ):
            raise SourceError(
                "importer-columns-unknown",
                f"{file}: line {row.line} names the columns. Remove the lines before"
                " it.",
            )


def _refuse_users_without_addresses(head: list[Row | BadRow], file: str) -> None:
    """Refuse users whose second column mostly holds something other than addresses.

    If only the first row has no address there, it is an unknown header.
    """
    rows = [row.cells for row in head if isinstance(row, Row)]
    seconds = [
        cells[1].strip() for cells in rows if len(cells) > 1 and cells[1].strip()
    ]
    if len(rows[0]) > 1 and rows[0][1].strip() and "@" not in rows[0][1]:
        raise SourceError(
            "importer-columns-unknown",
            f"{file}: the first row looks like a header with unknown column names:"
            f" {_listed(rows[0])}. Assign the columns, or name them username, email,"
            " name.",
        )
    if seconds and sum("@" not in text for text in seconds) > len(seconds) / 2:
        raise SourceError(
            "importer-columns-unknown",
            f"{file}: the second column must hold e-mail addresses, but contains"
            f" {seconds[0][:40]!r}. Name the columns username, email, name in the first"
            " row, or assign them.",
        )


def _note(arrangement: Arrangement, first: Row, reader: RowReader) -> None:
    warn = reader.report.warn
    if arrangement.has_header:
        warn(
            "importer-header-row",
            "The first row was read as column names.",
            file=reader.file,
            line=first.line,
        )
    if arrangement.is_remembered:
        warn(
            "importer-columns-remembered",
            "The columns were read as assigned in an earlier import.",
            file=reader.file,
            line=first.line,
        )
    if arrangement.unknown:
        warn(
            "importer-columns-not-imported",
            f"These columns are not imported: {_listed(arrangement.unknown)}.",
            file=reader.file,
            line=first.line,
        )


def _reordered(
    rows: Iterator[Row | BadRow], first: Row, arrangement: Arrangement, table: Table
) -> Iterator[Row | BadRow]:
    wanted = (*ORDER[table], *OPTIONAL.get(table, ()))
    places = arrangement.places
    joins_names = table is Table.USERS and "name" not in places
    for row in rows:
        if row is first and arrangement.has_header:
            continue
        if not isinstance(row, Row):
            yield row
            continue
        cells = row.cells
        values = {
            field: cells[index] for field, index in places.items() if index < len(cells)
        }
        if "public" in values:
            values["type"] = inverted_room_type(values["public"])
        if "deactivated" in values:
            said = values.get("active", "").strip(), values["deactivated"].strip()
            values["active"] = status_of(*said)
        if joins_names:
            parts = (values.get("first_name", ""), values.get("last_name", ""))
            values["name"] = " ".join(filter(None, map(str.strip, parts)))
        # Without column names, further columns may be the rest of a text.
        unnamed = cells[len(first.cells) :] if arrangement.has_header else []
        yield Row(row.line, [*(values.get(field, "") for field in wanted), *unnamed])


def _without_optional(
    rows: Iterator[Row | BadRow], table: Table
) -> Iterator[Row | BadRow]:
    """Yield rows in the documented order, with empty cells for optional fields."""
    width, empty = len(ORDER[table]), [""] * len(OPTIONAL[table])
    for row in rows:
        if isinstance(row, Row):
            known = [*row.cells, *[""] * width][:width]
            row = Row(row.line, [*known, *empty, *row.cells[width:]])
        yield row


def _listed(cells: Sequence[str]) -> str:
    return ", ".join(cell.strip()[:40] for cell in cells[:_MOST_NAMED])


def _share(rows: list[list[str]], column: int, is_such: Callable[[str], bool]) -> float:
    found = sum(len(row) > column and is_such(row[column]) for row in rows)
    return found / len(rows)


def _is_address(cell: str) -> bool:
    return "@" in cell and " " not in cell.strip()


def _is_time(cell: str) -> bool:
    return read_time(cell).milliseconds is not None
