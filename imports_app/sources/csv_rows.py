"""Tolerant CSV reader: a bad line never fails the whole file (importers.md 2.2).

Accepts everything that csv-parse accepts, and also: a byte order mark, blank lines,
white space before quotes, stray quotes, rows of different length, mixed line endings,
other delimiters and encodings, and single lines in Windows-1252.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, Final, NamedTuple

from imports_app.sources.dialects import SAMPLE_BYTES, detect_dialect

LONGEST_LINE: Final = 1_000_000
"""Maximum characters of a line and of a quoted field."""
_MOST_LINES: Final = 10_000


class _Marks(NamedTuple):
    """Delimiter and quote, with patterns derived from them."""

    delimiter: str
    quote: str
    between: str
    """Separator between two quoted cells."""
    enclosed: re.Pattern[str]
    stays_open: re.Pattern[str]
    open: re.Pattern[str]


@cache
def _marks(delimiter: str, quote: str) -> _Marks:
    blank = "[ ]*+" if delimiter == "\t" else r"[ \t]*+"
    inside = f"(?:[^{quote}]++|{quote}{quote})*+"
    return _Marks(
        delimiter,
        quote,
        f"{quote}{delimiter}{quote}",
        re.compile(
            f"{blank}{quote}({inside}){quote}{blank}(?:{re.escape(delimiter)}|$)"
        ),
        re.compile(inside),
        re.compile(f"{blank}{quote}({inside})$"),
    )


@dataclass(slots=True)  # not frozen: creating rows would take twice as long
class Row:
    """Row with the number of its first line, from 1."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """Invalid row, with the reason."""

    line: int
    cells: list[str]
    code: str
    message: str


Guess = Callable[[str, str, int], None]
"""Callback with code, message and line of a guess."""


def read_rows(
    stream: BinaryIO, guess: Guess, *, delimiter: str = "", encoding: str = ""
) -> Iterator[Row | BadRow]:
    """Yield the rows that are not empty.

    Args:
        stream: The file's bytes.
        guess: Called for each guess.
        delimiter: Delimiter of columns; empty to detect it.
        encoding: Python's name of the encoding; empty to detect it.
    """
    sample = stream.read(SAMPLE_BYTES)
    found = detect_dialect(sample, delimiter=delimiter, encoding=encoding)
    for code, message in found.guesses:
        guess(code, message, 1)
    marks = _marks(found.delimiter, found.quote)
    delimiter, quote = found.delimiter, found.quote
    lines = _Lines(sample, stream, found.encoding, guess)
    if found.has_separator_line:
        lines.next()
    while (first := lines.next()) is not None:
        number, text, problem = first
        if problem is not None:
            yield BadRow(number, text.split(delimiter)[:10], *problem)
        elif quote not in text:
            if text and not text.isspace():
                yield Row(number, text.split(delimiter))
        else:
            yield Row(number, _split(text, lines, number, guess, marks))


_NUL: Final = (
    "importer-row-nul",
    "The line contains NUL bytes, so it is not text. Export the file again.",
)
_TOO_LONG: Final = (
    "importer-row-too-long",
    f"The line has more than {LONGEST_LINE:,} characters. Split it.",
)


class _Lines:
    """Iterator over numbered lines, with look-ahead."""

    def __init__(
        self, head: bytes, stream: BinaryIO, encoding: str, guess: Guess
    ) -> None:
        raw = io.BufferedReader(_PrefixedStream(head, stream), 256 * 1024)
        # Invalid UTF-8 is kept here and decoded as Windows-1252 later.
        errors = "surrogateescape" if encoding == "utf-8" else "replace"
        self._text = io.TextIOWrapper(raw, encoding, errors=errors)
        self._guess = guess
        self._number = 0
        self._ahead: list[tuple[int, str, tuple[str, str] | None]] = []
        self._has_guessed = False

    def next(self) -> tuple[int, str, tuple[str, str] | None] | None:
        """Return the next line's number, text and problem; `None` at the end.

        Empty lines are skipped, except those that `look_ahead` has read.
        """
        if self._ahead:
            return self._ahead.pop(0)
        readline = self._text.readline
        while (text := readline(LONGEST_LINE + 1)) == "\n":
            self._number += 1
        return self._checked(text)

    def look_ahead(self, index: int) -> tuple[int, str, tuple[str, str] | None] | None:
        """Return a following line without consuming it."""
        while len(self._ahead) <= index:
            line = self._checked(self._text.readline(LONGEST_LINE + 1))
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[index]

    def skip(self, count: int) -> None:
        """Skip lines that `look_ahead` has read."""
        del self._ahead[:count]

    def _checked(self, text: str) -> tuple[int, str, tuple[str, str] | None] | None:
        if not text:
            return None
        self._number += 1
        number, problem = self._number, None
        if text.endswith("\n"):
            text = text[:-1]
        elif len(text) > LONGEST_LINE:
            self._skip_line()
            text, problem = text[:200], _TOO_LONG
        if not text.isascii():
            text = self._decode_mixed(text, number)
        if "\0" in text:  # databases cannot store it
            text, problem = text.replace("\0", "\ufffd"), problem or _NUL
        return number, text, problem

    def _skip_line(self) -> None:
        while (rest := self._text.readline(LONGEST_LINE)) and not rest.endswith("\n"):
            pass

    def _decode_mixed(self, text: str, number: int) -> str:
        """Return the text, with invalid UTF-8 decoded as Windows-1252."""
        if number == 1:
            text = text.removeprefix("\ufeff")
        try:
            text.encode()
        except UnicodeEncodeError:
            raw = text.encode("utf-8", "surrogateescape")
            text = raw.decode("cp1252", "replace")
            if not self._has_guessed:
                self._has_guessed = True
                self._guess(
                    "importer-encoding",
                    "The file is not in UTF-8 and was read as Windows-1252. Check its"
                    " special characters, or save it in UTF-8.",
                    number,
                )
        return text


class _PrefixedStream(io.RawIOBase):
    """Stream with its first bytes put back."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer, with the first bytes first."""
        view = memoryview(buffer)  # type: ignore[arg-type] # as io gives it
        chunk = self._head[: len(view)]
        if chunk:
            self._head = self._head[len(chunk) :]
        else:
            chunk = self._rest.read(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)


