"""Result of a detection: the importer, and the estimated content of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from imports_app.errors import SourceError
from imports_app.importers.csv.fields import Table
from imports_app.importers.csv.reading import ROOT_TABLES, is_direct
from imports_app.importers.csv.table_sources import TableFile

DETECTED_KIND: Final = "importer-detected"
"""Code of the report's note that names the detected kind."""
ACCEPTED: Final = (
    "a Slack export, an archive of CSV tables or an export of an import server (ZIP), a"
    " CSV table, the CSV file of Slack's member list, or an Excel workbook (.xlsx)"
)
"""Accepted files, for messages."""
OWN_EXPORT: Final = "an export of an import server"
"""Kind of a JSONL export."""
OBJECTS: Final = {"users": "user", "rooms": "room", "messages": "message"}
"""Kinds of the objects in a JSONL export, by unit."""
_UNITS: Final = {
    "users": ("user", "users"),
    "rooms": ("room", "rooms"),
    "messages": ("message", "messages"),
    "rows": ("row", "rows"),
}
"""Singular and plural of the counted units, in the order of the text."""


@dataclass(frozen=True, slots=True)
class Count:
    """Number of records, exact or estimated from a sample."""

    number: int
    is_estimate: bool = False

    def __str__(self) -> str:
        if not self.is_estimate:
            return f"{self.number:,}"
        unit = 10 ** max(len(str(self.number)) - 2, 0)
        return f"about {round(self.number / unit) * unit:,}"


def add_counts(one: Count | None, other: Count | None) -> Count | None:
    """Return the sum of two numbers; `None` if one of them is unknown."""
    if one is None or other is None:
        return None
    is_estimate = one.is_estimate or other.is_estimate
    return Count(one.number + other.number, is_estimate)


@dataclass(frozen=True, slots=True)
class Detection:
    """Kind of a file, and the importer that reads it."""

    importer_key: str
    kind: str
    """The kind with its article, such as `a Slack export`."""
    counts: Mapping[str, Count]
    """Numbers by `users`, `rooms`, `messages` or `rows`; unknown ones are missing."""
    advice: str = ""
    """What to do before the file can be imported, as a sentence."""

    @classmethod
    def of(
        cls,
        importer_key: str,
        kind: str,
        counts: Mapping[str, Count | None],
        advice: str = "",
    ) -> Self:
        """Create a detection without the numbers that are unknown."""
        known = {
            unit: count for unit in _UNITS if (count := counts.get(unit)) is not None
        }
        return cls(importer_key, kind, known, advice)

    @property
    def text(self) -> str:
        """The kind and the numbers as a sentence, and the advice."""
        parts = [
            f"{count} {_UNITS[unit][count.number != 1]}"
            for unit, count in self.counts.items()
        ]
        contents = ", ".join(parts[:-1]) + " and " * (len(parts) > 1)
        contents = f" with {contents}{parts[-1]}" if parts else ""
        return f"This looks like {self.kind}{contents}. {self.advice}".rstrip()


def table_of_file(file: TableFile) -> Table | None:
    """Return the table that a file of an archive, or a sheet, holds by its name."""
    if file.root:
        return ROOT_TABLES.get(file.root)
    return Table.DIRECT if is_direct(file) else Table.MESSAGES


def unit_of_table(table: Table) -> str:
    """Return the unit of a table's rows."""
    return {Table.USERS: "users", Table.CHANNELS: "rooms"}.get(table, "messages")


def not_recognized(found: str) -> SourceError:
    """Return the error of a file that no importer reads.

    Args:
        found: What the file is, with its article.
    """
    return SourceError(
        "importer-kind-unknown",
        f"The file was not recognized: it is {found}. Upload {ACCEPTED}.",
    )
