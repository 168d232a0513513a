"""CSV cells that are safe to open in a spreadsheet."""

from __future__ import annotations

from typing import Final

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would run."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def unsafe_cell(text: str) -> str:
    """Return the text that `safe_cell` made safe."""
    is_marked = text.startswith("'") and text[1:].startswith(_FORMULA_STARTS)
    return text[1:] if is_marked else text