def _split(
    text: str, lines: _Lines, number: int, guess: Guess, marks: _Marks
) -> list[str]:
    """Return the cells of a row with quotes, which may span several lines."""
    delimiter, quote = marks.delimiter, marks.quote
    if text[0] == text[-1] == quote:
        plain = text[1:-1].split(marks.between)
        if text.count(quote) == 2 * len(plain):  # quotes around whole cells only
            return plain
    cells: list[str] = []
    position = spent = 0
    while True:
        if (match := marks.enclosed.match(text, position)) is not None:
            cells.append(match[1].replace(quote * 2, quote))
            is_last = not match[0].endswith(delimiter)
        elif (
            marks.open.match(text, position) is not None
            and (longer := _joined(text[position:], spent + position, lines, marks))
            is not None
        ):
            # Without the cells before it: copying them for each line would be quadratic
            spent += position
            text, position = longer, 0
            continue
        else:
            end = text.find(delimiter, position)
            cell = text[position:] if end < 0 else text[position:end]
            if cell.lstrip(" \t").startswith(quote):
                guess(
                    "importer-stray-quote",
                    "A quote is not closed, so it was read as an ordinary character.",
                    number,
                )
            cells.append(cell)
            is_last = end < 0
            if not is_last:
                position = end + 1
            if is_last:
                return cells
            continue
        if is_last:
            return cells
        position = match.end()


def _joined(text: str, spent: int, lines: _Lines, marks: _Marks) -> str | None:
    """Return an open field joined with the following lines, up to its closing quote.

    Returns:
        The text; `None` if the quote is never closed and is an ordinary character.

    Args:
        text: The row from the field's beginning.
        spent: Number of characters of the row before the field.
        lines: The following lines.
        marks: Delimiter and quote.
    """
    parts = [text]
    length = spent + len(text)
    for index in range(_MOST_LINES):
        line = lines.look_ahead(index)
        if line is None or line[2] is not None:
            return None
        parts.append(line[1])
        length += len(line[1]) + 1
        if length > LONGEST_LINE:
            return None
        if marks.stays_open.fullmatch(line[1]) is None:
            whole = "\n".join(parts)
            if marks.enclosed.match(whole) is None:
                return None  # closed, but not at the end of a cell
            lines.skip(index + 1)
            return whole
    return None
