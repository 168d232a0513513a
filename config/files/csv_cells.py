"""Escaping of CSV cells against formula injection in spreadsheets."""

from __future__ import annotations

from typing import Final

_SIGNS: Final = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")
"""First characters of formulas: ASCII, full-width and small signs."""
_BREAKS: Final = frozenset("\t\r\n")
"""Whitespace after which programs start a new cell."""
_LAST_SPACE: Final = 0x3000
_IGNORED: Final = "'\"\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" + "".join(
    sign for sign in map(chr, range(_LAST_SPACE + 1)) if sign.isspace() or sign < " "
)
"""Quotes, whitespace and invisible characters that programs drop at the start."""


def safe_cell(text: str) -> str:
    """Return the text, prefixed with an apostrophe if a spreadsheet would run it."""
    return f"'{text}" if _may_run(text) else text


def unsafe_cell(text: str) -> str:
    """Undo `safe_cell`."""
    return text[1:] if text.startswith("'") and _may_run(text) else text


def _may_run(text: str) -> bool:
    """Return whether a spreadsheet may run the cell, or the cell was escaped."""
    rest = text.lstrip(_IGNORED)
    start = text[: len(text) - len(rest)]
    return rest[:1] in _SIGNS or not _BREAKS.isdisjoint(start)
