"""CSV cells that are safe to open in a spreadsheet."""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(
    r"'*+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
)
"""What a spreadsheet would run, or what looks like such a cell that was made safe: the
signs of ASCII, full-width and small ones, and white space that hides them."""


def safe_cell(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would run."""
    return f"'{text}" if _FORMULA.match(text) else text


def unsafe_cell(text: str) -> str:
    """Return the text that `safe_cell` made safe."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
