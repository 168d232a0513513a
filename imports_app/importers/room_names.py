"""What rooms can be called here."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

_FORBIDDEN: Final = re.compile(r"[^\w.-]+")


def room_name(text: str | None) -> str:
    """Return a name as it can stand after a `#`; empty if nothing is left of it."""
    # Letters with marks of their own, as in names that a Mac wrote, would lose these.
    return _FORBIDDEN.sub("-", normalize("NFC", text or "")).strip("-")
