"""Options for reading tables: delimiter, encoding and assigned columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from imports_app.errors import InvalidOptionError
from imports_app.importers.csv.fields import FIELDS

DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
"""Characters that separate columns, by name."""
ENCODINGS: Final = (
    *("utf-8", "utf-16", "windows-1250", "windows-1251", "windows-1252"),
    *("windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257"),
    *("iso-8859-1", "iso-8859-2", "iso-8859-15", "koi8-r", "mac-roman"),
    *("shift-jis", "euc-jp", "gb18030", "big5", "euc-kr"),
)
_LONGEST_COLUMN: Final = 200
"""Maximum characters of a column's name."""
MOST_COLUMNS: Final = 100
"""Maximum number of columns that are matched with header names or assigned."""

Columns = Mapping[str, Mapping[str, str]]
"""For each table, the column of each field: its name in the first row, or its number
from 1."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """Options that the uploader gave for a file; empty options are detected."""

    delimiter: str = ""
    """The character that separates columns."""
    encoding: str = ""
    columns: Columns = field(default_factory=dict)
    remembered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Columns that the uploader assigned in earlier imports, by `header_key`."""

    @classmethod
    def of(
        cls, delimiter: str = "", encoding: str = "", columns: Iterable[str] = ()
    ) -> Self:
        """Create options from texts.

        Args:
            delimiter: A key or a value of `DELIMITERS`.
            encoding: One of `ENCODINGS`.
            columns: Assignments such as `users.email=Mail` or `messages.time=3`.

        Raises:
            InvalidOptionError: A text is not a valid option.
        """
        return cls(
            delimiter=_delimiter(delimiter),
            encoding=_encoding(encoding),
            columns=_columns(columns),
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Restore options from stored JSON data."""
        return cls(**stored)

    def as_json(self) -> dict[str, Any]:
        """Return the options that are set, as JSON data."""
        options = {
            "delimiter": self.delimiter,
            "encoding": self.encoding,
            "columns": {table: dict(named) for table, named in self.columns.items()},
            "remembered": {key: dict(named) for key, named in self.remembered.items()},
        }
        return {name: value for name, value in options.items() if value}

    @property
    def names(self) -> set[str]:
        """Names of the options that the uploader gave."""
        return set(self.as_json()) - {"remembered"}


DETECTED: Final = ReadingOptions()
"""Options that detect everything."""


def _delimiter(text: str) -> str:
    found = DELIMITERS.get(text.lower(), text)
    if found and found not in DELIMITERS.values():
        msg = f"{text[:20]!r} is not a delimiter. Use {_either(DELIMITERS)}."
        raise InvalidOptionError(msg)
    return found


def _encoding(text: str) -> str:
    found = text.lower().replace("_", "-")
    if found and found not in ENCODINGS:
        msg = f"{text[:40]!r} is not a known encoding. Use {_either(ENCODINGS)}."
        raise InvalidOptionError(msg)
    return found


def _columns(texts: Iterable[str]) -> Columns:
    columns: dict[str, dict[str, str]] = {}
    for text in texts:
        place, equals, column = text.partition("=")
        table, _dot, name = place.strip().partition(".")
        column = column.strip()
        if not equals or not column or name not in FIELDS.get(table, ()):
            msg = (
                f"{text[:80]!r} is not a column assignment. Use TABLE.FIELD=COLUMN,"
                " such as users.email=Mail or messages.time=3. The fields are"
                f" {_known_fields()}."
            )
            raise InvalidOptionError(msg)
        if len(column) > _LONGEST_COLUMN or (
            column.isdecimal() and not 1 <= int(column) <= MOST_COLUMNS
        ):
            msg = (
                f"{column[:20]!r} is not a column. Use its name (at most"
                f" {_LONGEST_COLUMN} characters) or its number (1 to"
                f" {MOST_COLUMNS})."
            )
            raise InvalidOptionError(msg)
        columns.setdefault(table, {})[name] = column
    return columns


def _either(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"


def _known_fields() -> str:
    return ", ".join(f"{table}.{name}" for table in FIELDS for name in FIELDS[table])
