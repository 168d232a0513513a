"""CSV cells that are safe to open in a spreadsheet."""

from __future__ import annotations

from typing import Final

_SIGNS: Final = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")
"""What a formula begins with: signs of ASCII, full-width and small ones."""
_BREAKS: Final = frozenset("\t\r\n")
"""White space after which programs begin a new cell."""
_LAST_SPACE: Final = 0x3000
_IGNORED: Final = "'\"\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" + "".join(
    sign for sign in map(chr, range(_LAST_SPACE + 1)) if sign.isspace() or sign < " "
)
"""Quotes, white space and characters nobody sees: programs drop them at the start."""


def safe_cell(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would run."""
    return f"'{text}" if _may_run(text) else text


def unsafe_cell(text: str) -> str:
    """Return the text that `safe_cell` made safe."""
    return text[1:] if text.startswith("'") and _may_run(text) else text


def _may_run(text: str) -> bool:
    """Return whether a spreadsheet may run a cell, or the cell was made safe."""
    rest = text.lstrip(_IGNORED)
    start = text[: len(text) - len(rest)]
    return rest[:1] in _SIGNS or not _BREAKS.isdisjoint(start)
