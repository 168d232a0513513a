"""Untrusted XML: checked in one pass, within limits of memory and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NoReturn, Protocol
from xml.parsers import expat

from imports_app.errors import SourceError

_CHUNK: Final = 64 * 1024
_MOST_ROW_ELEMENTS: Final = 4_000_000
"""Maximum row elements in all sheets: 400,000 rows of three columns. They are read
within the time of a lease (`imports_app.engine.lease`)."""
_MOST_OTHERS: Final = 50_000
"""Maximum other elements, such as styles: openpyxl creates a large object for each."""
_MOST_STRINGS: Final = 500_000
"""Maximum elements of the table of shared texts."""
_MOST_STRING_BYTES: Final = 100_000_000
_MOST_IN_ROW: Final = 60_000
"""Maximum elements of one row; Excel has 16,384 columns."""
_LONGEST: Final = 1_000_000
"""Maximum characters of one text, and bytes of one tag."""
_DEEPEST: Final = 64


class _Writable(Protocol):
    def write(self, data: bytes, /) -> Any: ...


@dataclass(slots=True)
class XmlBudget:
    """Totals of all parts of a workbook."""

    row_elements: int = 0
    others: int = 0
    strings: int = 0
    uncalculated: int = 0
    """Formulas without a stored result."""

    def refuse_excess(self) -> None:
        """Check the totals against the limits.

        Raises:
            SourceError: A limit is exceeded.
        """
        if (
            self.row_elements > _MOST_ROW_ELEMENTS
            or self.others > _MOST_OTHERS
            or self.strings > _MOST_STRINGS
        ):
            _refuse()


def copy_checked(stream: BinaryIO, part: _Writable, budget: XmlBudget) -> None:
    """Copy a part while checking it, up to the first syntax error.

    The copy contains nothing that was not checked.

    Raises:
        SourceError: A limit is exceeded.
    """
    check = _Check(budget)
    while chunk := stream.read(_CHUNK):
        if not check.feed(chunk):
            return
        part.write(chunk)


class _Check:
    """Counter of elements that a parser would create objects for."""

    def __init__(self, budget: XmlBudget) -> None:
        self._budget = budget
        self._depth = self._row_depth = self._in_row = self._length = self._fed = 0
        self._is_strings = self._has_formula = False
        self._is_value = self._has_value = False
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> bool:
        """Check a chunk; return whether the part is valid XML so far."""
        try:
            self._parser.Parse(chunk)
        except expat.ExpatError:
            return False
        self._fed += len(chunk)
        is_open = self._fed - max(self._parser.CurrentByteIndex, 0) > _LONGEST + _CHUNK
        if is_open or (self._is_strings and self._fed > _MOST_STRING_BYTES):
            _refuse()
        self._budget.refuse_excess()
        return True

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._length = 0
        self._depth += 1
        if self._row_depth:
            self._in_row += 1
            self._budget.row_elements += 1
            if tag.endswith("}c"):
                self._has_formula = False
                self._has_value = attributes.get("t") == "str"  # may be empty
            elif tag.endswith("}f"):
                self._has_formula = True
            self._is_value = tag.endswith("}v")
            if self._in_row > _MOST_IN_ROW:
                _refuse()
        elif tag.endswith("}row"):
            self._row_depth = self._depth
            self._in_row = 0
            self._budget.row_elements += 1
        elif self._depth == 1:
            self._is_strings = tag.endswith("}sst")
        elif self._is_strings:
            self._budget.strings += 1
        else:
            self._budget.others += 1
        if self._depth > _DEEPEST:
            _refuse()

    def _end(self, tag: str) -> None:
        if self._row_depth:
            if self._has_formula and not self._has_value and tag.endswith("}c"):
                self._budget.uncalculated += 1
                self._has_formula = False
            if self._row_depth == self._depth:
                self._row_depth = 0
        self._is_value = False
        self._length = 0
        self._depth -= 1

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._is_value:
            self._has_value = True
        if self._length > _LONGEST:
            _refuse()

    def _doctype(self, *_declaration: object) -> None:
        _refuse()


def _refuse() -> NoReturn:
    raise SourceError(
        "importer-workbook-too-large",
        "The workbook has too many cells, texts or formats. Save its sheets as CSV in"
        " UTF-8.",
    )
